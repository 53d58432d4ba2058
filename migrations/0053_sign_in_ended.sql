-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- A sign-in that ends by whatever statement is heard by every node, as rights are (0042): its sockets close. The services tell it as well.
create function sign_in_ended() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
begin
  perform set_config('app.tenant_id', new.tenant_id::text, true);
  insert into outbox (tenant_id, entity, version, docs, channels)
  values (new.tenant_id, 'access/' || new.user_id, 1, json_build_object('access', json_build_object('user', new.user_id, 'session', new.id)), '{access}');
  perform set_config('app.tenant_id', before, true);
  return null;
end $f$;
revoke all on function sign_in_ended() from public;
create trigger sign_in_ended after update on sign_in for each row
  when (old.ended_at is null and new.ended_at is not null) execute function sign_in_ended();
-- +goose StatementEnd

-- +goose Down
select 1;
