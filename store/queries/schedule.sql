-- name: Clock :one
-- The clock that decides.
select statement_timestamp()::timestamptz as now;

-- name: ScheduleVersion :one
-- The newest import: while it is the same, so is the timetable.
select id, days from gtfs_import where tenant_id = $1 order by id desc limit 1;

-- name: HorizonWant :exec
-- After an import: its trips are yet to be derived, for as many days as the newest import of any source asked for.
insert into trip_horizon as h (tenant_id, import_id, days)
select i.tenant_id, (array_agg(i.id order by i.id desc))[1], max(i.days) from (select distinct on (g.source) g.tenant_id, g.id, g.days from gtfs_import g
  where g.tenant_id = $1 order by g.source, g.id desc) as i group by i.tenant_id
on conflict (tenant_id) do update set import_id = excluded.import_id, days = excluded.days, until = null;

-- name: HorizonDays :one
select days from trip_horizon where tenant_id = $1;

-- name: HorizonReached :execrows
-- Says nothing once another import has come.
update trip_horizon set until = sqlc.arg(until)::date where tenant_id = sqlc.arg(tenant_id) and import_id = sqlc.arg(import_id);

-- name: Horizons :many
-- Across tenants: how far trips are derived.
select h.tenant_id, h.days, h.until, n.time_zone from trip_horizon h
join tenant n on n.id = h.tenant_id where n.status = 'active' order by h.tenant_id;

-- name: ScheduleTemplates :many
-- What may run from a date on: the active templates, and those that still have trips.
select t.id, t.external_id, t.pattern_id, t.line_id, t.service_id, t.start_s, t.frequencies, t.capacity, t.active,
  (p.stops - 1)::smallint as legs, l.time_zone,
  (select s.arrive_s from pattern_stop s where s.tenant_id = p.tenant_id and s.pattern_id = p.id order by s.idx desc limit 1)::integer as lasts_s
from trip_template t
join pattern p on p.tenant_id = t.tenant_id and p.id = t.pattern_id
join line l on l.tenant_id = t.tenant_id and l.id = t.line_id
where t.tenant_id = sqlc.arg(tenant_id) and (t.active or t.id in
  (select x.template_id from trip x where x.tenant_id = sqlc.arg(tenant_id) and x.service_date >= sqlc.arg(first)::date))
order by t.id;

-- name: ScheduleServices :many
select c.id, c.external_id, c.weekdays, c.first_date, c.last_date,
  coalesce((select array_agg(d.date order by d.date) from calendar_date d
    where d.tenant_id = c.tenant_id and d.service_id = c.id and d.runs), '{}')::date[] as added,
  coalesce((select array_agg(d.date order by d.date) from calendar_date d
    where d.tenant_id = c.tenant_id and d.service_id = c.id and not d.runs), '{}')::date[] as removed
from service_calendar c where c.tenant_id = $1;

-- name: ScheduleMonths :exec
select ensure_service_months(sqlc.arg(first)::date, sqlc.arg(last)::date);

-- name: ScheduleTrips :many
select * from trip where tenant_id = $1 and service_date = $2 and id = any (sqlc.arg(ids)::uuid[]) order by id;

-- name: ScheduleBookings :many
-- Open bookings of trips whose times moved, with the times that their stops have now.
select sqlc.embed(b), t.departs_at, f.depart_s as from_s, o.arrive_s as to_s, l.time_zone from booking b
join trip t on t.tenant_id = b.tenant_id and t.service_date = b.service_date and t.id = b.trip_id
join line l on l.tenant_id = t.tenant_id and l.id = t.line_id
join pattern_stop f on f.tenant_id = t.tenant_id and f.pattern_id = t.pattern_id and f.idx = b.from_idx
join pattern_stop o on o.tenant_id = t.tenant_id and o.pattern_id = t.pattern_id and o.idx = b.to_idx
where b.tenant_id = sqlc.arg(tenant_id) and b.service_date = sqlc.arg(service_date) and b.trip_id = any (sqlc.arg(trips)::uuid[])
  and b.state in ('held', 'confirmed')
  and (b.from_at, b.to_at) is distinct from (t.departs_at + make_interval(secs => f.depart_s), t.departs_at + make_interval(secs => o.arrive_s))
order by b.id;
