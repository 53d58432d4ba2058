-- +goose Up
-- +goose StatementBegin
-- What payers were asked for, and what came of it. The gateway owns what happened to the payer's money; these rows are the
-- join of all looks at it (billing/payment), and what was asked of the gateway, each thing under its own key.
set lock_timeout = '3s';

create table payment (
  tenant_id uuid not null,
  id uuid not null,
  gateway_account_id uuid not null,
  payer_id uuid not null,
  subject text not null check (subject ~ '^(booking|wallet)/[0-9a-f-]{36}$'),  -- what it pays
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  gateway_ref text check (gateway_ref <> ''),       -- the gateway's object, once it is known
  status text not null default 'open' check (status in ('open', 'authorised', 'paid', 'cancelled')),
  authorised bigint not null default 0 check (authorised between 0 and amount),
  captured bigint not null default 0 check (captured between 0 and amount),
  refunded bigint not null default 0 check (refunded between 0 and captured),
  disputed bigint not null default 0 check (disputed between 0 and captured),
  lost bigint not null default 0 check (lost >= 0),
  won bigint not null default 0 check (won >= 0),
  decline text,                                     -- why the last attempt was refused, in our words, while it is open
  outcome text check (outcome <> ''),               -- what became of the subject
  closes_at timestamptz not null,                   -- when one that nobody has paid is called off
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  check (lost + won <= disputed),
  check ((status = 'cancelled') <= (captured = 0)),
  check ((captured > 0) <= (status = 'paid')),
  foreign key (tenant_id, gateway_account_id) references gateway_account (tenant_id, id),
  foreign key (tenant_id, payer_id) references app_user (tenant_id, id));
create unique index payment_ref on payment (tenant_id, gateway_account_id, gateway_ref) where gateway_ref is not null;
-- One thing is not paid twice at once.
create unique index payment_at_work on payment (tenant_id, subject) where status in ('open', 'authorised');
create index payment_subject on payment (tenant_id, subject, created_at);
create index payment_recent on payment (tenant_id, created_at desc, id desc);
create index payment_payer on payment (tenant_id, payer_id, created_at desc);
select isolate('payment', 'select, insert, update');

-- What was asked of the gateway: committed before it is asked, so that whoever takes over asks for the same thing under
-- the same key.
create table payment_operation (
  tenant_id uuid not null,
  payment_id uuid not null,
  op text not null check (op in ('pay', 'capture', 'cancel', 'refund')),
  n smallint not null check (n > 0),
  amount bigint not null check (amount >= 0),
  why text not null default '',
  state text not null default 'waiting' check (state in ('waiting', 'done', 'refused')),
  tries smallint not null default 0,
  problem text check (length(problem) <= 500),
  gateway_ref text,                                 -- of what it made: a refund
  created_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz check ((settled_at is not null) = (state <> 'waiting')),
  primary key (tenant_id, payment_id, op, n),
  foreign key (tenant_id, payment_id) references payment (tenant_id, id));
create index payment_operation_waiting on payment_operation (tenant_id, created_at) where state = 'waiting';
select isolate('payment_operation', 'select, insert, update');

-- The kinds that a transaction may ask for, with what money needs.
create or replace function add_job(job_kind text, job_args jsonb, job_key text, tries smallint, run_at timestamptz) returns void
language plpgsql security definer set search_path = public, pg_temp as $f$
declare
  whose text := (select current_setting('app.tenant_id')::uuid)::text;
begin
  if job_kind not in ('apply_webhook', 'carry_payment') then
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
-- +goose StatementEnd

-- +goose Down
select 1;
