-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- Who is connected where. Unlogged: after a crash it is empty and worth nothing, and nodes write it anew.
--
-- A node renews one lease, its own, and whoever is connected to it is connected as long as that lease runs: 15,000 sockets
-- cost one row every few seconds. Its epoch is that of one run: a node that comes back under the same name is another.
create unlogged table live_node (
  epoch uuid primary key,
  name text not null check (length(name) between 1 and 200),
  since timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null);
grant select on live_node to waymeet_app;
grant select, insert, update, delete on live_node to waymeet_system;

create unlogged table live_presence (
  tenant_id uuid not null,
  user_id uuid not null,
  conn_id uuid not null,
  device uuid not null,               -- the sign-in that the credential comes from
  epoch uuid not null,                -- of the node; not a key: rows outlive the node for a moment, and nobody sees them
  browser boolean not null,
  since timestamptz not null,
  primary key (tenant_id, user_id, conn_id));
create index live_presence_epoch on live_presence (epoch);
select isolate('live_presence', 'select');
select open_to_system('live_presence', 'select, insert, delete');

-- +goose StatementEnd

-- +goose Down
select 1;
