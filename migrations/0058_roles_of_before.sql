-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- Tenants that were there before a permission or a built-in role was have it from now on. A role that a tenant made itself under such a
-- name stays as it is. Whoever adds a permission to a built-in role adds a file like this one: identity's TestTenantsOfBeforeHaveTheBuiltInRoles
-- runs them all on a tenant of the first day.
set local role waymeet_migrator; -- who sees all tenants
insert into role (tenant_id, id, name, permissions, built_in)
select t.id, gen_random_uuid(), v.name, v.permissions::text[], true from tenant t, (values
  ('rider', '{stop.read,line.read,trip.read,booking.hold,booking.read,booking.cancel}'),
  ('driver', '{stop.read,line.read,trip.read,manifest.read,boarding.write,position.publish}'),
  ('dispatcher', '{stop.read,line.read,trip.read,trip.operate,booking.read_any,booking.cancel_any,board.read,manifest.read,boarding.write,position.publish_any}'),
  ('admin', '{stop.read,line.read,trip.read,trip.operate,booking.hold,booking.read,booking.read_any,booking.cancel,booking.cancel_any,board.read,manifest.read,boarding.write,position.publish,position.publish_any,gtfs.import,user.read,user.write,tenant.write,audit.read,payout.make,payout.approve,finance.read,finance.write,invoice.write,cash.take,pass.write,organisation.read,organisation.write,company.manage,advice.ask,advice.give,queue.read,queue.write,session.listen,session.whisper,session.barge}'),
  ('finance', '{finance.read,finance.write,payout.make,payout.approve,invoice.write,organisation.read}'),
  ('agent', '{cash.take}'),
  ('manager', '{company.manage}'),
  ('client', '{advice.ask}'),
  ('expert', '{advice.give}'),
  ('supervisor', '{queue.read,queue.write,session.listen,session.whisper,session.barge}')) v (name, permissions)
on conflict (tenant_id, name) do update set permissions = role.permissions || array(select p from unnest(excluded.permissions) p where p <> all (role.permissions))
  where role.built_in and not role.permissions @> excluded.permissions;
set local role waymeet_owner;
-- +goose StatementEnd

-- +goose Down
select 1;
