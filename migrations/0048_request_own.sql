-- +goose Up
-- +goose StatementBegin
-- Whoever waits in another queue, by a supervisor's word or because nobody took them, is asked for by one rule: what they asked for themselves stays, what the old
-- queue asks of everybody is not asked any more, and what the new one asks is.
set lock_timeout = '3s';

-- What the client asked for, whatever the queue does: 0 is not at all, and null (of a version before) what their queue did not ask of everybody.
alter table request_skill add column own smallint check (own between 0 and 5);

-- Writes what is asked of an expert in another queue; why not, or null. Call it behind the request's lock.
create function needs_move(_t uuid, _request uuid, _from uuid, _into uuid) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  skills uuid[]; levels smallint[]; owns smallint[];
begin
  select array_agg(b.skill order by b.n), array_agg(b.level order by b.n), array_agg(b.own order by b.n) into skills, levels, owns from (
    select a.skill, max(a.level) as level, max(a.own) as own, min(a.n) as n from (
      select k.skill_id as skill, coalesce(k.own, k.level) as level, coalesce(k.own, k.level) as own, k.n::bigint as n from request_skill k
      where k.tenant_id = _t and k.request_id = _request and k.own is distinct from 0
        and (k.own is not null or not exists (select from queue_skill o where o.tenant_id = _t and o.queue_id = _from and o.skill_id = k.skill_id))
      union all
      select w.skill_id, w.level, 0::smallint, 100 + row_number() over (order by w.skill_id) from queue_skill w where w.tenant_id = _t and w.queue_id = _into) a
    group by a.skill) b;
  if cardinality(skills) > 8 then
    return 'too_long';
  end if;
  delete from request_skill k where k.tenant_id = _t and k.request_id = _request;
  insert into request_skill (tenant_id, request_id, n, skill_id, level, own)
  select _t, _request, i, skills[i], levels[i], owns[i] from generate_subscripts(skills, 1) i;
  return null;
end $f$;
revoke all on function needs_move(uuid, uuid, uuid, uuid) from public;

create or replace function supervise_request(_t uuid, _request uuid, _priority smallint, _queue uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  r request; q queue;
  code text;
begin
  select * into r from request x where x.tenant_id = _t and x.id = _request for no key update;
  if not found then
    return jsonb_build_object('refused', 'request_not_found');
  end if;
  if _queue is not null then
    select * into q from queue x where x.tenant_id = _t and x.id = _queue;
  end if;
  code := case
    when r.state = 'matched' then 'request_matched'
    when r.state <> 'waiting' then 'request_over'
    when _queue is null then null
    when q.id is null then 'queue_not_found'
    when not q.open then 'queue_closed'
    when not r.modality = any (q.modalities) then 'modality_not_offered'
    when exists (select from offer x where x.tenant_id = _t and x.request_id = _request and x.state = 'open') then 'request_rung' end;
  if code is null and _queue <> r.queue_id then
    code := needs_move(_t, _request, r.queue_id, _queue);
  end if;
  if code is null then
    update request x set queue_id = coalesce(_queue, x.queue_id), priority = coalesce(_priority, x.priority), version = x.version + 1
    where x.tenant_id = _t and x.id = _request;
  end if;
  return jsonb_build_object('refused', code);
end $f$;

create or replace function move_request(_t uuid, _queue uuid, _epoch bigint, _request uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  r request;
  into_queue uuid;
  code text;
begin
  perform from queue_owner w where w.tenant_id = _t and w.queue_id = _queue and w.epoch = _epoch and w.expires_at > clock_timestamp() for key share;
  if not found then
    return jsonb_build_object('refused', 'owner_lost');
  end if;
  select * into r from request x where x.tenant_id = _t and x.id = _request for no key update;
  if not found then
    return jsonb_build_object('refused', 'request_not_found');
  end if;
  select q.overflow_id into into_queue from queue q join queue o on o.tenant_id = q.tenant_id and o.id = q.overflow_id
  where q.tenant_id = _t and q.id = _queue and o.open and r.modality = any (o.modalities);
  code := case
    when r.state <> 'waiting' then 'request_over'
    when r.queue_id <> _queue then 'request_moved'
    when into_queue is null then 'queue_not_found'
    when exists (select from offer x where x.tenant_id = _t and x.request_id = _request and x.state = 'open') then 'request_rung'
    else needs_move(_t, _request, _queue, into_queue) end;
  if code is null then
    update request x set queue_id = into_queue, version = x.version + 1 where x.tenant_id = _t and x.id = _request returning * into r;
  end if;
  return jsonb_build_object('refused', code, 'queue', r.queue_id, 'request', r.id, 'version', r.version);
end $f$;
-- +goose StatementEnd

-- +goose Down
select 1;
