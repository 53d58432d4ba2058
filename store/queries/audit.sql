-- name: AuditAppend :exec
-- The nil actor is the system itself.
insert into audit (tenant_id, id, actor, action, target, detail)
select sqlc.arg(tenant_id)::uuid, a.id, nullif(a.actor, '00000000-0000-0000-0000-000000000000'), a.action, a.target, a.detail::jsonb
from (select unnest(sqlc.arg(ids)::uuid[]) as id, unnest(sqlc.arg(actors)::uuid[]) as actor,
  unnest(sqlc.arg(actions)::text[]) as action, unnest(sqlc.arg(targets)::text[]) as target,
  unnest(sqlc.arg(details)::text[]) as detail) as a;

-- name: AuditTrail :many
select id, at, actor, action, target, detail from audit
where tenant_id = $1 and target = $2
order by at, id;
