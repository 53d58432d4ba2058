-- name: PayerAdd :exec
-- Who a user is at a gateway is noted before it is asked for.
insert into payer (tenant_id, gateway_account_id, user_id, gateway_ref)
values (sqlc.arg(tenant_id), sqlc.arg(gateway_account_id), sqlc.arg(user_id), sqlc.narg(gateway_ref))
on conflict do nothing;

-- name: PayerGet :one
select * from payer where tenant_id = $1 and gateway_account_id = $2 and user_id = $3;

-- name: PayerLock :one
-- Whoever changes which of a user's cards is preferred holds this row.
select * from payer where tenant_id = $1 and gateway_account_id = $2 and user_id = $3 for update;

-- name: PayerMade :exec
update payer set gateway_ref = sqlc.arg(gateway_ref)::text
where tenant_id = sqlc.arg(tenant_id) and gateway_account_id = sqlc.arg(gateway_account_id) and user_id = sqlc.arg(user_id) and gateway_ref is null;

-- name: PayerAgain :exec
-- The next attempt, unless somebody has counted it.
update payer set n = n + 1
where tenant_id = sqlc.arg(tenant_id) and gateway_account_id = sqlc.arg(gateway_account_id) and user_id = sqlc.arg(user_id) and n = sqlc.arg(n) and gateway_ref is null;

-- name: MethodKeep :execrows
-- A user's first card is the preferred one. Nothing when it was kept before, and be it gone by now.
insert into saved_method (tenant_id, id, gateway_account_id, user_id, gateway_customer, gateway_ref, brand, last4, exp_month, exp_year, preferred)
select sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(gateway_account_id), sqlc.arg(user_id), sqlc.arg(gateway_customer), sqlc.arg(gateway_ref), sqlc.arg(brand), sqlc.arg(last4),
  sqlc.arg(exp_month), sqlc.arg(exp_year),
  not exists (select from saved_method m where m.tenant_id = sqlc.arg(tenant_id) and m.gateway_account_id = sqlc.arg(gateway_account_id) and m.user_id = sqlc.arg(user_id) and m.preferred)
on conflict (tenant_id, gateway_account_id, gateway_ref) do nothing;

-- name: MethodByRef :one
select * from saved_method where tenant_id = $1 and gateway_account_id = $2 and gateway_ref = $3;

-- name: MethodGet :one
select * from saved_method where tenant_id = $1 and id = $2;

-- name: MethodLock :one
select * from saved_method where tenant_id = $1 and id = $2 for update;

-- name: Methods :many
-- What a user keeps, the preferred one first, then the latest.
select * from saved_method where tenant_id = sqlc.arg(tenant_id) and gateway_account_id = sqlc.arg(gateway_account_id) and user_id = sqlc.arg(user_id) and state = 'kept'
order by preferred desc, id desc limit sqlc.arg(max_rows);

-- name: MethodCard :execrows
-- What the gateway says of a card now.
update saved_method set brand = sqlc.arg(brand), last4 = sqlc.arg(last4), exp_month = sqlc.arg(exp_month), exp_year = sqlc.arg(exp_year), version = version + 1
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id)
  and (brand, last4, exp_month, exp_year) is distinct from (sqlc.arg(brand), sqlc.arg(last4), sqlc.arg(exp_month), sqlc.arg(exp_year));

-- name: MethodState :exec
update saved_method set state = sqlc.arg(state), preferred = false, version = version + 1,
  gone_at = case when sqlc.arg(state)::text = 'gone' then clock_timestamp() end
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: MethodUnprefer :exec
update saved_method set preferred = false, version = version + 1
where tenant_id = sqlc.arg(tenant_id) and gateway_account_id = sqlc.arg(gateway_account_id) and user_id = sqlc.arg(user_id) and preferred;

-- name: MethodPrefer :exec
update saved_method set preferred = true, version = version + 1 where tenant_id = $1 and id = $2;

-- name: MethodTry :one
update saved_method set tries = least(tries + 1, 30000) where tenant_id = $1 and id = $2 returning tries;

-- name: SetupAdd :exec
insert into method_setup (tenant_id, id, gateway_account_id, user_id)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(gateway_account_id), sqlc.arg(user_id))
on conflict do nothing;

-- name: SetupOpen :one
select * from method_setup where tenant_id = $1 and gateway_account_id = $2 and user_id = $3 and state = 'open';

-- name: SetupGet :one
select * from method_setup where tenant_id = $1 and id = $2;

-- name: SetupMade :exec
update method_setup set gateway_ref = sqlc.arg(gateway_ref)::text where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and gateway_ref is null;

-- name: SetupAgain :exec
update method_setup set n = n + 1 where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and n = sqlc.arg(n) and gateway_ref is null;

-- name: SetupSettle :execrows
update method_setup set state = sqlc.arg(state), method_id = sqlc.narg(method_id), settled_at = clock_timestamp()
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and state = 'open';
