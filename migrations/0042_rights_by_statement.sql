-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- Rights that change by whatever statement are heard by every node, as a tenant's status is (0032): whoever was given or lost a role,
-- whoever was disabled, and everybody where a role says something else. Services tell it as well, so that nodes hear of theirs through the
-- bus; of the rows made here one a person and transaction is enough, unless it is of one sign-in alone. Beyond a hundred people of a
-- statement it is everybody: nodes ask again either way.
create function access_changed(whose uuid, people uuid[]) returns void language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  everybody constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  perform set_config('app.tenant_id', whose::text, true);
  insert into outbox (tenant_id, entity, version, docs, channels)
  select whose, 'access/' || p, 1, json_build_object('access', case when p = everybody then '{}' else json_build_object('user', p) end), '{access}'
  from unnest(case when cardinality(people) > 100 then array[everybody] else people end) p
  where not exists (select from outbox o where o.xid = pg_current_xact_id() and o.tenant_id = whose
    and o.entity in ('access/' || p, 'access/' || everybody) and o.docs -> 'access' -> 'session' is null);
  perform set_config('app.tenant_id', before, true);
end $f$;
revoke all on function access_changed(uuid, uuid[]) from public;

-- was and is_now are a statement's rows before and after it.
create function user_roles_given() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform access_changed(x.tenant_id, array_agg(distinct x.user_id)) from is_now x group by x.tenant_id;
  return null;
end $f$;
create function user_roles_taken() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform access_changed(x.tenant_id, array_agg(distinct x.user_id)) from was x group by x.tenant_id;
  return null;
end $f$;
create function user_roles_changed() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform access_changed(x.tenant_id, array_agg(distinct x.user_id)) from (select tenant_id, user_id from was union select tenant_id, user_id from is_now) x group by x.tenant_id;
  return null;
end $f$;
create function user_status_changed() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform access_changed(x.tenant_id, array_agg(x.id)) from is_now x join was using (tenant_id, id) where was.status is distinct from x.status group by x.tenant_id;
  return null;
end $f$;
create function role_changed() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform access_changed(new.tenant_id, array['00000000-0000-0000-0000-000000000000'::uuid]);
  return null;
end $f$;
revoke all on function user_roles_given(), user_roles_taken(), user_roles_changed(), user_status_changed(), role_changed() from public;

create trigger rights_given after insert on user_role referencing new table as is_now for each statement execute function user_roles_given();
create trigger rights_taken after delete on user_role referencing old table as was for each statement execute function user_roles_taken();
create trigger rights_changed after update on user_role referencing old table as was new table as is_now for each statement execute function user_roles_changed();
create trigger rights_changed after update on app_user referencing old table as was new table as is_now for each statement execute function user_status_changed();
create trigger rights_changed after update on role for each row
  when (old.name is distinct from new.name or old.permissions is distinct from new.permissions) execute function role_changed();
-- +goose StatementEnd

-- +goose Down
select 1;
