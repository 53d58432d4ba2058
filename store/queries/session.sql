-- name: SessionGround :one
-- What a conversation is opened from.
select r.state, r.offer_id, r.client_id, r.modality, r.currency, r.ceiling, r.funding, r.follows, o.id, o.state as offer_state, o.expert_id, e.price, e.currency as expert_currency
from offer o join request r on r.tenant_id = o.tenant_id and r.id = o.request_id join expert e on e.tenant_id = o.tenant_id and e.id = o.expert_id
where o.tenant_id = sqlc.arg(tenant_id)::uuid and o.id = sqlc.arg(offer_id)::uuid;

-- name: SessionAdd :execrows
insert into session (tenant_id, id, request_id, funds_id, client_id, expert_id, provider, relay_only, modality, price, currency, policy, state, reason, meter, funded_s, free_s, charged_s, cost, ended_at)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(request_id), sqlc.arg(funds_id), sqlc.arg(client_id), sqlc.arg(expert_id), sqlc.arg(provider), sqlc.arg(relay_only), sqlc.arg(modality), sqlc.arg(price), sqlc.arg(currency),
  sqlc.arg(policy), sqlc.arg(state), sqlc.narg(reason), sqlc.arg(meter), sqlc.arg(funded_s), sqlc.arg(free_s), sqlc.narg(charged_s), sqlc.narg(cost), sqlc.narg(ended_at))
on conflict do nothing;

-- name: SessionPartyAdd :exec
insert into session_party (tenant_id, session_id, user_id, role)
values (sqlc.arg(tenant_id), sqlc.arg(session_id), sqlc.arg(user_id), sqlc.arg(role)) on conflict do nothing;

-- name: SessionGet :one
select * from session where tenant_id = $1 and id = $2;

-- name: SessionsLock :many
-- In one order, whoever asks. Those that somebody else is writing are waited for.
select * from session where tenant_id = sqlc.arg(tenant_id)::uuid and id = any (sqlc.arg(ids)::uuid[]) order by id for no key update;

-- name: SessionsLockDue :many
-- Of these, whom nobody has heard for a second; those that somebody else is writing have been.
select * from session where tenant_id = sqlc.arg(tenant_id)::uuid and id = any (sqlc.arg(ids)::uuid[])
  and state not in ('completed', 'connect_failed', 'no_show', 'cancelled') and said_at < clock_timestamp() - interval '1 second'
order by id for no key update skip locked;

-- name: SessionParties :many
-- Asked behind the sessions' locks: the clock and the epochs as they are then.
select p.session_id, p.user_id, p.role, p.epoch, p.joined_at, p.left_at, p.name, p.notice, p.seen_at, clock_timestamp()::timestamptz as at
from session_party p where p.tenant_id = sqlc.arg(tenant_id)::uuid and p.session_id = any (sqlc.arg(ids)::uuid[]) and p.ended_at is null order by p.session_id, p.user_id;

-- name: SessionSupervise :one
-- Whoever is a supervisor already is one in another way from now on. No row: they are one of the two who talk.
insert into session_party as p (tenant_id, session_id, user_id, role, notice, seen_at)
values (sqlc.arg(tenant_id), sqlc.arg(session_id), sqlc.arg(user_id), sqlc.arg(role), sqlc.arg(notice), sqlc.arg(at)::timestamptz)
on conflict (tenant_id, session_id, user_id) do update set role = excluded.role, notice = excluded.notice, seen_at = excluded.seen_at, ended_at = null
  where p.role in ('observer', 'whisperer', 'supervisor') or p.role = 'second' and p.ended_at is not null
returning p.epoch;

-- name: SessionSeatSecond :one
-- Who was beside it before, or supervises it, is its second now, and not here yet.
insert into session_party as p (tenant_id, session_id, user_id, role, seen_at)
values (sqlc.arg(tenant_id), sqlc.arg(session_id), sqlc.arg(user_id), 'second', sqlc.arg(at)::timestamptz)
on conflict (tenant_id, session_id, user_id) do update set role = 'second', notice = true, seen_at = excluded.seen_at, ended_at = null, left_at = excluded.seen_at,
  name = shown_name(p.tenant_id, p.user_id, 'second')
  where p.role in ('observer', 'whisperer', 'supervisor', 'second')
returning p.epoch, p.name;

-- name: SessionPartEnd :execrows
-- Of whoever is none of the two.
update session_party set ended_at = sqlc.arg(at)::timestamptz, left_at = coalesce(left_at, sqlc.arg(at)::timestamptz)
where tenant_id = sqlc.arg(tenant_id)::uuid and session_id = sqlc.arg(session_id)::uuid and user_id = sqlc.arg(user_id)::uuid
  and role in ('observer', 'whisperer', 'supervisor', 'second') and ended_at is null;

-- name: SessionSupervisorsSeen :exec
update session_party p set seen_at = sqlc.arg(at)::timestamptz
from (select unnest(sqlc.arg(sessions)::uuid[]) as session_id, unnest(sqlc.arg(users)::uuid[]) as user_id) n
where p.tenant_id = sqlc.arg(tenant_id)::uuid and p.session_id = n.session_id and p.user_id = n.user_id and p.ended_at is null;

-- name: SessionSupervisors :many
-- Of whichever tenant: who supervises now, and who is beside. They are few.
select p.tenant_id, p.session_id, p.user_id, p.role from session_party p where p.role in ('observer', 'whisperer', 'supervisor') and p.ended_at is null
union all
select p.tenant_id, p.session_id, p.user_id, p.role from session_party p where p.role = 'second' and p.ended_at is null
order by 2 limit sqlc.arg(max_rows);

-- name: SessionsSave :execrows
-- All that changed of as many as there are, in one statement.
update session s set state = n.state, reason = nullif(n.reason, ''), meter = n.meter::jsonb, billed_s = n.billed_s, funded_s = n.funded_s,
  charged_s = case when n.ended then n.charged_s end, cost = case when n.ended then n.cost end, shown_s = n.shown_s,
  running_since = case when n.running then n.running_since end, generation = n.generation, messages = n.messages, said_at = n.said_at,
  ended_at = case when n.ended then coalesce(s.ended_at, n.said_at) end, version = n.version, transfer = nullif(n.transfer, '')::jsonb, second = nullif(n.second, '')::jsonb
from (select unnest(sqlc.arg(ids)::uuid[]) as id, unnest(sqlc.arg(states)::text[]) as state, unnest(sqlc.arg(reasons)::text[]) as reason,
  unnest(sqlc.arg(meters)::text[]) as meter, unnest(sqlc.arg(billed)::bigint[]) as billed_s, unnest(sqlc.arg(funded)::bigint[]) as funded_s,
  unnest(sqlc.arg(ended)::boolean[]) as ended, unnest(sqlc.arg(charged)::bigint[]) as charged_s, unnest(sqlc.arg(costs)::bigint[]) as cost,
  unnest(sqlc.arg(shown)::bigint[]) as shown_s, unnest(sqlc.arg(running)::boolean[]) as running, unnest(sqlc.arg(since)::timestamptz[]) as running_since,
  unnest(sqlc.arg(generations)::integer[]) as generation, unnest(sqlc.arg(messages)::integer[]) as messages,
  unnest(sqlc.arg(said)::timestamptz[]) as said_at, unnest(sqlc.arg(versions)::bigint[]) as version, unnest(sqlc.arg(transfers)::text[]) as transfer,
  unnest(sqlc.arg(seconds)::text[]) as second) n
where s.tenant_id = sqlc.arg(tenant_id)::uuid and s.id = n.id;

-- name: SessionPartyJoin :one
update session_party set epoch = epoch + 1, joined_at = sqlc.arg(at)::timestamptz, left_at = null
where tenant_id = sqlc.arg(tenant_id)::uuid and session_id = sqlc.arg(session_id)::uuid and user_id = sqlc.arg(user_id)::uuid returning epoch;

-- name: SessionPartyLeave :execrows
update session_party set left_at = sqlc.arg(at)::timestamptz
where tenant_id = sqlc.arg(tenant_id)::uuid and session_id = sqlc.arg(session_id)::uuid and user_id = sqlc.arg(user_id)::uuid and epoch = sqlc.arg(epoch)::bigint and left_at is null;

-- name: SessionMessageAdd :exec
insert into session_message (tenant_id, session_id, n, by_user, body, at)
values (sqlc.arg(tenant_id), sqlc.arg(session_id), sqlc.arg(n), sqlc.arg(by_user), sqlc.arg(body), sqlc.arg(at));

-- name: SessionMessages :many
select m.n, m.by_user, m.body, m.at, f.kind, f.size from session_message m
left join session_file f on f.tenant_id = m.tenant_id and f.session_id = m.session_id and f.n = m.n
where m.tenant_id = sqlc.arg(tenant_id)::uuid and m.session_id = sqlc.arg(session_id)::uuid and m.n > sqlc.arg(after)::integer order by m.n limit sqlc.arg(max_rows);

-- name: SessionFileAdd :exec
insert into session_file (tenant_id, session_id, n, hash, kind, size)
values (sqlc.arg(tenant_id), sqlc.arg(session_id), sqlc.arg(n), sqlc.arg(hash), sqlc.arg(kind), sqlc.arg(size));

-- name: SessionFileGet :one
select f.hash, f.kind, f.size, m.body as name from session_file f
join session_message m on m.tenant_id = f.tenant_id and m.session_id = f.session_id and m.n = f.n
where f.tenant_id = sqlc.arg(tenant_id)::uuid and f.session_id = sqlc.arg(session_id)::uuid and f.n = sqlc.arg(n)::integer;

-- name: SessionRatingAdd :execrows
insert into session_rating (tenant_id, session_id, by_user, stars, words)
values (sqlc.arg(tenant_id), sqlc.arg(session_id), sqlc.arg(by_user), sqlc.arg(stars), sqlc.arg(words)) on conflict do nothing;

-- name: SessionRatings :many
select by_user, stars, words, at from session_rating where tenant_id = sqlc.arg(tenant_id)::uuid and session_id = sqlc.arg(session_id)::uuid order by by_user;

-- name: ExpertRated :exec
-- One more star rating, into the average that the solver goes by.
update expert set rating = round((rating::numeric * rated + sqlc.arg(stars)::integer * 100) / (rated + 1))::smallint, rated = rated + 1, version = version + 1
where tenant_id = sqlc.arg(tenant_id)::uuid and id = sqlc.arg(id)::uuid;

-- name: SessionsOf :many
-- Somebody's, the newest first.
select * from session s where s.tenant_id = sqlc.arg(tenant_id)::uuid and (s.client_id = sqlc.arg(user_id)::uuid or s.expert_id = sqlc.arg(user_id)::uuid)
  and (sqlc.narg(before)::uuid is null or (s.created_at, s.id) < (select b.created_at, b.id from session b where b.tenant_id = s.tenant_id and b.id = sqlc.narg(before)::uuid))
order by s.created_at desc, s.id desc limit sqlc.arg(max_rows);

-- name: SessionsQuiet :many
-- Of whichever tenant: whom nobody has heard for a second, the longest quiet first.
select tenant_id, id from session where state not in ('completed', 'connect_failed', 'no_show', 'cancelled') and said_at < clock_timestamp() - interval '1 second'
order by said_at limit sqlc.arg(max_rows);

-- name: LiveSession :one
select sqlc.embed(s),
  coalesce((select json_agg(json_build_object('user', p.user_id, 'role', p.role, 'epoch', p.epoch, 'joined_at', p.joined_at, 'left_at', p.left_at, 'name', p.name, 'notice', p.notice) order by p.user_id)
    from session_party p where p.tenant_id = s.tenant_id and p.session_id = s.id and p.ended_at is null), '[]')::json as parties,
  coalesce((select json_agg(json_build_object('n', m.n, 'by', m.by_user, 'body', m.body, 'at', m.at, 'file', case when f.n is not null then json_build_object('kind', f.kind, 'size', f.size) end) order by m.n)
    from session_message m left join session_file f on f.tenant_id = m.tenant_id and f.session_id = m.session_id and f.n = m.n where m.tenant_id = s.tenant_id and m.session_id = s.id), '[]')::json as messages
from session s where s.id = sqlc.arg(id)::uuid;

-- name: SessionBefore :one
-- The conversation that one follows: the nil UUID, none.
select coalesce(r.follows, '00000000-0000-0000-0000-000000000000')::uuid as follows from session s join request r on r.tenant_id = s.tenant_id and r.id = s.request_id
where s.tenant_id = $1 and s.id = $2;

-- name: SessionsOfRequest :many
-- Conversations of a request in which nobody has said anything yet.
select id from session where tenant_id = $1 and request_id = $2 and state = 'connecting';

-- name: SessionAsks :one
-- Whether somebody is still asked for, by their request's id: it stays so until the transaction ends.
select coalesce(jsonb_build_object('id', sqlc.arg(request)::uuid, 'state', 'asked') <@ any (array[s.transfer, s.second]), false)::boolean as asked from session s
where s.tenant_id = sqlc.arg(tenant_id)::uuid and s.id = sqlc.arg(id)::uuid for share;

-- name: SessionSecondAdd :exec
insert into session_second (tenant_id, offer_id, session_id, expert_id, price, currency, seconds, cost, fee)
values (sqlc.arg(tenant_id), sqlc.arg(offer_id), sqlc.arg(session_id), sqlc.arg(expert_id), sqlc.arg(price), sqlc.arg(currency), sqlc.arg(seconds), sqlc.arg(cost), sqlc.arg(fee));

-- name: SessionSecondGet :one
select x.*, s.funds_id from session_second x join session s on s.tenant_id = x.tenant_id and s.id = x.session_id
where x.tenant_id = sqlc.arg(tenant_id)::uuid and x.offer_id = sqlc.arg(offer_id)::uuid;

-- name: SessionColleagues :many
-- Who can be rung now to take a conversation over: free, in the same way, for no more than its client pays, with the queue's skills. The nil UUID: whoever.
select e.id, u.name from session s
join expert_ready e on e.tenant_id = s.tenant_id and e.currency = s.currency and e.price <= s.price and s.modality = any (e.modalities) and e.free > 0 and e.id not in (s.expert_id, s.client_id)
join app_user u on u.tenant_id = e.tenant_id and u.id = e.id
where s.tenant_id = sqlc.arg(tenant_id)::uuid and s.id = sqlc.arg(id)::uuid and sqlc.arg(only_id)::uuid in (e.id, '00000000-0000-0000-0000-000000000000')
  and not exists (select from person_block b where b.tenant_id = s.tenant_id and (b.user_id, b.other_id) in ((e.id, s.client_id), (s.client_id, e.id)))
  and not exists (select from queue_skill w join skill k on k.tenant_id = w.tenant_id and k.id = w.skill_id where w.tenant_id = s.tenant_id and w.queue_id = sqlc.arg(queue_id)::uuid
    and not exists (select from json_array_elements(e.skills) x where (x ->> 0)::integer = k.n))
order by u.name, e.id limit 100;
