-- name: TripPattern :many
-- The stops of a pattern with all that a booking keeps of them.
select p.id, p.line_id, p.headsign, p.source, l.short_name, l.long_name, coalesce(l.color, '')::text as color, l.time_zone,
  s.idx, s.stop_id, s.arrive_s, s.depart_s, s.pickup, s.drop_off, o.name, o.lat, o.lon, coalesce(z.zone, '')::text as zone
from pattern p
join line l on l.tenant_id = p.tenant_id and l.id = p.line_id
join pattern_stop s on s.tenant_id = p.tenant_id and s.pattern_id = p.id
join stop o on o.tenant_id = s.tenant_id and o.id = s.stop_id
left join stop_zone z on z.tenant_id = s.tenant_id and z.stop_id = s.stop_id
where p.tenant_id = $1 and p.id = $2
order by s.idx;

-- name: TripFares :many
-- The fares of a feed, each rule on its own row; a fare without rules has one row without.
select f.id, f.amount, f.currency, (r.fare_id is not null)::boolean as ruled, r.line_id,
  coalesce(r.origin_zone, '')::text as origin, coalesce(r.destination_zone, '')::text as destination,
  coalesce(r.contains_zone, '')::text as contains
from fare f
left join fare_rule r on r.tenant_id = f.tenant_id and r.fare_id = f.id
where f.tenant_id = $1 and f.source = $2
order by f.id, r.n;

-- name: TripSearch :many
-- Trips that serve both stops in this order, with the seats free on every leg between them. A loop visits a stop twice:
-- as in seat.Find, the ride ends at the first visit to the destination after any to the origin, and begins at the last
-- visit to the origin before that. Instants bound the pickup, so that a trip of the day before that runs past midnight
-- is found on the day on the wall.
with ride as materialized (
  select f.pattern_id, a.idx as from_idx, f.to_idx, a.depart_s, b.arrive_s
  from (select x.pattern_id, min(y.idx)::smallint as to_idx
    from pattern_stop x
    join pattern_stop y on y.tenant_id = x.tenant_id and y.pattern_id = x.pattern_id and y.idx > x.idx
    where x.tenant_id = sqlc.arg(tenant_id) and x.stop_id = sqlc.arg(from_stop)
      and y.tenant_id = sqlc.arg(tenant_id) and y.stop_id = sqlc.arg(to_stop)
    group by x.pattern_id) as f
  cross join lateral (select x.idx, x.depart_s, x.pickup from pattern_stop x
    where x.tenant_id = sqlc.arg(tenant_id) and x.pattern_id = f.pattern_id and x.stop_id = sqlc.arg(from_stop) and x.idx < f.to_idx
    order by x.idx desc limit 1) as a
  join pattern_stop b on b.tenant_id = sqlc.arg(tenant_id) and b.pattern_id = f.pattern_id and b.idx = f.to_idx
  where a.pickup <> 1 and b.drop_off <> 1)
select t.id, t.service_date, t.line_id, t.pattern_id, t.departs_at, t.status, t.delay_s, r.from_idx, r.to_idx, t.seats as free,
  coalesce((select i.id from gtfs_import i where i.tenant_id = sqlc.arg(tenant_id) order by i.id desc limit 1), '00000000-0000-0000-0000-000000000000')::uuid as feed
from ride r
cross join (values (sqlc.arg(date)::date), (sqlc.arg(date)::date - 1)) as d (date)
cross join lateral (select t.id, t.service_date, t.line_id, t.pattern_id, t.departs_at, t.status, t.delay_s, s.seats from trip t
  cross join lateral (select (case when max(t.overload[g]) > 0 then 0 else min(t.free[g]) end)::smallint as seats
    from generate_series(r.from_idx + 1, r.to_idx) as g) as s
  where t.tenant_id = sqlc.arg(tenant_id) and t.service_date = d.date and t.pattern_id = r.pattern_id
    and t.departs_at >= sqlc.arg(first)::timestamptz - make_interval(secs => r.depart_s)
    and t.departs_at < sqlc.arg(last)::timestamptz - make_interval(secs => r.depart_s)
    and t.departs_at + make_interval(secs => r.depart_s + t.delay_s) > statement_timestamp()
    and t.status in ('scheduled', 'boarding') and not t.vanished and s.seats >= sqlc.arg(party)::smallint
  order by t.departs_at limit sqlc.arg(max_rows)) as t
order by t.departs_at + make_interval(secs => r.depart_s), t.id
limit sqlc.arg(max_rows);

-- name: TripGet :one
select * from trip where tenant_id = $1 and service_date = $2 and id = $3;

-- name: TicketKeys :many
select kid, public_key, sealed_private_key, created_at, retires_at from ticket_key where tenant_id = $1 order by kid;

-- name: TicketKeyAdd :execrows
insert into ticket_key (tenant_id, kid, public_key, sealed_private_key) values ($1, $2, $3, $4) on conflict do nothing;

-- name: TicketKeyRetire :execrows
update ticket_key set retires_at = $3 where tenant_id = $1 and kid = $2 and retires_at is null;
