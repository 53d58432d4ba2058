-- name: NodeBeat :one
-- True when the lease is a new one: the node is registered for the first time, or was given up meanwhile.
insert into live_node (epoch, name, expires_at)
values (sqlc.arg(epoch), sqlc.arg(name), clock_timestamp() + sqlc.arg(lease_s)::float8 * interval '1 second')
on conflict (epoch) do update set expires_at = excluded.expires_at
returning (xmax = 0)::boolean as fresh;

-- name: NodeGone :exec
with gone as (delete from live_node n where n.epoch = sqlc.arg(epoch) returning n.epoch)
delete from live_presence p where p.epoch = sqlc.arg(epoch);

-- name: NodesReap :exec
-- Nodes whose lease ran out, and what belongs to no node: after a crash of PostgreSQL one table may be empty and the other not.
with dead as (delete from live_node n where n.expires_at < clock_timestamp() returning n.epoch)
delete from live_presence p
where p.epoch in (select dead.epoch from dead) or not exists (select from live_node n where n.epoch = p.epoch);

-- name: PresenceEnter :exec
insert into live_presence (tenant_id, user_id, conn_id, device, epoch, browser, since)
select c.tenant_id, c.user_id, c.conn_id, c.device, sqlc.arg(epoch), c.browser, c.since
from (select unnest(sqlc.arg(tenants)::uuid[]) as tenant_id, unnest(sqlc.arg(users)::uuid[]) as user_id, unnest(sqlc.arg(conns)::uuid[]) as conn_id,
  unnest(sqlc.arg(devices)::uuid[]) as device, unnest(sqlc.arg(browsers)::boolean[]) as browser, unnest(sqlc.arg(sinces)::timestamptz[]) as since) as c
on conflict do nothing;

-- name: PresenceLeave :exec
delete from live_presence p
using (select unnest(sqlc.arg(tenants)::uuid[]) as tenant_id, unnest(sqlc.arg(users)::uuid[]) as user_id, unnest(sqlc.arg(conns)::uuid[]) as conn_id) as c
where p.tenant_id = c.tenant_id and p.user_id = c.user_id and p.conn_id = c.conn_id;

-- name: PresenceOf :many
-- Where a user is connected, by device.
select p.device, n.name as node, p.browser, min(p.since)::timestamptz as since, count(*) as connections
from live_presence p join live_node n on n.epoch = p.epoch and n.expires_at > clock_timestamp()
where p.tenant_id = sqlc.arg(tenant) and p.user_id = sqlc.arg(usr)
group by p.device, n.name, p.browser order by min(p.since), p.device, n.name;
