-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- A sign-in that ends by whatever statement is heard by every node: ended (0053), deleted (nobody and no tenant goes without theirs), expired
-- before its time, or made another's. By the statement and person, like rights (0042), so that whoever ends a hundred thousand of them does
-- not have each node look at each of its sockets as often. Sign-ins that have run out are swept in silence.
create function sign_ins_changed() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform access_changed(x.tenant_id, array_agg(distinct x.user_id)) from was x
  where x.ended_at is null and not exists (select from is_now n
    where n.tenant_id = x.tenant_id and n.id = x.id and n.user_id = x.user_id and n.ended_at is null and n.expires_at >= x.expires_at)
  group by x.tenant_id;
  return null;
end $f$;
create function sign_ins_deleted() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform access_changed(x.tenant_id, array_agg(distinct x.user_id)) from was x
  where x.ended_at is null and x.expires_at > clock_timestamp() group by x.tenant_id;
  return null;
end $f$;
revoke all on function sign_ins_changed(), sign_ins_deleted() from public;

drop trigger sign_in_ended on sign_in;
drop function sign_in_ended();
create trigger sign_ins_changed after update on sign_in referencing old table as was new table as is_now for each statement execute function sign_ins_changed();
create trigger sign_ins_deleted after delete on sign_in referencing old table as was for each statement execute function sign_ins_deleted();
-- +goose StatementEnd

-- +goose Down
select 1;
