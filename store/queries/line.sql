-- name: StopSearch :many
-- Every word must begin a word of the stop's name or code. Nearest first when it is known where the rider is,
-- else names that begin with what was typed. The distance is on a plane, which is right enough to sort by.
select id, name, lat, lon from stop
where tenant_id = sqlc.arg(tenant_id) and active and served
  and not exists (select from unnest(sqlc.arg(words)::text[]) w where strpos(' ' || folded, ' ' || w) = 0)
order by case when sqlc.arg(near)::boolean
    then power(lat - sqlc.arg(lat)::float8, 2) + power((lon - sqlc.arg(lon)::float8) * cos(radians(sqlc.arg(lat)::float8)), 2) end,
  strpos(folded, sqlc.arg(typed)::text) <> 1, folded, id
limit sqlc.arg(max_rows);

-- name: StopGet :one
select id, name, lat, lon from stop where tenant_id = $1 and id = $2;

-- name: LineList :many
select l.id, l.short_name, l.long_name, coalesce(l.color, '')::text as color, a.name as agency from line l
join agency a on a.tenant_id = l.tenant_id and a.id = l.agency_id
where l.tenant_id = $1 and l.active
order by l.sort_order, l.short_name, l.long_name, l.id;

-- name: LineGet :one
select l.id, l.short_name, l.long_name, coalesce(l.color, '')::text as color, a.name as agency from line l
join agency a on a.tenant_id = l.tenant_id and a.id = l.agency_id
where l.tenant_id = $1 and l.id = $2;

-- name: LinePatterns :many
-- The patterns that the timetable still runs, the longest first: it is the line as people know it. Where the feed says
-- no headsign a pattern goes to its last stop.
select p.line_id, p.id, coalesce(nullif(p.headsign, ''), (select s.name from pattern_stop ps
    join stop s on s.tenant_id = ps.tenant_id and s.id = ps.stop_id
    where ps.tenant_id = p.tenant_id and ps.pattern_id = p.id order by ps.idx desc limit 1), '')::text as headsign,
  p.direction, p.stops from pattern p
where p.tenant_id = sqlc.arg(tenant_id) and p.line_id = any(sqlc.arg(lines)::uuid[]) and exists (select from trip_template t
  where t.tenant_id = p.tenant_id and t.pattern_id = p.id and t.active)
order by p.direction, p.stops desc, p.id;

-- name: PatternShape :one
-- Empty when the feed drew no way.
select coalesce(g.polyline, '')::text as polyline, p.direction from pattern p
left join shape g on g.tenant_id = p.tenant_id and g.id = p.shape_id
where p.tenant_id = $1 and p.id = $2;

-- name: ImportList :many
select id, source, coalesce(feed_version, '')::text as version, counts, notices, days, shift_days, capacity, created_by, created_at
from gtfs_import where tenant_id = $1 order by id desc limit $2;

-- name: TripNames :one
-- What people call a trip's line, and who runs it there.
select l.short_name, l.long_name, coalesce(l.color, '')::text as color, p.headsign, l.time_zone from pattern p
join line l on l.tenant_id = p.tenant_id and l.id = p.line_id
where p.tenant_id = $1 and p.id = $2;

-- name: TripOperate :exec
-- What a dispatcher says of a trip, beside its seats.
update trip set delay_s = $4, incident = nullif(sqlc.arg(incident)::text, '') where tenant_id = $1 and service_date = $2 and id = $3;
