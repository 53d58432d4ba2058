-- +goose Up
-- +goose StatementBegin
-- What is shown of those who wait and of what rings, live: one place says it, for the writer that tells of a change and for whoever reads a set.
set lock_timeout = '3s';

-- As before, and: a request of which a ring was let pass has changed, also when nobody new is rung.
create or replace function make_offers(_t uuid, _queue uuid, _epoch bigint, _request uuid, _ring smallint, _ids uuid[], _experts uuid[], _scores jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $f$
declare
  r request; q queue; e expert; o offer;
  at timestamptz;
  reach text; refusal text;
  free smallint; out_now integer; made integer := 0;
  missed uuid[];
  answers jsonb := '[]';
begin
  if cardinality(_ids) is distinct from cardinality(_experts) or jsonb_array_length(_scores) is distinct from cardinality(_ids) or cardinality(_ids) not between 1 and 10 then
    raise exception 'matching: % offers to % experts', cardinality(_ids), cardinality(_experts) using errcode = '22023';
  end if;
  -- No other owner comes before this transaction ends.
  perform from queue_owner w where w.tenant_id = _t and w.queue_id = _queue and w.epoch = _epoch and w.expires_at > clock_timestamp() for key share;
  if not found then
    return jsonb_build_object('outcome', 'owner_lost');
  end if;
  select * into r from request x where x.tenant_id = _t and x.id = _request for no key update;
  if not found then
    return jsonb_build_object('outcome', 'request_not_found');
  end if;
  perform from expert x where x.tenant_id = _t and x.id in (
    select unnest(_experts) union all select y.expert_id from offer y where y.tenant_id = _t and y.request_id = _request and y.state = 'open')
  order by x.id for no key update;
  at := clock_timestamp();
  missed := settle_missed(_t, _request, at);
  select * into q from queue x where x.tenant_id = _t and x.id = r.queue_id;
  for i in 1 .. cardinality(_ids) loop
    select * into o from offer x where x.tenant_id = _t and x.id = _ids[i];
    if found then
      refusal := case when o.request_id <> _request or o.expert_id <> _experts[i] then 'offer_not_found' end;
      answers := answers || jsonb_build_object('offer', o.id, 'expert', o.expert_id, 'refused', refusal, 'deadline', o.deadline, 'repeated', true);
      continue;
    end if;
    select * into e from expert x where x.tenant_id = _t and x.id = _experts[i];
    select reach_of(p.until, p.closed_at, p.push_until, at) into reach from expert_presence p where p.tenant_id = _t and p.expert_id = _experts[i];
    select count(*) into out_now from offer x where x.tenant_id = _t and x.request_id = _request and x.state = 'open';
    select min(s) into free from generate_series(1, e.slots) s
    where not exists (select from offer x where x.tenant_id = _t and x.expert_id = e.id and x.slot = s and x.state in ('open', 'accepted'));
    refusal := case
      when r.state <> 'waiting' then 'request_over'
      when r.queue_id <> _queue then 'request_moved'
      when e.id is null or e.state <> 'approved' then 'expert_not_found'
      when e.suspended_at is not null then 'expert_suspended'
      when e.intent <> 'available' or e.asked_at is not null then 'expert_unavailable'
      when reach is null or reach not in ('connected', 'push') then 'expert_unreachable'
      when not r.modality = any (e.modalities) then 'expert_unfit'
      when e.currency <> r.currency or e.price > r.ceiling then 'expert_too_dear'
      when e.id = r.client_id or exists (select from person_block b where b.tenant_id = _t
        and ((b.user_id = e.id and b.other_id = r.client_id) or (b.user_id = r.client_id and b.other_id = e.id))) then 'expert_blocked'
      when exists (select from request_skill n join skill k on k.tenant_id = n.tenant_id and k.id = n.skill_id
        where n.tenant_id = _t and n.request_id = _request and k.licensed and not exists (select from expert_document d
          where d.tenant_id = _t and d.expert_id = e.id and d.skill_id = k.id and d.state = 'accepted' and d.expires_at > at)) then 'expert_unlicensed'
      when exists (select from offer x where x.tenant_id = _t and x.request_id = _request and x.expert_id = e.id and x.state = 'open') then 'expert_rung'
      when exists (select from offer x where x.tenant_id = _t and x.request_id = _request and x.expert_id = e.id and x.state in ('declined', 'missed') and x.ring >= _ring) then 'expert_asked'
      when out_now >= q.fan_out then 'request_rung'
      when free is null or e.slots <= (select count(*) from offer x where x.tenant_id = _t and x.expert_id = e.id and x.state in ('open', 'accepted')) then 'expert_busy'
      end;
    if refusal is null then
      insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline, made_at)
      values (_t, _ids[i], _request, _queue, e.id, free, _epoch, _ring, _scores -> (i - 1), reach,
        at + case reach when 'push' then q.push_ring_s else q.ring_s end * interval '1 second', at)
      returning * into o;
      update expert x set version = x.version + 1 where x.tenant_id = _t and x.id = e.id;
      made := made + 1;
    end if;
    answers := answers || jsonb_build_object('offer', _ids[i], 'expert', _experts[i], 'refused', refusal, 'deadline', case when refusal is null then o.deadline end, 'repeated', false);
  end loop;
  if made > 0 or cardinality(missed) > 0 then
    update request x set version = x.version + 1 where x.tenant_id = _t and x.id = _request;
  end if;
  return jsonb_build_object('outcome', 'decided', 'at', at, 'offers', answers);
end $f$;

create function request_shown(r request) returns jsonb language sql stable set search_path = pg_catalog, public, pg_temp as $f$
  select jsonb_build_object('id', r.id, 'queue', r.queue_id, 'client', r.client_id, 'modality', r.modality, 'languages', r.languages, 'ceiling', r.ceiling, 'currency', r.currency,
    'priority', r.priority, 'state', r.state, 'placed_at', r.placed_at, 'matched_at', r.matched_at, 'ended_at', r.ended_at, 'expert', r.expert_id, 'offer', r.offer_id, 'version', r.version,
    'rings', (select coalesce(jsonb_object_agg(o.id, jsonb_build_object('expert', o.expert_id, 'reach', o.reach, 'made_at', o.made_at, 'deadline', o.deadline)), '{}')
      from offer o where o.tenant_id = r.tenant_id and o.request_id = r.id and o.state = 'open'))
$f$;

create function offer_shown(o offer) returns jsonb language sql stable set search_path = pg_catalog, public, pg_temp as $f$
  select jsonb_build_object('id', o.id, 'request', o.request_id, 'queue', o.queue_id, 'expert', o.expert_id, 'state', o.state, 'reach', o.reach, 'minute', coalesce((o.score ->> 'minute')::bigint, 0),
    'made_at', o.made_at, 'deadline', o.deadline, 'version', o.version, 'modality', r.modality, 'languages', r.languages, 'currency', r.currency,
    'needs', (select coalesce(jsonb_object_agg(n.skill_id, n.level), '{}') from request_skill n where n.tenant_id = o.tenant_id and n.request_id = o.request_id))
  from request r where r.tenant_id = o.tenant_id and r.id = o.request_id
$f$;
revoke all on function request_shown(request), offer_shown(offer) from public;
grant execute on function request_shown(request), offer_shown(offer) to waymeet_app;
-- +goose StatementEnd

-- +goose Down
select 1;
