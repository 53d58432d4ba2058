-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

create table app_user (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  name text not null check (length(name) between 1 and 120),
  phone text,
  locale text check (locale in ('en', 'fr', 'ar')),
  password_hash text,                 -- null: cannot sign in by password
  status text not null default 'active' check (status in ('active', 'disabled')),
  source text not null default 'manual',
  external_id text,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, email),
  unique (tenant_id, source, external_id));
select isolate('app_user', 'select, insert, update');

-- A role is data: a name and permissions of the catalogue. Policies are code.
create table role (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  name text not null check (name ~ '^[a-z][a-z0-9_-]{1,40}$'),
  permissions text[] not null,
  built_in boolean not null default false,
  primary key (tenant_id, id),
  unique (tenant_id, name));
select isolate('role');

-- Where a role holds: everywhere in the tenant, for one line, one queue, one unit's
-- subtree, or only for what is the user's own.
create table user_role (
  tenant_id uuid not null,
  user_id uuid not null,
  role_id uuid not null,
  scope text not null default 'tenant' check (scope in ('tenant', 'unit', 'line', 'queue', 'own')),
  scope_id uuid not null default '00000000-0000-0000-0000-000000000000',
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, user_id, role_id, scope, scope_id),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id),
  foreign key (tenant_id, role_id) references role (tenant_id, id));
create index user_role_role on user_role (tenant_id, role_id);
select isolate('user_role');

-- One sign-in: a family of refresh tokens, of which the newest is good. Showing an older
-- one again means that somebody else has it: the family ends.
create table sign_in (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  token_hash bytea not null,
  previous_hash bytea,
  rotated_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_why text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id));
create index sign_in_user on sign_in (tenant_id, user_id) where ended_at is null;
create index sign_in_expiry on sign_in (expires_at);
select isolate('sign_in');
select open_to_system('sign_in', 'select, delete');

-- A key to the socket: single use, thirty seconds.
create table socket_ticket (
  tenant_id uuid not null,
  token_hash bytea not null,
  user_id uuid not null,
  sign_in_id uuid not null,
  expires_at timestamptz not null,
  primary key (tenant_id, token_hash),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id));
create index socket_ticket_expiry on socket_ticket (expires_at);
select isolate('socket_ticket', 'select, insert, delete');
select open_to_system('socket_ticket', 'select, delete');

-- Keys that sign access tokens. They belong to the installation, not to a tenant; the
-- private half is sealed with the installation's secret.
create table signing_key (
  kid text primary key,
  public_key bytea not null,
  sealed_private_key bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  retires_at timestamptz not null);
grant select, insert, delete on signing_key to waymeet_system;
grant select on signing_key to waymeet_backup;

-- Keys that sign tickets, a tenant's own. Drivers' phones hold the public halves.
create table ticket_key (
  tenant_id uuid not null references tenant (id),
  kid smallint not null check (kid between 1 and 255),
  public_key bytea not null,
  sealed_private_key bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  retires_at timestamptz,
  primary key (tenant_id, kid));
select isolate('ticket_key', 'select, insert, update');
-- +goose StatementEnd

-- +goose Down
select 1;
