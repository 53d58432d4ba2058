-- name: PassProductAdd :exec
insert into pass_product (tenant_id, id, name, rides, days, per_day, price, currency, lines, stops, refund_days)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(name), sqlc.narg(rides), sqlc.arg(days), sqlc.narg(per_day), sqlc.arg(price), sqlc.arg(currency),
  sqlc.arg(lines)::uuid[], sqlc.arg(stops)::uuid[], sqlc.arg(refund_days));

-- name: PassProductGet :one
select * from pass_product where tenant_id = $1 and id = $2;

-- name: PassProductLock :one
select * from pass_product where tenant_id = $1 and id = $2 for update;

-- name: PassProductSave :exec
update pass_product set name = sqlc.arg(name), price = sqlc.arg(price), on_sale = sqlc.arg(on_sale), version = version + 1
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: PassProducts :many
select * from pass_product where tenant_id = sqlc.arg(tenant_id) and (on_sale or sqlc.arg(withdrawn)::boolean) and id < sqlc.arg(before)
order by id desc limit sqlc.arg(max_rows);

-- name: PassProductParts :one
-- How many of these lines and stops the tenant has.
select (select count(*) from line l where l.tenant_id = sqlc.arg(tenant_id) and l.id = any (sqlc.arg(lines)::uuid[])) as lines,
  (select count(*) from stop s where s.tenant_id = sqlc.arg(tenant_id) and s.id = any (sqlc.arg(stops)::uuid[])) as stops;

-- name: PassAdd :exec
insert into pass (tenant_id, id, product_id, rider_id, name, rides, days, per_day, price, currency, lines, stops, refund_days, paid_with, state)
select p.tenant_id, sqlc.arg(id), p.id, sqlc.arg(rider_id), p.name, p.rides, p.days, p.per_day, p.price, p.currency, p.lines, p.stops, p.refund_days, sqlc.arg(paid_with), 'open'
from pass_product p where p.tenant_id = sqlc.arg(tenant_id) and p.id = sqlc.arg(product_id);

-- name: PassGet :one
select * from pass where tenant_id = $1 and id = $2;

-- name: PassLock :one
select * from pass where tenant_id = $1 and id = $2 for update;

-- name: PassesFor :many
-- A rider's that may cover a date, locked in the order of their ids: two bookings never wait for each other.
select * from pass where tenant_id = sqlc.arg(tenant_id) and rider_id = sqlc.arg(rider_id) and state = 'active'
  and sqlc.arg(date)::date between first_day and last_day
order by id for update;

-- name: PassUsedOn :many
-- Rides of some passes on a date. Asked behind their locks.
select pass_id, sum(rides)::bigint as rides from pass_use
where tenant_id = sqlc.arg(tenant_id) and pass_id = any (sqlc.arg(passes)::uuid[]) and service_date = sqlc.arg(date) and (returned_at is null or returned_to = 'kept')
group by pass_id;

-- name: PassSave :exec
update pass set state = sqlc.arg(state), first_day = sqlc.narg(first_day), last_day = sqlc.narg(last_day), used = sqlc.arg(used), spent = sqlc.arg(spent),
  due_at = sqlc.narg(due_at), activated_at = coalesce(activated_at, sqlc.narg(activated_at)), ended_at = coalesce(ended_at, sqlc.narg(ended_at)), version = version + 1
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: PassPage :many
select * from pass where tenant_id = sqlc.arg(tenant_id) and rider_id = sqlc.arg(rider_id) and id < sqlc.arg(before) and state <> 'abandoned'
order by id desc limit sqlc.arg(max_rows);

-- name: PassUseAdd :execrows
insert into pass_use (tenant_id, booking_id, pass_id, service_date, rides, value) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, booking_id) do nothing;

-- name: PassUseGet :one
select * from pass_use where tenant_id = $1 and booking_id = $2;

-- name: PassUseReturn :execrows
update pass_use set returned_at = clock_timestamp(), returned_to = sqlc.arg(returned_to)::text
where tenant_id = sqlc.arg(tenant_id) and booking_id = sqlc.arg(booking_id) and returned_at is null;

-- name: PassUses :many
select u.booking_id, u.service_date, u.rides, u.value, u.at, u.returned_at, coalesce(u.returned_to, '')::text as returned_to, b.line_name, b.from_name, b.to_name, b.from_time, b.state
from pass_use u join booking b on b.tenant_id = u.tenant_id and b.service_date = u.service_date and b.id = u.booking_id
where u.tenant_id = sqlc.arg(tenant_id) and u.pass_id = sqlc.arg(pass_id)
order by u.at desc limit sqlc.arg(max_rows);

-- name: PassesDue :many
-- Across tenants: of which a day has passed, or the last. The work is done in InTx.
select tenant_id, id from pass where due_at <= statement_timestamp() order by due_at limit $1;
