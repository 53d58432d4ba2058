-- +goose Up
-- +goose StatementBegin
-- What supervisors do to those who wait, and what a client wrote about what they need.
set lock_timeout = '3s';

-- What a client wrote: in a table of its own, because a request's row is written anew with whatever happens to it.
create table request_about (
  tenant_id uuid not null,
  request_id uuid not null,
  about text not null check (length(about) between 1 and 2000),
  primary key (tenant_id, request_id),
  foreign key (tenant_id, request_id) references request (tenant_id, id));
select isolate('request_about', 'select, insert');

create or replace function request_shown(r request) returns jsonb language sql stable set search_path = pg_catalog, public, pg_temp as $f$
  select jsonb_build_object('id', r.id, 'queue', r.queue_id, 'client', r.client_id, 'modality', r.modality, 'languages', r.languages, 'ceiling', r.ceiling, 'currency', r.currency,
    'priority', r.priority, 'state', r.state, 'placed_at', r.placed_at, 'matched_at', r.matched_at, 'ended_at', r.ended_at, 'expert', r.expert_id, 'offer', r.offer_id, 'version', r.version,
    'about', coalesce((select a.about from request_about a where a.tenant_id = r.tenant_id and a.request_id = r.id), ''),
    'rings', (select coalesce(jsonb_object_agg(o.id, jsonb_build_object('expert', o.expert_id, 'reach', o.reach, 'made_at', o.made_at, 'deadline', o.deadline)), '{}')
      from offer o where o.tenant_id = r.tenant_id and o.request_id = r.id and o.state = 'open'))
$f$;

create or replace function offer_shown(o offer) returns jsonb language sql stable set search_path = pg_catalog, public, pg_temp as $f$
  select jsonb_build_object('id', o.id, 'request', o.request_id, 'queue', o.queue_id, 'expert', o.expert_id, 'state', o.state, 'reach', o.reach, 'minute', coalesce((o.score ->> 'minute')::bigint, 0),
    'made_at', o.made_at, 'deadline', o.deadline, 'version', o.version, 'modality', r.modality, 'languages', r.languages, 'currency', r.currency,
    'about', coalesce((select a.about from request_about a where a.tenant_id = r.tenant_id and a.request_id = r.id), ''),
    'needs', (select coalesce(jsonb_object_agg(n.skill_id, n.level), '{}') from request_skill n where n.tenant_id = o.tenant_id and n.request_id = o.request_id))
  from request r where r.tenant_id = o.tenant_id and r.id = o.request_id
$f$;

-- A supervisor's word about somebody who waits: another priority, or another queue, or both. Their place within it stays when they were placed. Whose queue changes
-- is not asked any more for what the old one asks of everybody, and is asked for what the new one does; nobody may be rung for them at that moment.
create function supervise_request(_t uuid, _request uuid, _priority smallint, _queue uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  r request; q queue;
  code text;
  skills uuid[]; levels smallint[];
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
  if code is null and _queue is not null and _queue <> r.queue_id then
    select array_agg(s order by n), array_agg(l order by n) into skills, levels from (
      select skill_id as s, max(level) as l, min(n) as n from (
        select k.skill_id, k.level, k.n::bigint from request_skill k where k.tenant_id = _t and k.request_id = _request
          and not exists (select from queue_skill o where o.tenant_id = _t and o.queue_id = r.queue_id and o.skill_id = k.skill_id)
        union all
        select w.skill_id, w.level, 100 + row_number() over (order by w.skill_id) from queue_skill w where w.tenant_id = _t and w.queue_id = _queue) a
      group by skill_id) b;
    if cardinality(skills) > 8 then
      code := 'too_long';
    else
      delete from request_skill k where k.tenant_id = _t and k.request_id = _request;
      insert into request_skill (tenant_id, request_id, n, skill_id, level)
      select _t, _request, i, skills[i], levels[i] from generate_subscripts(skills, 1) i;
    end if;
  end if;
  if code is null then
    update request x set queue_id = coalesce(_queue, x.queue_id), priority = coalesce(_priority, x.priority), version = x.version + 1
    where x.tenant_id = _t and x.id = _request;
  end if;
  return jsonb_build_object('refused', code);
end $f$;
revoke all on function supervise_request(uuid, uuid, smallint, uuid) from public;
grant execute on function supervise_request(uuid, uuid, smallint, uuid) to waymeet_app;
-- +goose StatementEnd

-- +goose Down
select 1;
