-- name: TenantRow :one
-- The reader's own tenant: row level security shows no other.
select id, slug, name, time_zone, currency, locale, settings, status from tenant;

-- name: TenantAdvises :one
-- Whether the reader's own tenant has to do with advice: it has a queue, or nothing of a commute either.
select (exists (select from queue) or not exists (select from line))::boolean;

-- name: TenantBySlug :one
select id, slug, name, time_zone, currency, locale, settings, status from tenant where slug = $1;

-- name: TenantList :many
select id, slug, name, time_zone, currency, locale, settings, status from tenant order by slug;

-- name: TenantInsert :exec
insert into tenant (id, slug, name, time_zone, currency, locale, settings) values ($1, $2, $3, $4, $5, $6, $7);

-- name: TenantSetStatus :execrows
-- A trigger tells every node.
update tenant set status = $2 where id = $1 and status <> $2;
