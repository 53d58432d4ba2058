-- name: LiveSnapshot :one
-- Which transactions a set that is read after this can see, at least.
select pg_current_snapshot()::text;

-- name: LiveTrip :one
select * from trip where service_date = $1 and id = $2;

-- name: LiveLine :many
select * from trip where service_date = $1 and line_id = $2 order by departs_at, id limit $3;

-- name: LiveBoard :many
-- Departures are compared as people read them on that line; a window past midnight wraps.
select * from trip
where service_date = sqlc.arg(service_date)
  and case when sqlc.arg(first)::text <= sqlc.arg(last)::text
      then dep >= sqlc.arg(first)::text and dep < sqlc.arg(last)::text
      else dep >= sqlc.arg(first)::text or dep < sqlc.arg(last)::text end
  and (cardinality(sqlc.arg(lines)::uuid[]) = 0 or line_id = any (sqlc.arg(lines)::uuid[]))
  and (cardinality(sqlc.arg(states)::text[]) = 0 or status = any (sqlc.arg(states)::text[]))
order by departs_at, id limit sqlc.arg(max_rows);

-- name: LiveLineExists :one
select id from line where id = $1;

-- name: LiveBooking :one
-- Its line says whose staff may see it.
select sqlc.embed(b), t.line_id from booking b
join trip t on t.service_date = b.service_date and t.id = b.trip_id
where b.service_date = $1 and b.id = $2;

-- name: LiveRide :one
-- What an employer pays for of a booking, where the organisation's list of rides shows it, with the unit that it is of.
select sqlc.embed(r), n.above from programme_ride r
join unit n on n.tenant_id = r.tenant_id and n.id = r.unit_id
where r.tenant_id = $1 and r.service_date = $2 and r.booking_id = $3 and r.state <> 'released';

-- name: LiveMe :one
-- One statement: the profile, the open bookings, the wallet and what is owed are of one instant. An account that nothing has moved
-- yet is not shown: nobody is told of its opening.
select u.id, u.email, u.name, coalesce(u.locale, '')::text as locale, u.status, u.version,
  coalesce((select json_agg(b) from booking b
    where b.rider_id = u.id and b.state in ('held', 'confirmed', 'boarded')), '[]'::json)::json as bookings,
  coalesce((select json_agg(json_build_object('code', a.code, 'currency', a.currency, 'posted', a.posted, 'held', a.held_dr, 'version', a.version)) from account a
    where a.tenant_id = u.tenant_id and a.code in ('wallet:' || u.id, 'recovery:' || u.id) and a.entries > 0), '[]'::json)::json as purses,
  coalesce((select json_agg(request_shown(r)) from request r where r.tenant_id = u.tenant_id and r.client_id = u.id and r.state = 'waiting'), '[]'::json)::json as requests,
  coalesce((select json_agg(json_build_object('id', a.id, 'queue', a.queue_id, 'client', a.client_id, 'kind', a.kind, 'modality', a.modality, 'minutes', a.minutes, 'ceiling', a.ceiling,
      'currency', a.currency, 'due_at', a.due_at, 'zone', a.time_zone, 'queue_zone', q.time_zone, 'state', a.state, 'refused', a.refused, 'version', a.version))
    from appointment a join queue q on q.tenant_id = a.tenant_id and q.id = a.queue_id
    where a.tenant_id = u.tenant_id and a.client_id = u.id and a.state in ('booked', 'funded', 'unfunded')), '[]'::json)::json as appointments,
  coalesce((select json_agg(offer_shown(o)) from offer o where o.tenant_id = u.tenant_id and o.expert_id = u.id and o.state = 'open'), '[]'::json)::json as offers,
  coalesce((select json_agg(json_build_object('id', s.id, 'request', s.request_id, 'client', s.client_id, 'expert', s.expert_id, 'modality', s.modality, 'state', s.state,
      'created_at', s.created_at, 'version', s.version)) from (
    select * from session x where x.tenant_id = u.tenant_id and x.client_id = u.id and x.state not in ('completed', 'connect_failed', 'no_show', 'cancelled')
    union all
    select * from session x where x.tenant_id = u.tenant_id and x.expert_id = u.id and x.state not in ('completed', 'connect_failed', 'no_show', 'cancelled')
    union all
    select x.* from session_party p join session x on x.tenant_id = p.tenant_id and x.id = p.session_id where p.tenant_id = u.tenant_id and p.user_id = u.id and p.role = 'second' and p.ended_at is null
    ) s), '[]'::json)::json as sessions
from app_user u where u.id = $1;

-- name: LiveRequest :one
select request_shown(r) as doc from request r where r.id = $1;

-- name: LiveQueue :one
-- Who waits in a queue and who talks in it; and of the tenant's experts those on duty, and what they are rung for or talk in, whichever queue it is of.
-- No row: there is no such queue.
select coalesce((select json_agg(request_shown(r)) from (select * from request x where x.tenant_id = q.tenant_id and x.queue_id = q.id and x.state = 'waiting'
    order by x.priority desc, x.placed_at, x.id limit sqlc.arg(max_rows)) r), '[]'::json)::json as waiting,
  coalesce((select json_agg(json_build_object('id', s.id, 'queue', s.queue_id, 'client', s.client_id, 'expert', s.expert_id, 'modality', s.modality, 'state', s.state,
      'price', json_build_object('amount', s.price, 'currency', s.currency), 'billed', s.shown_s, 'runningSince', s.running_since, 'createdAt', s.created_at, 'version', s.version,
      'parties', (select json_agg(json_build_object('user', p.user_id, 'role', p.role, 'name', p.name, 'here', p.joined_at is not null and p.left_at is null))
        from session_party p where p.tenant_id = s.tenant_id and p.session_id = s.id and p.ended_at is null)))
    from session s where s.tenant_id = q.tenant_id and s.queue_id = q.id and s.state not in ('completed', 'connect_failed', 'no_show', 'cancelled')), '[]'::json)::json as talks,
  coalesce((select json_agg(d.doc) from expert e left join expert_presence p on p.tenant_id = e.tenant_id and p.expert_id = e.id
      join expert_doc d on d.tenant_id = e.tenant_id and d.id = e.id
    where e.tenant_id = q.tenant_id and e.state = 'approved' and e.suspended_at is null and (e.intent <> 'off' or p.shown <> 'gone')), '[]'::json)::json as experts,
  coalesce((select json_agg(json_build_object('id', o.id, 'expert', o.expert_id, 'state', o.state, 'version', o.version))
    from offer o where o.tenant_id = q.tenant_id and o.state in ('open', 'accepted')), '[]'::json)::json as offers
from queue q where q.id = sqlc.arg(id)::uuid;
