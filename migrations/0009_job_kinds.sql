-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- What a tenant's transaction may ask to be done after it. A part that brings work of a new kind adds a row, not another
-- copy of the function.
create table job_kind (
  kind text primary key check (kind ~ '^[a-z][a-z_]{2,39}$'),
  says text not null check (says <> ''));
insert into job_kind values
  ('apply_webhook', 'draws from a gateway''s object what an event says has changed'),
  ('carry_payment', 'brings what was asked about a payment to its gateway');

create or replace function add_job(job_kind text, job_args jsonb, job_key text, tries smallint, run_at timestamptz) returns void
language plpgsql security definer set search_path = public, pg_temp as $f$
declare
  whose text := (select current_setting('app.tenant_id')::uuid)::text;
begin
  if not exists (select from job_kind k where k.kind = add_job.job_kind) then
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

-- What is paid for, and what is asked of gateways, with sessions, passes and the ways of holding money.
alter table payment drop constraint payment_subject_check;
alter table payment add constraint payment_subject_kind check (subject ~ '^(booking|wallet|session|pass|invoice)/[0-9a-f-]{36}$') not valid;
alter table payment_operation drop constraint payment_operation_op_check;
alter table payment_operation add constraint payment_operation_kind check (op in ('pay', 'authorise', 'extend', 'capture', 'cancel', 'refund')) not valid;
-- +goose StatementEnd

-- +goose Down
select 1;
