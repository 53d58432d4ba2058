-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- Whoever suspends a tenant, or lets it in again, by whatever statement: all its people's rights have changed, and each node hears so by the
-- row that ends a user's, without a user (internal/event). As the owner, because not everybody who may change a tenant writes the outbox; under
-- the tenant's own id, because the owner obeys row level security too. What was set before is set again: one statement may change several.
create function tenant_status_changed() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
begin
  perform set_config('app.tenant_id', new.id::text, true);
  insert into outbox (tenant_id, entity, version, docs, channels)
  values (new.id, 'access/00000000-0000-0000-0000-000000000000', 1, '{"access":{}}', '{access}');
  perform set_config('app.tenant_id', before, true);
  return null;
end $f$;
revoke all on function tenant_status_changed() from public;
create trigger status_changed after update on tenant for each row when (old.status is distinct from new.status) execute function tenant_status_changed();
-- +goose StatementEnd

-- +goose Down
select 1;
