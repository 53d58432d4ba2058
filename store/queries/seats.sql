-- Seats are decided in Go (booking/seat) under the lock of the trip's row. A batch of requests opens with the statements
-- up to SeatsRepeats in one round trip and ends with the others before its COMMIT in a second one.

-- name: SeatsLock :many
-- In the order of the ids, so that two batches never wait for each other. Rows of bookings need no lock of their own: whoever changes one holds
-- its trip's.
select t.* from trip t
join (select unnest(sqlc.arg(dates)::date[]) as service_date, unnest(sqlc.arg(ids)::uuid[]) as id) as k
  on t.service_date = k.service_date and t.id = k.id
where t.tenant_id = sqlc.arg(tenant_id)::uuid
order by t.id
for no key update of t;

-- name: SeatsTerms :one
-- The clock that decides, and what the tenant decided. The newest import says whether a node's timetable still holds.
select statement_timestamp()::timestamptz as now, n.currency, n.settings,
  exists (select from programme p where p.tenant_id = n.id) as programmes,
  coalesce((select i.id from gtfs_import i where i.tenant_id = n.id order by i.id desc limit 1), '00000000-0000-0000-0000-000000000000')::uuid as feed
from tenant n where n.id = sqlc.arg(tenant_id)::uuid;

-- name: SeatsBookings :many
select b.* from booking b
join (select unnest(sqlc.arg(dates)::date[]) as service_date, unnest(sqlc.arg(ids)::uuid[]) as id) as k
  on b.service_date = k.service_date and b.id = k.id
where b.tenant_id = sqlc.arg(tenant_id)::uuid;

-- name: SeatsDue :many
-- Holds of these trips whose time is over.
select b.* from booking b
where b.tenant_id = sqlc.arg(tenant_id)::uuid and b.service_date = any (sqlc.arg(dates)::date[])
  and b.trip_id = any (sqlc.arg(trips)::uuid[]) and b.state = 'held' and b.expires_at <= statement_timestamp();

-- name: SeatsRepeats :many
-- Each key is looked up by itself: a plan made while the table was small would else read all of the tenant's.
select i.actor, i.operation, i.key, i.body_hash, i.answer
from (select unnest(sqlc.arg(actors)::uuid[]) as actor, unnest(sqlc.arg(operations)::text[]) as operation,
  unnest(sqlc.arg(keys)::text[]) as key) as c
cross join lateral (
  select k.actor, k.operation, k.key, k.body_hash, k.answer from idempotency k
  where k.tenant_id = sqlc.arg(tenant_id)::uuid and k.actor = c.actor and k.operation = c.operation and k.key = c.key
  limit 1) as i;

-- name: SeatsAnswer :exec
-- A key is inserted with its answer, behind the lock of the trip that a repeat would wait for. In the order of the keys,
-- so that two batches never wait for each other; a key that another trip's batch took meanwhile is an error that undoes
-- the batch.
insert into idempotency (tenant_id, actor, operation, key, body_hash, status, answer)
select sqlc.arg(tenant_id)::uuid, c.actor, c.operation, c.key, c.body_hash, c.status, c.answer::jsonb
from (select unnest(sqlc.arg(actors)::uuid[]) as actor, unnest(sqlc.arg(operations)::text[]) as operation,
  unnest(sqlc.arg(keys)::text[]) as key, unnest(sqlc.arg(hashes)::bytea[]) as body_hash,
  unnest(sqlc.arg(statuses)::smallint[]) as status, unnest(sqlc.arg(answers)::text[]) as answer) as c
order by c.actor, c.operation, c.key;

-- name: SeatsTrips :exec
update trip t set status = u.status, capacity = u.capacity, free = u.free::smallint[], overload = u.overload::smallint[],
  held = u.held, booked = u.booked, boarded = u.boarded, version = u.version
from (select unnest(sqlc.arg(dates)::date[]) as service_date, unnest(sqlc.arg(ids)::uuid[]) as id,
  unnest(sqlc.arg(statuses)::text[]) as status, unnest(sqlc.arg(capacities)::smallint[]) as capacity,
  unnest(sqlc.arg(frees)::text[]) as free, unnest(sqlc.arg(overloads)::text[]) as overload,
  unnest(sqlc.arg(helds)::smallint[]) as held, unnest(sqlc.arg(bookeds)::smallint[]) as booked,
  unnest(sqlc.arg(boardeds)::smallint[]) as boarded, unnest(sqlc.arg(versions)::bigint[]) as version) as u
where t.tenant_id = sqlc.arg(tenant_id)::uuid and t.service_date = u.service_date and t.id = u.id;

-- name: SeatsHold :exec
insert into booking (tenant_id, service_date, id, trip_id, rider_id, from_idx, to_idx, party, state, expires_at,
  fare_amount, fare_currency, cancel_until, short, line_name, from_stop, from_name, from_at, from_time,
  to_stop, to_name, to_at, to_time, created_at, programme_id, subsidy_amount)
select sqlc.arg(tenant_id)::uuid, unnest(sqlc.arg(dates)::date[]), unnest(sqlc.arg(ids)::uuid[]), unnest(sqlc.arg(trips)::uuid[]),
  unnest(sqlc.arg(riders)::uuid[]), unnest(sqlc.arg(from_idxs)::smallint[]), unnest(sqlc.arg(to_idxs)::smallint[]),
  unnest(sqlc.arg(parties)::smallint[]), 'held', unnest(sqlc.arg(expiries)::timestamptz[]),
  unnest(sqlc.arg(amounts)::bigint[]), unnest(sqlc.arg(currencies)::text[]), unnest(sqlc.arg(cancels)::timestamptz[]),
  unnest(sqlc.arg(shorts)::text[]), unnest(sqlc.arg(line_names)::text[]), unnest(sqlc.arg(from_stops)::uuid[]),
  unnest(sqlc.arg(from_names)::text[]), unnest(sqlc.arg(from_ats)::timestamptz[]), unnest(sqlc.arg(from_times)::text[]),
  unnest(sqlc.arg(to_stops)::uuid[]), unnest(sqlc.arg(to_names)::text[]), unnest(sqlc.arg(to_ats)::timestamptz[]),
  unnest(sqlc.arg(to_times)::text[]), unnest(sqlc.arg(created_ats)::timestamptz[]),
  nullif(unnest(sqlc.arg(programmes)::uuid[]), '00000000-0000-0000-0000-000000000000'), unnest(sqlc.arg(subsidies)::bigint[]);

-- name: SeatsChange :exec
-- What can change about a booking. The nil user is nobody.
update booking b set state = u.state, expires_at = u.expires_at, pay = nullif(u.pay, ''),
  payment_id = nullif(u.payment_id, '00000000-0000-0000-0000-000000000000'), pass_id = nullif(u.pass_id, '00000000-0000-0000-0000-000000000000'),
  programme_id = nullif(u.programme_id, '00000000-0000-0000-0000-000000000000'), subsidy_amount = u.subsidy, refund_amount = nullif(u.refund, -1), boarded_at = u.boarded_at,
  boarded_by = nullif(u.boarded_by, '00000000-0000-0000-0000-000000000000'), version = u.version
from (select unnest(sqlc.arg(dates)::date[]) as service_date, unnest(sqlc.arg(ids)::uuid[]) as id,
  unnest(sqlc.arg(states)::text[]) as state, unnest(sqlc.arg(pays)::text[]) as pay, unnest(sqlc.arg(refunds)::bigint[]) as refund,
  unnest(sqlc.arg(boarded_ats)::timestamptz[]) as boarded_at,
  unnest(sqlc.arg(boarded_bys)::uuid[]) as boarded_by, unnest(sqlc.arg(expiries)::timestamptz[]) as expires_at,
  unnest(sqlc.arg(payments)::uuid[]) as payment_id, unnest(sqlc.arg(passes)::uuid[]) as pass_id,
  unnest(sqlc.arg(programmes)::uuid[]) as programme_id, unnest(sqlc.arg(subsidies)::bigint[]) as subsidy, unnest(sqlc.arg(versions)::bigint[]) as version) as u
where b.tenant_id = sqlc.arg(tenant_id)::uuid and b.service_date = u.service_date and b.id = u.id;
