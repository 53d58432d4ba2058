-- name: IdempotencyClaim :execrows
-- Waits for whoever claims the same key right now; 0 rows when it was claimed before.
insert into idempotency (tenant_id, actor, operation, key, body_hash)
values ($1, $2, $3, $4, $5)
on conflict do nothing;

-- name: IdempotencyRead :one
select body_hash, answer from idempotency
where tenant_id = $1 and actor = $2 and operation = $3 and key = $4;

-- name: IdempotencyAnswer :exec
update idempotency set status = $5, answer = $6
where tenant_id = $1 and actor = $2 and operation = $3 and key = $4;

-- name: IdempotencySweep :execrows
-- Keys are kept for a day. A bounded bite, so that a sweep never holds the tail of the outbox back.
delete from idempotency where (tenant_id, actor, operation, key) in (
  select i.tenant_id, i.actor, i.operation, i.key from idempotency i
  where i.created_at < clock_timestamp() - interval '24 hours' limit $1);
