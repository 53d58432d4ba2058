-- +goose Up
-- +goose StatementBegin
-- Matching lives in nodes: whom a request has asked is not asked again as it stands, and what nobody took goes on to another queue.
set lock_timeout = '3s';

-- How many were before it in its queue when it came: what a wait is told from later.
alter table request add column ahead integer not null default 0;
grant insert (ahead) on request to waymeet_app;

-- As before, and: who declined a request or let it pass is not rung for it again until a later ring asks for less.
create or replace function make_offers(_t uuid, _queue uuid, _epoch bigint, _request uuid, _ring smallint, _ids uuid[], _experts uuid[], _scores jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $f$
declare
  r request; q queue; e expert; o offer;
  at timestamptz;
  reach text; refusal text;
  free smallint; out_now integer; made integer := 0;
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
  perform settle_missed(_t, _request, at);
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
  if made > 0 then
    update request x set version = x.version + 1 where x.tenant_id = _t and x.id = _request;
  end if;
  return jsonb_build_object('outcome', 'decided', 'at', at, 'offers', answers);
end $f$;

-- What nobody took waits on in its queue's overflow, in its place: its owner moves it when the last ring has brought nothing.
create function move_request(_t uuid, _queue uuid, _epoch bigint, _request uuid) returns jsonb
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
    when exists (select from offer x where x.tenant_id = _t and x.request_id = _request and x.state = 'open') then 'request_rung' end;
  if code is null then
    update request x set queue_id = into_queue, version = x.version + 1 where x.tenant_id = _t and x.id = _request returning * into r;
  end if;
  return jsonb_build_object('refused', code, 'queue', r.queue_id, 'request', r.id, 'version', r.version);
end $f$;
revoke all on function move_request(uuid, uuid, bigint, uuid) from public;
grant execute on function move_request(uuid, uuid, bigint, uuid) to waymeet_app;
-- +goose StatementEnd

-- +goose Down
select 1;
