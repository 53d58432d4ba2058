-- name: VehicleAdd :exec
-- Those that are there stay as they are.
insert into vehicle (tenant_id, id, label, capacity)
select sqlc.arg(tenant_id)::uuid, unnest(sqlc.arg(ids)::uuid[]), unnest(sqlc.arg(labels)::text[]), unnest(sqlc.arg(capacities)::smallint[])
on conflict (tenant_id, label) do nothing;

-- name: VehicleList :many
select id, label, capacity from vehicle where tenant_id = $1 and active order by label;

-- name: TripCrew :many
-- Who drives what on a trip. The row carries the names that its documents show.
update trip t set vehicle_id = v.id, vehicle_label = v.label, driver_id = u.id, driver_name = u.name, version = t.version + 1
from (select unnest(sqlc.arg(dates)::date[]) as service_date, unnest(sqlc.arg(trips)::uuid[]) as trip_id,
  unnest(sqlc.arg(vehicles)::uuid[]) as vehicle_id, unnest(sqlc.arg(drivers)::uuid[]) as driver_id) as c
join vehicle v on v.tenant_id = sqlc.arg(tenant_id)::uuid and v.id = c.vehicle_id
join app_user u on u.tenant_id = sqlc.arg(tenant_id)::uuid and u.id = c.driver_id
where t.tenant_id = sqlc.arg(tenant_id)::uuid and t.service_date = c.service_date and t.id = c.trip_id
returning t.service_date, t.id, t.line_id;
