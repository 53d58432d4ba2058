-- name: OutboxAppend :exec
-- A tombstone has no documents: the empty text.
insert into outbox (tenant_id, entity, version, docs, channels, left_channels)
select sqlc.arg(tenant_id)::uuid, c.entity, c.version, nullif(c.docs, '')::json, c.channels::text[], c.left_channels::text[]
from (select unnest(sqlc.arg(entities)::text[]) as entity, unnest(sqlc.arg(versions)::bigint[]) as version,
  unnest(sqlc.arg(docs)::text[]) as docs, unnest(sqlc.arg(channels)::text[]) as channels,
  unnest(sqlc.arg(left_channels)::text[]) as left_channels) as c;

-- name: OutboxState :one
-- Which transactions have ended by now, and up to which one rows have been dropped.
select pg_current_snapshot()::text as snapshot, (select xid::text from outbox_horizon)::text as horizon;

-- name: OutboxTail :many
-- Rows after (after, after_n) of transactions below upto that had ended at a snapshot: no other can come to be among them.
-- The snapshot is read once, not for each row.
select xid::text as xid, n, tenant_id, entity, version, docs, channels, left_channels, at
from outbox
where (xid, n) > (sqlc.arg(after)::text::xid8, sqlc.arg(after_n)::bigint) and xid < sqlc.arg(upto)::text::xid8
  and pg_visible_in_snapshot(xid, (select sqlc.arg(seen)::text::pg_snapshot))
order by outbox.xid, n -- not the alias: as text 1000 sorts before 999
limit sqlc.arg(max_rows);

-- name: OutboxRotate :exec
select outbox_rotate();

-- name: OutboxRevocations :many
-- Whose rights changed since a snapshot's xmin. Rows at or above today's xmin may come again at the next look, and that is
-- the point: what was open then is found there when it ends. An index of its own, so that nobody who lost a right keeps it
-- while the tail reads page by page what a large transaction wrote.
select n, tenant_id, entity from outbox
where xid >= sqlc.arg(since)::text::xid8 and entity ^@ 'access/';
