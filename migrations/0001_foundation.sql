-- +goose Up
-- +goose StatementBegin
-- The ground that every later migration stands on: who may touch what, and how a table
-- becomes a tenant's own. Roles are made once per cluster by store.Bootstrap.
set lock_timeout = '3s';

-- isolate gives a table its tenancy: row level security that even the owner obeys, one
-- policy that compares with the transaction's tenant (no missing_ok: an unset tenant is
-- an error, never an empty answer), and the grants that the app role works with.
create function isolate(t regclass, grants text default 'select, insert, update, delete') returns void
language plpgsql as $f$
begin
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy tenant on %s to waymeet_app, waymeet_owner '
    'using (tenant_id = (select current_setting(''app.tenant_id'')::uuid)) '
    'with check (tenant_id = (select current_setting(''app.tenant_id'')::uuid))', t);
  execute format('grant %s on %s to waymeet_app', grants, t);
  execute format('grant select on %s to waymeet_backup', t);
end $f$;

-- open_to_system lets the system role see across tenants, for the short list of tables
-- where work is found before it is known whose it is; what is found is done in InTx.
create function open_to_system(t regclass, grants text) returns void
language plpgsql as $f$
begin
  execute format('create policy system on %s to waymeet_system using (true) with check (true)', t);
  execute format('grant %s on %s to waymeet_system', grants, t);
end $f$;

-- Rows that are evidence are never rewritten.
create function append_only() returns trigger language plpgsql as $f$
begin
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end $f$;

-- The months that trips and bookings of these service dates live in. Runs as the owner,
-- because the app role may not create tables; harmless to repeat and to race.
create function ensure_service_months(first date, last date) returns void
language plpgsql security definer set search_path = public, pg_temp as $f$
declare
  m date := date_trunc('month', first)::date;
  parent text;
  part text;
begin
  if last < first or last - first > 800 then
    raise exception 'service months % to %: not a sensible range', first, last using errcode = '22023';
  end if;
  while m <= last loop
    foreach parent in array array['trip', 'booking'] loop
      part := parent || to_char(m, '_YYYYMM');
      if to_regclass(part) is null then
        perform pg_advisory_xact_lock(hashtext('ensure_service_months'));
        -- Waiting for the lock does not refresh what this session believes about names: ask by trying.
        begin
          execute format('create table %I partition of %I for values from (%L) to (%L) with (fillfactor = 80)',
            part, parent, m, (m + interval '1 month')::date);
        exception when duplicate_table then null;
        end;
      end if;
    end loop;
    m := (m + interval '1 month')::date;
  end loop;
end $f$;
revoke all on function ensure_service_months(date, date) from public;
grant execute on function ensure_service_months(date, date) to waymeet_app, waymeet_system;

-- Tenants. The row itself is isolated by its id.
create table tenant (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{1,40}$'),
  name text not null check (length(name) between 1 and 120),
  time_zone text not null,
  currency char(3) not null check (currency = upper(currency)),
  locale text not null default 'en' check (locale in ('en', 'fr', 'ar')),
  settings jsonb not null default '{}',
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null default clock_timestamp());
alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant on tenant to waymeet_app, waymeet_owner
  using (id = (select current_setting('app.tenant_id')::uuid))
  with check (id = (select current_setting('app.tenant_id')::uuid));
grant select, update on tenant to waymeet_app;
grant select on tenant to waymeet_backup;
select open_to_system('tenant', 'select, insert, update');

-- The log of committed changes. Rotated like a drum: eight slots of 150 s each, the slot
-- after next is truncated, so rows live for at least twelve minutes and nothing is ever
-- deleted row by row. A slot that somebody still writes to cannot be truncated.
create table outbox (
  slot smallint not null default ((extract(epoch from clock_timestamp())::bigint / 150) % 8)::smallint,
  xid xid8 not null default pg_current_xact_id(),
  n bigint not null generated always as identity,
  tenant_id uuid not null,
  entity text not null,
  version bigint not null,
  docs json,                          -- by projection, as written; null is a tombstone
  channels text[] not null,           -- those it belongs to after the change
  left_channels text[] not null default '{}',
  at timestamptz not null default clock_timestamp()) partition by list (slot);
create table outbox_0 partition of outbox for values in (0);
create table outbox_1 partition of outbox for values in (1);
create table outbox_2 partition of outbox for values in (2);
create table outbox_3 partition of outbox for values in (3);
create table outbox_4 partition of outbox for values in (4);
create table outbox_5 partition of outbox for values in (5);
create table outbox_6 partition of outbox for values in (6);
create table outbox_7 partition of outbox for values in (7);
create index outbox_xid on outbox (xid);
select isolate('outbox', 'insert');
select open_to_system('outbox', 'select');

-- Everything below this transaction id has been truncated away: a tail that stood lower
-- has missed rows and must read its sets anew.
create table outbox_horizon (
  one boolean primary key default true check (one),
  xid xid8 not null default '0');
insert into outbox_horizon default values;
grant select on outbox_horizon to waymeet_system;

-- Empties the slot that comes after the next one, once per turn of the drum.
create function outbox_rotate() returns void
language plpgsql security definer set search_path = public, pg_temp as $f$
declare
  s smallint := ((extract(epoch from clock_timestamp())::bigint / 150 + 2) % 8)::smallint;
  top xid8;
begin
  set local lock_timeout = '200ms';
  execute format('lock table outbox_%s in access exclusive mode', s);
  execute format('select xid from outbox_%s order by xid desc limit 1', s) into top;
  if top is not null then
    update outbox_horizon set xid = greatest(xid, top);
    execute format('truncate outbox_%s', s);
  end if;
end $f$;
revoke all on function outbox_rotate() from public;
grant execute on function outbox_rotate() to waymeet_system;

-- A serving node asks how far the schema is before it says that it is ready.
grant select on goose_db_version to waymeet_system;

-- Who did what. Written in the transaction that did it; never rewritten.
create table audit (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null default clock_timestamp(),
  actor uuid,                         -- null: the system itself
  action text not null,
  target text not null,
  detail jsonb not null default '{}',
  xid xid8 not null default pg_current_xact_id(),
  primary key (tenant_id, id));
create index audit_target on audit (tenant_id, target, at);
select isolate('audit', 'select, insert');
create trigger immutable before update or delete on audit for each row execute function append_only();
create trigger immutable_all before truncate on audit for each statement execute function append_only();

-- Repeats of a request. The key is kept with its answer in the transaction that does the work (docs/adr/0006).
create table idempotency (
  tenant_id uuid not null,
  actor uuid not null,
  operation text not null,
  key text not null check (length(key) between 1 and 128),
  body_hash bytea not null,
  status smallint,
  answer jsonb,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, actor, operation, key));
create index idempotency_age on idempotency (created_at); -- the sweep takes all tenants' at once
select isolate('idempotency');
select open_to_system('idempotency', 'select, delete');
-- +goose StatementEnd

-- +goose Down
select 1;
