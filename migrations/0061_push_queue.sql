-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- Whom to wake is asked of strangers' servers, as slow as they like: what waits for them never stands before money.
alter table job_kind add column queue text not null default 'money';
update job_kind set queue = 'push' where kind = 'push';

create or replace function add_jobs(kinds text[], args jsonb[], keys text[], tries smallint, run_ats timestamptz[]) returns void
language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $f$
declare
  whose text := (select current_setting('app.tenant_id')::uuid)::text;
  unknown text := (select k from unnest(kinds) k where not exists (select from job_kind j where j.kind = k) limit 1);
begin
  if unknown is not null then
    raise exception 'no job is called %', unknown using errcode = '22023';
  end if;
  insert into river_job (kind, args, max_attempts, priority, queue, state, scheduled_at, unique_key, unique_states)
  select i.kind, i.arg || jsonb_build_object('tenant', whose), tries, 1, j.queue,
    case when i.run_at > clock_timestamp() then 'scheduled' else 'available' end::river_job_state, i.run_at,
    sha256(convert_to(i.kind || '/' || whose || '/' || i.key, 'utf8')),
    B'11110101' -- River's own set: available, pending, retryable, running, scheduled and completed
  from unnest(kinds, args, keys, run_ats) with ordinality i (kind, arg, key, run_at, n) join job_kind j on j.kind = i.kind order by i.kind, i.key, i.n
  on conflict (unique_key) where unique_key is not null and unique_states is not null and river_job_state_in_bitmask(unique_states, state)
  do nothing;
end $f$;
-- +goose StatementEnd

-- +goose Down
select 1;
