-- +goose Up
-- +goose StatementBegin
-- What gateways tell us, and whose gateways they are. Payments follow in a migration of their own.
set lock_timeout = '3s';

-- add_job commits a job together with what it is about. Jobs belong to no tenant's role: this runs as the owner, writes
-- the transaction's tenant into the arguments itself, and knows the kinds that may be asked for. A job whose key is
-- waiting already is not added again.
create function add_job(job_kind text, job_args jsonb, job_key text, tries smallint, run_at timestamptz) returns void
language plpgsql security definer set search_path = public, pg_temp as $f$
declare
  whose text := (select current_setting('app.tenant_id')::uuid)::text;
begin
  if job_kind not in ('apply_webhook') then
    raise exception 'no job is called %', job_kind using errcode = '22023';
  end if;
  insert into river_job (kind, args, max_attempts, priority, queue, state, scheduled_at, unique_key, unique_states)
  values (job_kind, job_args || jsonb_build_object('tenant', whose), tries, 1, 'money',
    case when run_at > clock_timestamp() then 'scheduled' else 'available' end::river_job_state, run_at,
    sha256(convert_to(job_kind || '/' || whose || '/' || job_key, 'utf8')),
    B'11110101') -- River's own set: available, pending, retryable, running, scheduled and completed
  on conflict (unique_key) where unique_key is not null and unique_states is not null and river_job_state_in_bitmask(unique_states, state)
  do nothing;
end $f$;
revoke all on function add_job(text, jsonb, text, smallint, timestamptz) from public;
grant execute on function add_job(text, jsonb, text, smallint, timestamptz) to waymeet_app;

-- A tenant's account with a gateway. It is its own merchant: credentials are its own, sealed.
create table gateway_account (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  kind text not null check (kind in ('stripe', 'redirect', 'cash')),
  merchant text not null check (merchant <> ''),   -- of record: whom payers see on their statements
  kms_key text not null,                           -- wraps the record's own key
  wrapped_key bytea not null,
  sealed_credentials bytea not null,
  active boolean not null default true,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id));
create unique index gateway_account_active on gateway_account (tenant_id, kind) where active;
select isolate('gateway_account', 'select, insert, update');

-- An account that a gateway keeps for somebody whom the tenant pays. An event about an account that is not here is not
-- the tenant's, whatever its signature says.
create table connected_account (
  tenant_id uuid not null,
  gateway_account_id uuid not null,
  gateway_ref text not null check (gateway_ref <> ''),
  user_id uuid not null,
  state jsonb not null default '{}',               -- capabilities and what is still asked for, as last seen
  seen_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, gateway_account_id, gateway_ref),
  unique (tenant_id, gateway_account_id, user_id),
  foreign key (tenant_id, gateway_account_id) references gateway_account (tenant_id, id),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id));
select isolate('connected_account', 'select, insert, update');

-- Events that a gateway has sent, each once. What an event says is not kept: its object is fetched anew, so order does
-- not matter, and nobody's address or card lies here.
create table webhook_event (
  tenant_id uuid not null,
  id uuid not null,
  gateway_account_id uuid not null,
  gateway_ref text not null check (gateway_ref <> ''),
  endpoint text not null check (endpoint in ('platform', 'connect')),
  account text check ((account is not null) = (endpoint = 'connect')), -- the connected account that it is about
  kind text not null,                              -- payment_intent.succeeded
  object_kind text not null,                       -- payment_intent
  object_id text not null,
  happened_at timestamptz not null,                -- by the gateway's clock
  received_at timestamptz not null default clock_timestamp(),
  state text not null default 'waiting' check (state in ('waiting', 'done', 'ignored', 'dead')),
  tries smallint not null default 0,
  replays smallint not null default 0,
  problem text check (length(problem) <= 500),     -- why it could not be applied yet, in words
  settled_at timestamptz check ((settled_at is not null) = (state <> 'waiting')),
  primary key (tenant_id, id),
  unique (tenant_id, gateway_account_id, gateway_ref),
  foreign key (tenant_id, gateway_account_id) references gateway_account (tenant_id, id));
create index webhook_event_recent on webhook_event (tenant_id, received_at desc, id desc);
create index webhook_event_dead on webhook_event (tenant_id, received_at) where state = 'dead';
create index webhook_event_waiting on webhook_event (tenant_id, received_at) where state = 'waiting';
select isolate('webhook_event', 'select, insert, update');
-- +goose StatementEnd

-- +goose Down
select 1;
