-- +goose Up
-- +goose StatementBegin
-- A conversation is handed to another expert (docs/adr/0055): what was asked for last stands in its row, and a request of its client's follows it, for whoever takes it next.
set lock_timeout = '3s';

insert into job_kind values ('session_transfer', 'brings a handover to its queue, or takes it back');

alter table session add column transfer jsonb; -- the handover that was asked for last, as session/transfer.go has it; null: none
alter table session add constraint session_transfer check (transfer is null or transfer ->> 'state' in ('asked', 'taken', 'here', 'done', 'off')) not valid;

-- It uses session_keeps' words: who has gone over stays there.
create trigger keeps_transfer before update on session for each row
  when (old.transfer ->> 'state' = 'done' and new.transfer is distinct from old.transfer) execute function session_keeps();

alter table request
  add column follows uuid,  -- the conversation that its client is in, and whose expert is not rung
  add column only_id uuid;  -- the one expert who is rung; null: whoever can
alter table request add constraint request_only check (only_id is null or follows is not null) not valid;
grant insert (follows, only_id) on request to waymeet_app;
create trigger keeps_follows before update on request for each row
  when ((old.follows, old.only_id) is distinct from (new.follows, new.only_id)) execute function request_keeps();

alter table metered_session add column follows uuid; -- the money of the conversation before: its card is asked again

-- Nobody is handed over who was not asked about, to somebody else's client, or for more than the client pays now.
create function request_follows() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform from session s where s.tenant_id = new.tenant_id and s.id = new.follows and s.client_id = new.client_id and s.currency = new.currency and s.price >= new.ceiling
    and s.transfer ->> 'id' = new.id::text and s.transfer ->> 'state' = 'asked';
  if not found then
    raise exception 'request_follows: nobody asked for this handover' using errcode = '23514', constraint = 'request_follows';
  end if;
  return new;
end $f$;
create trigger follows before insert on request for each row when (new.follows is not null) execute function request_follows();

-- As it was, and: of a request that follows a conversation its expert is not rung, nor anybody but the one whom it is for.
create or replace function ring_round(_t uuid, _queues uuid[], _epochs bigint[], _requests uuid[], _rings smallint[], _ids uuid[], _experts uuid[], _scores jsonb) returns json
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $f$
declare
  at timestamptz;
  owned text[]; -- queue and epoch
  missed uuid[]; changed uuid[];
  answers json;
begin
  if cardinality(_ids) not between 1 and 1000 or jsonb_array_length(_scores) is distinct from cardinality(_ids)
    or exists (select from unnest(_queues, _epochs, _requests, _rings, _ids, _experts) i (queue, epoch, request, ring, id, expert) where not (i is not null))
    or (select count(distinct i.expert) < count(*) or count(distinct i.id) < count(*) from unnest(_ids, _experts) i (id, expert)) then
    raise exception 'matching: % offers to % experts', cardinality(_ids), cardinality(_experts) using errcode = '22023';
  end if;
  -- No other owner comes before this transaction ends.
  owned := array(select y.queue_id || ' ' || y.epoch from (select w.queue_id, w.epoch from queue_owner w
    where w.tenant_id = _t and w.queue_id = any (_queues) and w.expires_at > clock_timestamp() order by w.queue_id for key share of w) y);
  perform from request x where x.tenant_id = _t and x.id = any (_requests) order by x.id for no key update;
  perform from expert x where x.tenant_id = _t and x.id in (
    select unnest(_experts) union all select y.expert_id from offer y where y.tenant_id = _t and y.request_id = any (_requests) and y.state = 'open')
  order by x.id for no key update;
  at := clock_timestamp();
  missed := array(select s.request from settle_rings(_t, (select array_agg(i.request) from unnest(_requests, _queues, _epochs) i (request, queue, epoch) where i.queue || ' ' || i.epoch = any (owned)), at) s);

  with item as (
    select i.*, _scores -> (i.n::integer - 1) as score, o.id as made, o.request_id as made_for, o.expert_id as made_to, o.deadline as made_until
    from unnest(_queues, _epochs, _requests, _rings, _ids, _experts) with ordinality i (queue, epoch, request, ring, id, expert, n)
    left join offer o on o.tenant_id = _t and o.id = i.id),
  seen as (
    select i.*, q.fan_out, q.ring_s, q.push_ring_s, p.reach, f.slot, f.slot is null or e.slots <= f.taken as busy,
      (select count(*) from offer x where x.tenant_id = _t and x.request_id = i.request and x.state = 'open') as out,
      case
        when i.queue || ' ' || i.epoch <> all (owned) then 'owner_lost'
        when r.id is null then 'request_not_found'
        when i.made is not null then case when i.made_for <> i.request or i.made_to <> i.expert then 'offer_not_found' else 'repeated' end
        when r.state <> 'waiting' then 'request_over'
        when r.callback_at is not null then 'request_away'
        when r.queue_id <> i.queue then 'request_moved'
        when e.id is null or e.state <> 'approved' then 'expert_not_found'
        when e.suspended_at is not null then 'expert_suspended'
        when e.intent <> 'available' or e.asked_at is not null then 'expert_unavailable'
        when p.reach is null or p.reach not in ('connected', 'push') then 'expert_unreachable'
        when not r.modality = any (e.modalities) then 'expert_unfit'
        when r.only_id <> e.id or r.follows is not null and e.id = (select s.expert_id from session s where s.tenant_id = _t and s.id = r.follows) then 'expert_unfit'
        when e.currency <> r.currency or e.price > r.ceiling then 'expert_too_dear'
        when e.id = r.client_id or exists (select from person_block b where b.tenant_id = _t and b.user_id = e.id and b.other_id = r.client_id)
          or exists (select from person_block b where b.tenant_id = _t and b.user_id = r.client_id and b.other_id = e.id) then 'expert_blocked'
        when exists (select from request_skill n join skill k on k.tenant_id = n.tenant_id and k.id = n.skill_id
          where n.tenant_id = _t and n.request_id = i.request and k.licensed and not exists (select from expert_document d
            where d.tenant_id = _t and d.expert_id = e.id and d.skill_id = k.id and d.state = 'accepted' and d.expires_at > at)) then 'expert_unlicensed'
        when exists (select from offer x where x.tenant_id = _t and x.request_id = i.request and x.expert_id = e.id and x.state = 'open') then 'expert_rung'
        when exists (select from offer x where x.tenant_id = _t and x.request_id = i.request and x.expert_id = e.id and x.state in ('declined', 'missed') and x.ring >= i.ring) then 'expert_asked'
      end as refusal
    from item i
    left join request r on r.tenant_id = _t and r.id = i.request
    left join queue q on q.tenant_id = _t and q.id = r.queue_id
    left join expert e on e.tenant_id = _t and e.id = i.expert
    left join lateral (select reach_of(x.until, x.closed_at, x.push_until, at) as reach from expert_presence x where x.tenant_id = _t and x.expert_id = i.expert) p on true
    left join lateral (select count(*) as taken, (select min(s) from generate_series(1, e.slots) s where s <> all (coalesce(array_agg(x.slot), '{}'))) as slot
      from offer x where x.tenant_id = _t and x.expert_id = i.expert and x.state in ('open', 'accepted')) f on true),
  judged as (
    select s.*, coalesce(s.refusal, case
      when s.out + count(*) filter (where s.refusal is null and not s.busy) over (partition by s.request order by s.n rows between unbounded preceding and 1 preceding) >= s.fan_out then 'request_rung'
      when s.busy then 'expert_busy' end) as verdict
    from seen s),
  made as (
    insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline, made_at)
    select _t, j.id, j.request, j.queue, j.expert, j.slot, j.epoch, j.ring, j.score, j.reach, at + case j.reach when 'push' then j.push_ring_s else j.ring_s end * interval '1 second', at
    from judged j where j.verdict is null
    returning id, request_id, deadline)
  select json_agg(json_build_object('offer', j.id, 'expert', j.expert, 'refused', nullif(j.verdict, 'repeated'), 'deadline', coalesce(m.deadline, j.made_until),
      'repeated', j.made is not null) order by j.n), array_agg(m.request_id) filter (where m.id is not null)
    into answers, changed
  from judged j left join made m on m.id = j.id;

  changed := coalesce(changed, '{}') || missed;
  if cardinality(changed) > 0 then
    update request x set version = x.version + 1 where x.tenant_id = _t and x.id = any (changed);
  end if;
  return json_build_object('answers', answers, 'at', at,
    'requests', (select json_agg(d.doc) from request_doc d where d.tenant_id = _t and d.id = any (changed)),
    'offers', (select json_agg(d.doc) from offer_doc d where d.tenant_id = _t and d.request_id = any (changed) and (d.made_at = at or d.answered_at = at)));
end $f$;
-- +goose StatementEnd

-- +goose Down
select 1;
