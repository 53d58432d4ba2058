-- name: PaymentAdd :execrows
-- Nothing when its subject has one under way.
insert into payment (tenant_id, id, gateway_account_id, payer_id, subject, amount, currency, closes_at, method_id, keep)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(gateway_account_id), sqlc.arg(payer_id), sqlc.arg(subject), sqlc.arg(amount), sqlc.arg(currency), sqlc.arg(closes_at),
  sqlc.narg(method_id), sqlc.arg(keep))
on conflict (tenant_id, subject) where status in ('open', 'authorised') and subject not like 'session/%' do nothing;

-- name: PaymentGet :one
select * from payment where tenant_id = $1 and id = $2;

-- name: PaymentLock :one
select * from payment where tenant_id = $1 and id = $2 for update;

-- name: PaymentByRef :one
select id from payment where tenant_id = $1 and gateway_account_id = $2 and gateway_ref = $3;

-- name: PaymentsOf :many
select * from payment where tenant_id = $1 and subject = $2 order by created_at, id;

-- name: PaymentSave :exec
update payment set gateway_ref = sqlc.narg(gateway_ref), status = sqlc.arg(status), authorised = sqlc.arg(authorised), captured = sqlc.arg(captured),
  refunded = sqlc.arg(refunded), returned = sqlc.arg(returned), disputed = sqlc.arg(disputed), lost = sqlc.arg(lost), won = sqlc.arg(won), decline = sqlc.narg(decline),
  refunding = sqlc.arg(refunding), refunded_elsewhere = sqlc.arg(refunded_elsewhere),
  outcome = sqlc.narg(outcome), version = version + 1, updated_at = clock_timestamp()
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: PaymentOperationAdd :execrows
insert into payment_operation (tenant_id, payment_id, op, n, amount, why, cause)
values (sqlc.arg(tenant_id), sqlc.arg(payment_id), sqlc.arg(op), sqlc.arg(n), sqlc.arg(amount), sqlc.arg(why), sqlc.arg(cause))
on conflict (tenant_id, payment_id, op, n) do nothing;

-- name: PaymentOperationLast :one
select coalesce(max(n), 0)::smallint from payment_operation where tenant_id = $1 and payment_id = $2 and op = $3;

-- name: PaymentOperationFor :one
select * from payment_operation where tenant_id = $1 and payment_id = $2 and op = $3 and cause = $4 and state <> 'refused';

-- name: PaymentOperationGet :one
select * from payment_operation where tenant_id = $1 and payment_id = $2 and op = $3 and n = $4;

-- name: PaymentOperations :many
select * from payment_operation where tenant_id = $1 and payment_id = $2 order by created_at, op, n;

-- name: PaymentOperationTry :one
-- Before the gateway is asked: whoever comes next knows that it may have been.
update payment_operation set tries = tries + 1 where tenant_id = $1 and payment_id = $2 and op = $3 and n = $4 and state = 'waiting'
returning tries;

-- name: PaymentOperationSettle :execrows
update payment_operation set state = sqlc.arg(state), problem = sqlc.narg(problem), gateway_ref = coalesce(sqlc.narg(gateway_ref), gateway_ref),
  settled_at = case when sqlc.arg(state)::text <> 'waiting' then clock_timestamp() end
where tenant_id = sqlc.arg(tenant_id) and payment_id = sqlc.arg(payment_id) and op = sqlc.arg(op) and n = sqlc.arg(n) and state = 'waiting';

-- name: PaymentsBy :many
-- A payer's own. Ids grow with time.
select * from payment where tenant_id = sqlc.arg(tenant_id) and payer_id = sqlc.arg(payer_id) and id < sqlc.arg(before)
order by id desc limit sqlc.arg(max_rows);
