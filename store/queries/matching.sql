-- Offers are made and decided by ring_round and decide_offers alone: the app role may only read them.

-- name: SkillsKnown :one
-- How many of these a tenant has and uses.
select count(*) from skill where tenant_id = sqlc.arg(tenant_id)::uuid and id = any (sqlc.arg(ids)::uuid[]) and active;

-- name: CheapestExpert :one
-- The least that a minute costs, of those who may be asked at all; 0: there is nobody.
select coalesce(min(price), 0)::bigint from expert where tenant_id = $1 and currency = $2 and state = 'approved' and suspended_at is null;

-- name: RequestGet :one
select * from request where tenant_id = $1 and id = $2;

-- name: RequestAhead :one
-- How many are served before a request that waits, offers or not.
select count(*) from request r, request m
where m.tenant_id = sqlc.arg(tenant_id)::uuid and m.id = sqlc.arg(id)::uuid
  and r.tenant_id = m.tenant_id and r.queue_id = m.queue_id and r.state = 'waiting'
  and (r.priority > m.priority or r.priority = m.priority and (r.placed_at, r.id) < (m.placed_at, m.id));

-- name: RequestsWaiting :many
-- In their order; out is how many are rung for it now.
select r.*, (select count(*) from offer o where o.tenant_id = r.tenant_id and o.request_id = r.id and o.state = 'open') as out,
  statement_timestamp()::timestamptz as at
from request r where r.tenant_id = sqlc.arg(tenant_id)::uuid and r.queue_id = sqlc.arg(queue_id)::uuid and r.state = 'waiting'
order by r.priority desc, r.placed_at, r.id limit sqlc.arg(max_rows);

-- name: RingRound :one
select ring_round(sqlc.arg(tenant_id)::uuid, sqlc.arg(queues)::uuid[], sqlc.arg(epochs)::bigint[], sqlc.arg(requests)::uuid[], sqlc.arg(rings)::smallint[],
  sqlc.arg(ids)::uuid[], sqlc.arg(experts)::uuid[], sqlc.arg(scores)::jsonb) as answer;

-- name: RequestMove :one
select move_request(sqlc.arg(tenant_id)::uuid, sqlc.arg(queue_id)::uuid, sqlc.arg(epoch)::bigint, sqlc.arg(request_id)::uuid)::jsonb as answer;

-- name: RequestAbout :one
select coalesce((select a.about from request_about a where a.tenant_id = sqlc.arg(tenant_id)::uuid and a.request_id = sqlc.arg(request_id)::uuid), '')::text;

-- name: RequestSupervise :one
select supervise_request(sqlc.arg(tenant_id)::uuid, sqlc.arg(request_id)::uuid, sqlc.narg(priority)::smallint, sqlc.narg(queue_id)::uuid)::jsonb as answer;

-- name: OffersOpenFor :many
select id from offer where tenant_id = $1 and request_id = $2 and state = 'open' order by id;

-- name: OffersDecide :one
-- The nil UUID: none, or nobody.
select decide_offers(sqlc.arg(tenant_id)::uuid, sqlc.arg(verbs)::text[], sqlc.arg(requests)::uuid[],
  array_replace(sqlc.arg(offers)::uuid[], '00000000-0000-0000-0000-000000000000', null), array_replace(sqlc.arg(bys)::uuid[], '00000000-0000-0000-0000-000000000000', null)) as answer;

-- name: OffersOpenOf :many
select id from offer where tenant_id = $1 and expert_id = $2 and state = 'open' order by id;

-- name: OffersDue :many
-- Offers of whichever tenant that nobody waits for any more: their time is over, or their expert is gone.
(select o.tenant_id, o.id, 'timeout'::text as verb from offer o
  where o.state = 'open' and o.deadline <= clock_timestamp() order by o.deadline limit sqlc.arg(max_rows))
union all
(select o.tenant_id, o.id, 'drop'::text as verb from offer o
  join expert_presence p on p.tenant_id = o.tenant_id and p.expert_id = o.expert_id
  where o.state = 'open' and o.deadline > clock_timestamp() and reach_of(p.until, p.closed_at, p.push_until, clock_timestamp()) = 'gone'
  order by o.deadline limit sqlc.arg(max_rows));

-- name: ExpertIntent :execrows
-- Whoever says that they are available is there.
update expert set intent = sqlc.arg(intent), asked_at = case when sqlc.arg(intent)::text = 'available' then null else asked_at end, version = version + 1
where tenant_id = sqlc.arg(tenant_id)::uuid and id = sqlc.arg(id)::uuid;

-- name: PresenceConnect :one
-- A new connection speaks for an expert from now on. Behind the expert's row, as everything that makes somebody reachable.
with e as (select x.tenant_id, x.id from expert x where x.tenant_id = sqlc.arg(tenant_id)::uuid and x.id = sqlc.arg(expert_id)::uuid for no key update)
insert into expert_presence as p (tenant_id, expert_id, node, until, push_until)
select e.tenant_id, e.id, sqlc.arg(node)::uuid, clock_timestamp() + sqlc.arg(lease_s)::float8 * interval '1 second',
  case when exists (select from push_subscription s where s.tenant_id = e.tenant_id and s.user_id = e.id) then clock_timestamp() + interval '30 minutes' end from e
on conflict (tenant_id, expert_id) do update set epoch = p.epoch + 1, node = excluded.node, until = excluded.until, closed_at = null, beat_at = clock_timestamp(),
  push_until = coalesce(excluded.push_until, p.push_until)
returning p.epoch;

-- name: PresenceBeat :execrows
-- None: another connection speaks for the expert by now, or this one was closed. While it speaks, whoever has a browser that can be woken
-- may be so for half an hour from now: a node that dies needs to say nothing.
update expert_presence p set until = clock_timestamp() + sqlc.arg(lease_s)::float8 * interval '1 second', beat_at = clock_timestamp(),
  push_until = case when exists (select from push_subscription s where s.tenant_id = p.tenant_id and s.user_id = p.expert_id) then clock_timestamp() + interval '30 minutes' else p.push_until end
where tenant_id = sqlc.arg(tenant_id)::uuid and expert_id = sqlc.arg(expert_id)::uuid and epoch = sqlc.arg(epoch)::bigint and closed_at is null;

-- name: PresenceClose :execrows
with e as (select x.tenant_id, x.id from expert x where x.tenant_id = sqlc.arg(tenant_id)::uuid and x.id = sqlc.arg(expert_id)::uuid for no key update)
update expert_presence p set closed_at = clock_timestamp() from e
where p.tenant_id = e.tenant_id and p.expert_id = e.id and p.epoch = sqlc.arg(epoch)::bigint and p.closed_at is null;

-- name: ReachOf :one
select reach_of(p.until, p.closed_at, p.push_until, clock_timestamp())::text as reach from expert_presence p where p.tenant_id = $1 and p.expert_id = $2;

-- name: ExpertsShow :many
select d.doc::json as doc from show_experts(sqlc.arg(tenant_id)::uuid, sqlc.arg(experts)::uuid[], sqlc.arg(lapsed)::boolean) d (doc);

-- name: ExpertsLapsed :many
-- Who can be reached otherwise than was shown, of whichever tenant: a lease ran out, or went on after all.
select p.tenant_id, p.expert_id from expert_presence p where p.shown <> reach_of(p.until, p.closed_at, p.push_until, clock_timestamp()) limit sqlc.arg(max_rows);

-- name: QueueRenew :execrows
-- Only the lease moves on: nobody who makes offers is in its way.
update queue_owner set expires_at = clock_timestamp() + sqlc.arg(lease_s)::float8 * interval '1 second'
where tenant_id = sqlc.arg(tenant_id)::uuid and queue_id = sqlc.arg(queue_id)::uuid and node = sqlc.arg(node)::uuid and epoch = sqlc.arg(epoch)::bigint
  and expires_at > clock_timestamp();

-- name: QueueTake :one
-- No row: somebody else owns it. Waits for offers that the owner before is making at this moment.
insert into queue_owner as w (tenant_id, queue_id, node, expires_at)
select q.tenant_id, q.id, sqlc.arg(node)::uuid, clock_timestamp() + sqlc.arg(lease_s)::float8 * interval '1 second'
from queue q where q.tenant_id = sqlc.arg(tenant_id)::uuid and q.id = sqlc.arg(queue_id)::uuid
on conflict (tenant_id, queue_id) do update set epoch = w.epoch + 1, node = excluded.node, expires_at = excluded.expires_at
where w.expires_at <= clock_timestamp()
returning w.epoch;

-- name: QueueGiveUp :execrows
-- At once, for who stops in good order.
update queue_owner set expires_at = clock_timestamp()
where tenant_id = sqlc.arg(tenant_id)::uuid and queue_id = sqlc.arg(queue_id)::uuid and node = sqlc.arg(node)::uuid and epoch = sqlc.arg(epoch)::bigint;

-- name: QueuesOrphaned :many
-- Queues of whichever tenant in which somebody waits and that nobody owns.
select q.tenant_id, q.id from queue q
where exists (select from request r where r.tenant_id = q.tenant_id and r.queue_id = q.id and r.state = 'waiting')
  and not exists (select from queue_owner w where w.tenant_id = q.tenant_id and w.queue_id = q.id and w.expires_at > clock_timestamp())
order by q.tenant_id, q.id limit sqlc.arg(max_rows);

-- name: QueueTerms :many
-- What the owner of queues decides by. Only an overflow that goes on nowhere is one: nothing walks in circles.
select q.id, q.ring_s, q.rings, q.weights, q.version, q.callback, q.callback_after_s, q.callback_ring_s, q.callback_calls,
  coalesce((select o.id from queue o where o.tenant_id = q.tenant_id and o.id = q.overflow_id and o.overflow_id is null and o.open),
    '00000000-0000-0000-0000-000000000000')::uuid as overflow_id
from queue q where q.tenant_id = sqlc.arg(tenant_id)::uuid and q.id = any (sqlc.arg(ids)::uuid[]);

-- name: RequestsToServe :many
-- Who waits in these queues, in their order, how many are rung for them now, and how many more may be. Where somebody lacks, or with everything, also what is
-- asked of an expert: needs as the solver numbers them, whom it asked in which ring, who may not meet its client, whom its client talked to before or would again.
select r.id, r.queue_id, r.client_id, r.modality, r.languages, r.ceiling, r.currency, r.priority, r.placed_at, r.callback_at, r.call_until, r.calls, r.only_id, statement_timestamp()::timestamptz as at, o.out, w.room,
  coalesce(case when w.whole then (select json_agg(json_build_array(k.n, n.level) order by n.n) from request_skill n join skill k on k.tenant_id = n.tenant_id and k.id = n.skill_id
    where n.tenant_id = r.tenant_id and n.request_id = r.id) end, '[]')::json as needs,
  coalesce(case when w.whole then (select json_object_agg(x.expert_id, x.ring) from (select o.expert_id, max(o.ring) as ring from offer o
    where o.tenant_id = r.tenant_id and o.request_id = r.id and o.state in ('declined', 'missed') group by o.expert_id) x) end, '{}')::json as asked,
  case when w.whole then array(select case when b.user_id = r.client_id then b.other_id else b.user_id end from person_block b
    where b.tenant_id = r.tenant_id and (b.user_id = r.client_id or b.other_id = r.client_id) limit 200)
    || array(select s.expert_id from session s where s.tenant_id = r.tenant_id and s.id = r.follows) else '{}' end::uuid[] as never,
  case when w.whole then array(select f.expert_id from favourite_expert f where f.tenant_id = r.tenant_id and f.client_id = r.client_id
    union (select s.expert_id from request s where s.tenant_id = r.tenant_id and s.client_id = r.client_id and s.state = 'matched' order by s.created_at desc limit 5)) else '{}' end::uuid[] as before
from request r join queue q on q.tenant_id = r.tenant_id and q.id = r.queue_id
cross join lateral (select count(*) as out from offer o where o.tenant_id = r.tenant_id and o.request_id = r.id and o.state = 'open') o
cross join lateral (select (q.fan_out - o.out)::integer as room, sqlc.arg(everything)::boolean or o.out < q.fan_out as whole) w
where r.tenant_id = sqlc.arg(tenant_id)::uuid and r.queue_id = any (sqlc.arg(queues)::uuid[]) and r.state = 'waiting'
order by r.priority desc, r.placed_at, r.id limit sqlc.arg(max_rows);

-- name: ExpertsReady :many
-- Those of these. Not one statement with everybody's: a plan that is good for both is made anew with each call.
select id, price, currency, rating, modalities, idle_since, reach, free, skills, languages from expert_ready where tenant_id = sqlc.arg(tenant_id)::uuid and id = any (sqlc.arg(ids)::uuid[]);

-- name: ExpertsReadyAll :many
select id, price, currency, rating, modalities, idle_since, reach, free, skills, languages from expert_ready where tenant_id = sqlc.arg(tenant_id)::uuid;

-- name: RequestsServed :many
-- The waits of a queue that ended in service after an instant, the newest first. How long somebody was called says nothing about experts.
select r.id, r.ahead, r.placed_at, r.matched_at::timestamptz as matched_at,
  coalesce((select json_agg(json_build_array(k.n, n.level) order by n.n) from request_skill n join skill k on k.tenant_id = n.tenant_id and k.id = n.skill_id
    where n.tenant_id = r.tenant_id and n.request_id = r.id), '[]')::json as needs
from request r where r.tenant_id = sqlc.arg(tenant_id)::uuid and r.queue_id = sqlc.arg(queue_id)::uuid and r.state = 'matched' and r.calls = 0 and r.matched_at > sqlc.arg(after)::timestamptz
order by r.matched_at desc limit sqlc.arg(max_rows);

-- name: RequestsShown :many
select doc from request_doc where tenant_id = sqlc.arg(tenant_id)::uuid and id = any (sqlc.arg(ids)::uuid[]);

-- A batch of people who want to wait opens with the statements up to PlaceOrganisations in one round trip, and is written by those after them.

-- name: PlaceMetered :many
-- Whose money is still set aside, in the order of the ids and held until the commit: who lets unused money go looks for requests behind the same lock.
select id, (billed is not null)::boolean as ended from metered_session where tenant_id = sqlc.arg(tenant_id)::uuid and id = any (sqlc.arg(ids)::uuid[]) order by id for update;

-- name: PlaceQueues :many
select q.id, q.most, q.modalities, (q.open and queue_takes_at(q.tenant_id, q.id, q.time_zone, statement_timestamp()))::boolean as takes,
  (select count(*) from request r where r.tenant_id = q.tenant_id and r.queue_id = q.id and r.state = 'waiting') as waiting,
  array(select s.skill_id from queue_skill s where s.tenant_id = q.tenant_id and s.queue_id = q.id order by s.skill_id)::uuid[] as skills,
  array(select s.level from queue_skill s where s.tenant_id = q.tenant_id and s.queue_id = q.id order by s.skill_id)::smallint[] as levels
from queue q where q.tenant_id = sqlc.arg(tenant_id)::uuid and q.id = any (sqlc.arg(ids)::uuid[]);

-- name: PlaceClients :many
-- How many requests of theirs wait.
select client_id, count(*) as waiting from request where tenant_id = sqlc.arg(tenant_id)::uuid and client_id = any (sqlc.arg(ids)::uuid[]) and state = 'waiting' group by client_id;

-- name: PlaceServed :many
-- What was set aside and serves a request of the same client already.
select i.client::uuid as client, i.funding::text as funding from (select unnest(sqlc.arg(clients)::uuid[]) as client, unnest(sqlc.arg(fundings)::text[]) as funding) i
cross join lateral (select from request r where r.tenant_id = sqlc.arg(tenant_id)::uuid and r.client_id = i.client and r.funding = i.funding and r.state <> 'cancelled' limit 1) r;

-- name: PlaceSkills :many
-- Which of these, and of those that these queues ask for, a tenant has and uses.
select id from skill where tenant_id = sqlc.arg(tenant_id)::uuid and active
  and id in (select unnest(sqlc.arg(ids)::uuid[]) union all select s.skill_id from queue_skill s where s.tenant_id = sqlc.arg(tenant_id)::uuid and s.queue_id = any (sqlc.arg(queues)::uuid[]));

-- name: PlaceCheapest :many
-- The least that a minute costs, of those who may be asked at all; 0: there is nobody.
select c::text as currency, coalesce((select min(e.price) from expert e where e.tenant_id = sqlc.arg(tenant_id)::uuid and e.currency = c and e.state = 'approved' and e.suspended_at is null), 0)::bigint as least
from unnest(sqlc.arg(currencies)::text[]) c;

-- name: PlaceOrganisations :many
select id from organisation where tenant_id = sqlc.arg(tenant_id)::uuid and id = any (sqlc.arg(ids)::uuid[]);

-- name: RequestsAdd :many
-- Of an appointment the place is its time, and its client is to be called.
insert into request (tenant_id, id, queue_id, client_id, organisation_id, modality, languages, ceiling, currency, priority, funding, ahead, placed_at, callback_at, follows, only_id)
select sqlc.arg(tenant_id)::uuid, r.id, r.queue, r.client, nullif(r.organisation, '00000000-0000-0000-0000-000000000000'), r.modality, r.languages::text[], r.ceiling, r.currency, r.priority, r.funding, r.ahead, coalesce(r.due, clock_timestamp()), r.due,
  nullif(r.follows, '00000000-0000-0000-0000-000000000000'), nullif(r.only_id, '00000000-0000-0000-0000-000000000000')
from (select i.*, (select a.due_at from appointment a where a.tenant_id = sqlc.arg(tenant_id)::uuid and a.id = i.id) as due
from (select unnest(sqlc.arg(ids)::uuid[]) as id, unnest(sqlc.arg(queues)::uuid[]) as queue, unnest(sqlc.arg(clients)::uuid[]) as client, unnest(sqlc.arg(organisations)::uuid[]) as organisation,
  unnest(sqlc.arg(modalities)::text[]) as modality, unnest(sqlc.arg(languages)::text[]) as languages, unnest(sqlc.arg(ceilings)::bigint[]) as ceiling,
  unnest(sqlc.arg(currencies)::text[]) as currency, unnest(sqlc.arg(priorities)::smallint[]) as priority, unnest(sqlc.arg(fundings)::text[]) as funding, unnest(sqlc.arg(aheads)::integer[]) as ahead,
  unnest(sqlc.arg(follows)::uuid[]) as follows, unnest(sqlc.arg(onlys)::uuid[]) as only_id) i) r
returning id, placed_at, callback_at, (select u.name from app_user u where u.tenant_id = request.tenant_id and u.id = request.client_id)::text as who;

-- name: RequestAboutsAdd :exec
insert into request_about (tenant_id, request_id, about)
select sqlc.arg(tenant_id)::uuid, unnest(sqlc.arg(requests)::uuid[]), unnest(sqlc.arg(abouts)::text[]);

-- name: RequestSkillsAdd :exec
-- own is what the client asked for, whatever the queue does.
insert into request_skill (tenant_id, request_id, n, skill_id, level, own)
select sqlc.arg(tenant_id)::uuid, unnest(sqlc.arg(requests)::uuid[]), unnest(sqlc.arg(ns)::smallint[]), unnest(sqlc.arg(skills)::uuid[]), unnest(sqlc.arg(levels)::smallint[]), unnest(sqlc.arg(owns)::smallint[]);

-- name: RequestsFundedBy :one
-- Whether what was set aside serves a request of this client already.
select exists (select from request where tenant_id = $1 and client_id = $2 and funding = $3 and state <> 'cancelled') as serves;

-- name: TurnLock :one
-- A request that somebody waits with, behind its lock.
select * from request where tenant_id = $1 and id = $2 for no key update;

-- name: TurnGround :one
-- What is decided by about it, read behind the lock: by PostgreSQL's clock.
select q.callback, q.callback_after_s, q.callback_ring_s, q.callback_calls, q.rings, clock_timestamp()::timestamptz as at,
  (select count(*) from offer o where o.tenant_id = q.tenant_id and o.request_id = sqlc.arg(request_id)::uuid and o.state = 'open' and o.deadline > clock_timestamp()) as out
from queue q where q.tenant_id = sqlc.arg(tenant_id)::uuid and q.id = sqlc.arg(queue_id)::uuid;

-- name: TurnKeep :exec
update request set callback_at = sqlc.narg(callback_at), call_until = sqlc.narg(call_until), calls = sqlc.arg(calls), version = version + 1
where tenant_id = sqlc.arg(tenant_id)::uuid and id = sqlc.arg(id)::uuid;

-- name: QueueHeld :one
-- Whether it is still that owner's, until the transaction ends.
select queue_id from queue_owner where tenant_id = $1 and queue_id = $2 and epoch = $3 and expires_at > clock_timestamp() for key share;

-- name: RequestsCalled :many
-- Clients of whichever tenant who were called for the last time and have not come.
select r.tenant_id, r.id from request r join queue q on q.tenant_id = r.tenant_id and q.id = r.queue_id
where r.state = 'waiting' and r.call_until is not null and r.call_until <= clock_timestamp() and r.calls >= q.callback_calls
order by r.call_until limit sqlc.arg(max_rows);

-- name: RequestIsCalled :one
select exists (select from request where tenant_id = $1 and id = $2 and state = 'waiting' and callback_at is not null and call_until > clock_timestamp()) as called;

-- name: RequestsForOne :many
-- Those of these that wait for one expert alone.
select id from request where tenant_id = sqlc.arg(tenant_id)::uuid and id = any (sqlc.arg(ids)::uuid[]) and only_id is not null and state = 'waiting' order by id;
