-- Programmes are decided in Go (billing/programme) under the locks of programme_use: see Tx.Programmes.

-- name: ProgrammeOpen :exec
-- The months that are about to be decided about, in the order of their keys, so that two batches never wait for each other.
insert into programme_use (tenant_id, programme_id, employee_id, month)
select distinct sqlc.arg(tenant_id)::uuid, p.id, e.id, date_trunc('month', a.date)::date
from (select unnest(sqlc.arg(riders)::uuid[]) as rider, unnest(sqlc.arg(dates)::date[]) as date) as a
join app_user u on u.tenant_id = sqlc.arg(tenant_id)::uuid and u.id = a.rider
join membership m on m.tenant_id = u.tenant_id and (m.user_id = u.id or (m.user_id is null and m.email = u.email))
  and m.joined <= a.date and (m.left_on is null or a.date < m.left_on)
join unit n on n.tenant_id = m.tenant_id and n.id = m.unit_id
join organisation o on o.tenant_id = m.tenant_id and o.id = m.organisation_id and o.active
join programme p on p.tenant_id = m.tenant_id and p.organisation_id = m.organisation_id and p.unit_id = any (n.above) and p.active
  and p.valid_from <= a.date and (p.valid_until is null or a.date <= p.valid_until)
cross join lateral (values (u.id), ('00000000-0000-0000-0000-000000000000'::uuid)) as e (id)
order by 2, 3, 4
on conflict do nothing;

-- name: ProgrammeLock :many
-- The months of those who ask and of rides that are settled, each with the programme's own (employee nil), which comes first.
with wanted as (
  select p.id as programme_id, a.rider as employee_id, date_trunc('month', a.date)::date as month
  from (select unnest(sqlc.arg(riders)::uuid[]) as rider, unnest(sqlc.arg(dates)::date[]) as date) as a
  join app_user u on u.tenant_id = sqlc.arg(tenant_id)::uuid and u.id = a.rider
  join membership m on m.tenant_id = u.tenant_id and (m.user_id = u.id or (m.user_id is null and m.email = u.email))
  join programme p on p.tenant_id = m.tenant_id and p.organisation_id = m.organisation_id
  union
  select r.programme_id, r.employee_id, r.month
  from (select unnest(sqlc.arg(ride_dates)::date[]) as service_date, unnest(sqlc.arg(bookings)::uuid[]) as id) as k
  join programme_ride r on r.tenant_id = sqlc.arg(tenant_id)::uuid and r.service_date = k.service_date and r.booking_id = k.id)
select u.programme_id, u.employee_id, u.month, u.used, u.rides, coalesce(u.cap, -1)::bigint as cap, coalesce(u.cap_rides, -1)::integer as cap_rides
from programme_use u
where u.tenant_id = sqlc.arg(tenant_id)::uuid and exists (select from wanted w
  where w.programme_id = u.programme_id and w.month = u.month and u.employee_id in (w.employee_id, '00000000-0000-0000-0000-000000000000'))
order by u.programme_id, u.employee_id, u.month
for no key update;

-- name: ProgrammeCovers :many
-- Read behind the locks: which programme may pay for whom on a day, and to which cost centre they belong.
select u.id as rider, a.date::date as date, p.id as programme_id, m.id as membership_id, n.id as unit_id, m.joined,
  m.left_on,
  coalesce((select jsonb_agg(jsonb_build_object('from', g.from_date, 'cost_centre', g.cost_centre) order by g.from_date)
    from membership_posting g where g.tenant_id = m.tenant_id and g.membership_id = m.id), '[]')::jsonb as postings
from (select unnest(sqlc.arg(riders)::uuid[]) as rider, unnest(sqlc.arg(dates)::date[]) as date) as a
join app_user u on u.tenant_id = sqlc.arg(tenant_id)::uuid and u.id = a.rider
join membership m on m.tenant_id = u.tenant_id and (m.user_id = u.id or (m.user_id is null and m.email = u.email))
  and m.joined <= a.date and (m.left_on is null or a.date < m.left_on)
join unit n on n.tenant_id = m.tenant_id and n.id = m.unit_id
join organisation o on o.tenant_id = m.tenant_id and o.id = m.organisation_id and o.active
join programme p on p.tenant_id = m.tenant_id and p.organisation_id = m.organisation_id and p.unit_id = any (n.above) and p.active
  and p.valid_from <= a.date and (p.valid_until is null or a.date <= p.valid_until)
order by p.id;

-- name: ProgrammeRides :many
select r.service_date, r.booking_id, r.programme_id, r.organisation_id, r.unit_id, r.membership_id, r.employee_id, r.month,
  r.line_id, r.line_name, r.from_name, r.to_name, r.pickup_at, r.fare, r.subsidy, r.booked, r.currency, r.cost_centre, r.state, r.version
from (select unnest(sqlc.arg(ride_dates)::date[]) as service_date, unnest(sqlc.arg(bookings)::uuid[]) as id) as k
join programme_ride r on r.tenant_id = sqlc.arg(tenant_id)::uuid and r.service_date = k.service_date and r.booking_id = k.id;

-- name: ProgrammesByID :many
select sqlc.embed(p), coalesce((select jsonb_object_agg(x.month, x.told) from (select a.month, max(a.threshold) as told from programme_alert a
    where a.tenant_id = p.tenant_id and a.programme_id = p.id group by a.month) x), '{}')::jsonb as told
from programme p where p.tenant_id = sqlc.arg(tenant_id)::uuid and p.id = any (sqlc.arg(ids)::uuid[])
order by p.id;

-- name: ProgrammeUsePut :exec
update programme_use u set used = x.used, rides = x.rides, cap = nullif(x.cap, -1), cap_rides = nullif(x.cap_rides, -1)
from (select unnest(sqlc.arg(programmes)::uuid[]) as programme_id, unnest(sqlc.arg(employees)::uuid[]) as employee_id,
  unnest(sqlc.arg(months)::date[]) as month, unnest(sqlc.arg(used)::bigint[]) as used, unnest(sqlc.arg(rides)::integer[]) as rides,
  unnest(sqlc.arg(caps)::bigint[]) as cap, unnest(sqlc.arg(cap_rides)::integer[]) as cap_rides) as x
where u.tenant_id = sqlc.arg(tenant_id)::uuid and u.programme_id = x.programme_id and u.employee_id = x.employee_id and u.month = x.month;

-- name: ProgrammeRideAdd :exec
insert into programme_ride (tenant_id, service_date, booking_id, programme_id, organisation_id, unit_id, membership_id, employee_id, month,
  line_id, line_name, from_name, to_name, pickup_at, fare, subsidy, booked, currency, cost_centre, state)
values (sqlc.arg(tenant_id), sqlc.arg(service_date), sqlc.arg(booking_id), sqlc.arg(programme_id), sqlc.arg(organisation_id), sqlc.arg(unit_id),
  sqlc.arg(membership_id), sqlc.arg(employee_id), sqlc.arg(month), sqlc.arg(line_id), sqlc.arg(line_name), sqlc.arg(from_name), sqlc.arg(to_name),
  sqlc.arg(pickup_at), sqlc.arg(fare), sqlc.arg(subsidy), sqlc.arg(subsidy), sqlc.arg(currency), sqlc.arg(cost_centre), 'reserved');

-- name: ProgrammeRideSettle :exec
update programme_ride set state = sqlc.arg(state), subsidy = sqlc.arg(subsidy), settled_at = clock_timestamp(), version = version + 1
where tenant_id = sqlc.arg(tenant_id) and service_date = sqlc.arg(service_date) and booking_id = sqlc.arg(booking_id);

-- name: ProgrammeAlertAdd :exec
insert into programme_alert (tenant_id, programme_id, month, threshold, spent, budget)
values (sqlc.arg(tenant_id), sqlc.arg(programme_id), sqlc.arg(month), sqlc.arg(threshold), sqlc.arg(spent), sqlc.arg(budget))
on conflict do nothing;

-- name: ProgrammeRideOf :one
-- One ride, with whose it was.
select sqlc.embed(r), u.name as employee_name from programme_ride r
join app_user u on u.tenant_id = r.tenant_id and u.id = r.employee_id
where r.tenant_id = $1 and r.service_date = $2 and r.booking_id = $3;
