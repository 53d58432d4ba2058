-- name: BookingGet :one
select sqlc.embed(b), t.line_id, u.name as rider_name from booking b
join trip t on t.tenant_id = b.tenant_id and t.service_date = b.service_date and t.id = b.trip_id
join app_user u on u.tenant_id = b.tenant_id and u.id = b.rider_id
where b.tenant_id = $1 and b.service_date = $2 and b.id = $3;

-- name: BookingList :many
-- A rider's own, newest first. The cursor is the last one's creation and id.
select * from booking
where tenant_id = sqlc.arg(tenant_id) and rider_id = sqlc.arg(rider_id)
  and (cardinality(sqlc.arg(states)::text[]) = 0 or state = any (sqlc.arg(states)::text[]))
  and (created_at, id) < (sqlc.arg(before)::timestamptz, sqlc.arg(before_id)::uuid)
order by created_at desc, id desc
limit sqlc.arg(max_rows);

-- name: BookingManifest :many
-- Who travels on a trip, in the order in which they get on.
select sqlc.embed(b), u.name as rider_name from booking b
join app_user u on u.tenant_id = b.tenant_id and u.id = b.rider_id
where b.tenant_id = $1 and b.service_date = $2 and b.trip_id = $3
  and b.state in ('confirmed', 'boarded', 'completed', 'no_show')
order by b.from_idx, u.name, b.id;

-- name: BookingsDue :many
-- Across tenants: trips with holds whose time is over. The work is done in InTx.
select tenant_id, trip_id, min(expires_at)::timestamptz as since from booking
where state = 'held' and expires_at <= statement_timestamp()
group by tenant_id, trip_id
order by since
limit $1;

-- name: TripsEnded :many
-- Across tenants: trips that ended a while ago and were never completed, or were cancelled with riders who never chose.
select tenant_id, id from trip
where service_date between (sqlc.arg(ended_before)::timestamptz - interval '4 days')::date and (sqlc.arg(ended_before)::timestamptz + interval '1 day')::date
  and ends_at + make_interval(secs => greatest(delay_s, 0)) < sqlc.arg(ended_before)::timestamptz
  and (status in ('scheduled', 'boarding', 'departed') or (status = 'cancelled' and (held > 0 or booked > boarded)))
limit sqlc.arg(max_rows);

-- name: BookingsOpenOf :many
-- What is left to settle when a trip is over: of those who did not come, the money.
select * from booking
where tenant_id = $1 and service_date = $2 and trip_id = $3 and state in ('confirmed', 'boarded', 'held', 'no_show');

-- name: BookingTerms :one
-- What a tenant decided about seats, its zone, and the newest import, by which a node knows whether its timetable holds.
select statement_timestamp()::timestamptz as now, n.currency, n.time_zone, n.settings,
  coalesce((select i.id from gtfs_import i where i.tenant_id = n.id order by i.id desc limit 1), '00000000-0000-0000-0000-000000000000')::uuid as feed
from tenant n where n.id = $1;
