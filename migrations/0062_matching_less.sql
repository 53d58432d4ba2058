-- +goose Up
-- +goose StatementBegin
-- Matching does less for what it does: an expert's version is of what they and the operator say of them, and no ring moves it; documents are found by what has
-- changed; and experts who are named are read by their ids, whatever a plan made of everybody.
set lock_timeout = '3s';

-- Who may be rung now, with what they can: a licensed skill only with a document that has not expired.
create view expert_ready with (security_invoker = true) as
select e.tenant_id, e.id, e.price, e.currency, e.rating, e.modalities, e.idle_since,
  reach_of(p.until, p.closed_at, p.push_until, statement_timestamp())::text as reach,
  (e.slots - (select count(*) from offer o where o.tenant_id = e.tenant_id and o.expert_id = e.id and o.state in ('open', 'accepted')))::integer as free,
  coalesce((select json_agg(json_build_array(k.n, s.level)) from expert_skill s join skill k on k.tenant_id = s.tenant_id and k.id = s.skill_id
    where s.tenant_id = e.tenant_id and s.expert_id = e.id and k.active and (not k.licensed or exists (select from expert_document d where d.tenant_id = e.tenant_id
      and d.expert_id = e.id and d.skill_id = k.id and d.state = 'accepted' and d.expires_at > statement_timestamp()))), '[]')::json as skills,
  array(select l.language from expert_language l where l.tenant_id = e.tenant_id and l.expert_id = e.id)::text[] as languages
from expert e join expert_presence p on p.tenant_id = e.tenant_id and p.expert_id = e.id
where e.state = 'approved' and e.suspended_at is null and e.intent = 'available' and e.asked_at is null
  and reach_of(p.until, p.closed_at, p.push_until, statement_timestamp()) in ('connected', 'push');
grant select on expert_ready to waymeet_app;

create or replace view offer_doc with (security_invoker = true) as
select o.tenant_id, o.id, json_build_object('id', o.id, 'request', o.request_id, 'queue', o.queue_id, 'expert', o.expert_id, 'state', o.state, 'reach', o.reach,
  'minute', coalesce((o.score ->> 'minute')::bigint, 0), 'made_at', o.made_at, 'deadline', o.deadline, 'version', o.version,
  'modality', r.modality, 'languages', r.languages, 'currency', r.currency,
  'about', coalesce((select a.about from request_about a where a.tenant_id = o.tenant_id and a.request_id = o.request_id), ''),
  'needs', (select coalesce(json_object_agg(n.skill_id, n.level), '{}') from request_skill n where n.tenant_id = o.tenant_id and n.request_id = o.request_id)) as doc, o.request_id, o.made_at, o.answered_at, o.ended_at
from offer o join request r on r.tenant_id = o.tenant_id and r.id = o.request_id;

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

create or replace function decide_offers(_t uuid, _verbs text[], _requests uuid[], _offers uuid[], _bys uuid[]) returns json
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $f$
declare
  at timestamptz;
  codes text[]; applies boolean[]; experts uuid[];
  late_for uuid[]; late uuid[];           -- rings that were let pass
  freed_for uuid[]; freed uuid[];         -- whose slots came back
  idle uuid[];                            -- who has talked
  changed uuid[];
begin
  if cardinality(_verbs) is distinct from cardinality(_offers) or exists (select from unnest(_verbs, _offers) i (verb, offer)
    where coalesce(i.verb, '') not in ('accept', 'decline', 'timeout', 'rescind', 'drop', 'done', 'requeue', 'cancel') or (i.verb = 'cancel') <> (i.offer is null)) then
    raise exception 'matching: no verb among %', _verbs using errcode = '22023';
  end if;
  select array_agg(case when i.offer is null then i.request else o.request_id end order by i.n) into _requests
  from unnest(_requests, _offers, _bys) with ordinality i (request, offer, by, n)
  left join offer o on o.tenant_id = _t and o.id = i.offer and (i.by is null or o.expert_id = i.by);
  perform from request x where x.tenant_id = _t and x.id = any (_requests) order by x.id for no key update;
  perform from expert x where x.tenant_id = _t and x.id in (
    select y.expert_id from offer y where y.tenant_id = _t and y.request_id = any (_requests) and (y.state = 'open' or y.id = any (_offers)))
  order by x.id for no key update;
  at := clock_timestamp();
  select coalesce(array_agg(s.request), '{}'), coalesce(array_agg(s.expert), '{}') into late_for, late from settle_rings(_t, _requests, at) s;

  select array_agg(d.code order by d.n), array_agg(d.code is null and not d.again order by d.n), array_agg(d.expert order by d.n) into codes, applies, experts
  from (
    select i.n, i.again, i.expert, case
      when i.request is null or i.missing then case when i.verb = 'cancel' then 'request_not_found' else 'offer_not_found' end
      when i.turn > 1 then 'deferred'
      when i.again then null
      when i.verb = 'cancel' then case when i.request_state = 'matched' then 'request_matched' end
      when i.verb in ('done', 'requeue') then case when i.state <> 'accepted' then 'offer_not_accepted' end
      when i.state = 'missed' then 'offer_expired'
      when i.state in ('lost', 'done', 'accepted') then 'offer_taken'
      when i.state = 'declined' then 'offer_declined'
      when i.state <> 'open' then 'offer_withdrawn'
      when i.verb = 'timeout' then 'offer_not_due'
      when i.verb = 'accept' and i.suspended_at is not null then 'expert_suspended'
      when i.verb = 'drop' and i.intent <> 'off' and i.present then 'expert_present' end as code
    from (
      select i.n, i.verb, i.request, o.expert_id as expert, o.state, r.state as request_state, e.suspended_at, e.intent,
        r.id is null or i.verb = 'cancel' and r.client_id is distinct from coalesce(i.by, r.client_id) as missing,
        row_number() over (partition by i.request order by i.n) as turn,
        coalesce(case i.verb when 'cancel' then r.state = 'cancelled' when 'accept' then o.accepted
          when 'requeue' then o.accepted and o.state = 'dropped' when 'drop' then not o.accepted and o.state = 'dropped'
          else o.state = case i.verb when 'decline' then 'declined' when 'timeout' then 'missed' when 'rescind' then 'rescinded' else i.verb end end, false) as again,
        i.verb = 'drop' and coalesce((select reach_of(p.until, p.closed_at, p.push_until, at) <> 'gone' from expert_presence p where p.tenant_id = _t and p.expert_id = e.id), false) as present
      from unnest(_verbs, _requests, _offers, _bys) with ordinality i (verb, request, offer, by, n)
      left join request r on r.tenant_id = _t and r.id = i.request
      left join offer o on o.tenant_id = _t and o.id = i.offer
      left join expert e on e.tenant_id = _t and e.id = o.expert_id) i) d;

  -- What was decided about, and with an accept or a cancel the others who are rung for it: they may stop.
  with ended as (
    update offer x set version = x.version + 1, answered_at = coalesce(x.answered_at, at), accepted = x.accepted or x.id = i.offer and i.verb = 'accept',
      ended_at = case when x.id = i.offer and i.verb in ('done', 'requeue') then at end,
      state = case when x.id = i.offer then case i.verb when 'accept' then 'accepted' when 'decline' then 'declined' when 'timeout' then 'missed' when 'rescind' then 'rescinded'
        when 'done' then 'done' else 'dropped' end when i.verb = 'accept' then 'lost' else 'cancelled' end
    from unnest(_verbs, _requests, _offers, applies) i (verb, request, offer, applies)
    where i.applies and x.tenant_id = _t and x.request_id = i.request and (x.id = i.offer or x.state = 'open' and i.verb in ('accept', 'cancel'))
    returning x.request_id, x.expert_id, x.state, x.accepted)
  select coalesce(array_agg(n.request_id) filter (where n.state <> 'accepted'), '{}'), coalesce(array_agg(n.expert_id) filter (where n.state <> 'accepted'), '{}'),
    array_agg(n.expert_id) filter (where n.accepted and n.state <> 'accepted')
    into freed_for, freed, idle from ended n;
  if cardinality(idle) > 0 then
    update expert x set version = x.version + 1, idle_since = at where x.tenant_id = _t and x.id = any (idle);
  end if;
  -- Of a request whose expert is done nothing changes.
  update request x set version = x.version + 1,
    state = case i.what when 'accept' then 'matched' when 'cancel' then 'cancelled' when 'requeue' then 'waiting' else x.state end,
    expert_id = case i.what when 'accept' then i.expert when 'requeue' then null else x.expert_id end, offer_id = case i.what when 'accept' then i.offer when 'requeue' then null else x.offer_id end,
    matched_at = case i.what when 'accept' then at when 'requeue' then null else x.matched_at end, ended_at = case i.what when 'cancel' then at else x.ended_at end
  from (select distinct on (u.request) u.request, u.offer, u.expert, case when u.applies then u.verb end as what
    from unnest(_verbs, _requests, _offers, experts, applies, codes) u (verb, request, offer, expert, applies, code)
    where u.applies and u.verb <> 'done' or u.request = any (late_for)
    order by u.request, u.applies desc) i
  where x.tenant_id = _t and x.id = i.request;
  changed := array(select distinct u.request from unnest(_verbs, _requests, applies) u (verb, request, applies) where u.applies and u.verb <> 'done' or u.request = any (late_for));

  return json_build_object(
    'answers', (select json_agg(case when i.code in ('offer_not_found', 'request_not_found', 'deferred') then json_build_object('refused', i.code)
        else json_build_object('refused', i.code, 'repeated', i.code is null and not i.applies, 'at', at, 'offer', o.id, 'state', o.state, 'expert', o.expert_id, 'deadline', o.deadline,
          'request', r.id, 'request_state', r.state, 'version', r.version, 'queue', r.queue_id, 'freed', array(
            select u.expert from unnest(late_for || freed_for, late || freed) u (request, expert) where u.request = i.request)) end order by i.n)
      from unnest(_requests, _offers, codes, applies) with ordinality i (request, offer, code, applies, n)
      left join request r on r.tenant_id = _t and r.id = i.request
      left join offer o on o.tenant_id = _t and o.id = i.offer),
    'requests', (select json_agg(d.doc) from request_doc d where d.tenant_id = _t and d.id = any (changed)),
    'offers', (select json_agg(d.doc) from offer_doc d where d.tenant_id = _t and d.request_id = any (_requests) and (d.answered_at = at or d.ended_at = at)));
end $f$;
-- +goose StatementEnd

-- +goose Down
select 1;
