-- name: MeteredAdd :execrows
insert into metered_session (tenant_id, id, client_id, expert_id, gateway_account_id, price, fee_bp, currency, lost_by, follows)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(client_id), sqlc.narg(expert_id), sqlc.narg(gateway_account_id), sqlc.arg(price), sqlc.arg(fee_bp), sqlc.arg(currency), sqlc.arg(lost_by), sqlc.narg(follows))
on conflict (tenant_id, id) do nothing;

-- name: MeteredGet :one
select * from metered_session where tenant_id = $1 and id = $2;

-- name: MeteredLock :one
select * from metered_session where tenant_id = $1 and id = $2 for update;

-- name: MeteredName :execrows
-- Who takes it, at a price that is not above what was agreed on. None: it is over, or part of it is somebody else's already.
update metered_session m set expert_id = sqlc.arg(expert_id), price = least(m.price, sqlc.arg(price)::bigint), version = m.version + 1
where m.tenant_id = sqlc.arg(tenant_id) and m.id = sqlc.arg(id) and m.billed is null and m.client_id <> sqlc.arg(expert_id)
  and (m.expert_id is not distinct from sqlc.arg(expert_id) or not exists (select from metered_part p where p.tenant_id = m.tenant_id and p.session_id = m.id and p.destination is not null));

-- name: MeteredCustomer :exec
update metered_session set gateway_customer = $3, version = version + 1 where tenant_id = $1 and id = $2 and gateway_customer is null;

-- name: MeteredCustomerOf :one
-- The client at a gateway, from an earlier session: one customer there is enough.
select gateway_customer from metered_session
where tenant_id = $1 and gateway_account_id = $2 and client_id = $3 and gateway_customer is not null
order by created_at limit 1;

-- name: MeteredEnd :exec
update metered_session set billed = $3, ended_at = clock_timestamp(), version = version + 1 where tenant_id = $1 and id = $2;

-- name: MeteredPartAdd :exec
insert into metered_part (tenant_id, session_id, n, amount, payment_id, hold_id, destination)
values (sqlc.arg(tenant_id), sqlc.arg(session_id), sqlc.arg(n), sqlc.arg(amount), sqlc.narg(payment_id), sqlc.narg(hold_id), sqlc.narg(destination));

-- name: MeteredPartTake :exec
update metered_part set capture = $4, fee = $5 where tenant_id = $1 and session_id = $2 and n = $3 and capture is null;

-- name: MeteredParts :many
-- The chain in its order, each link with what is known of its payment.
select m.n, m.amount, m.payment_id, m.hold_id, m.destination, m.capture, m.fee, p.status, p.captured, p.authorised
from metered_part m left join payment p on p.tenant_id = m.tenant_id and p.id = m.payment_id
where m.tenant_id = $1 and m.session_id = $2 order by m.n;

-- name: MeteredPartOf :one
-- The link that a payment is, with the terms of its session.
select m.session_id, m.n, m.amount, m.destination, m.capture, m.fee, s.client_id, s.expert_id, s.price, s.fee_bp, s.currency, s.gateway_customer, s.billed, s.lost_by, s.gateway_account_id, s.follows
from metered_part m join metered_session s on s.tenant_id = m.tenant_id and s.id = m.session_id
where m.tenant_id = $1 and m.payment_id = $2;

-- name: SharesOwed :many
-- Links whose share an expert has not been sent yet, though the gateway has the money.
select m.payment_id, p.currency, m.capture, m.fee, p.captured, p.disputed, p.won
from metered_part m
join metered_session s on s.tenant_id = m.tenant_id and s.id = m.session_id
join payment p on p.tenant_id = m.tenant_id and p.id = m.payment_id
where m.tenant_id = sqlc.arg(tenant_id) and s.expert_id = sqlc.arg(expert_id) and s.gateway_account_id = sqlc.arg(gateway_account_id)
  and m.destination is null and p.captured > 0
  and not exists (select from payment_operation o where o.tenant_id = m.tenant_id and o.payment_id = m.payment_id and o.op = 'transfer' and o.state <> 'refused')
order by s.created_at, m.n limit sqlc.arg(max_rows);

-- name: ConnectedAccountOf :one
select gateway_account_id, gateway_ref, user_id, state, seen_at, created_at from connected_account where tenant_id = $1 and gateway_account_id = $2 and user_id = $3;

-- name: ConnectedAccountByRef :one
select gateway_account_id, gateway_ref, user_id, state, seen_at, created_at from connected_account where tenant_id = $1 and gateway_account_id = $2 and gateway_ref = $3;

-- name: ConnectedAccountOpen :execrows
insert into connected_account (tenant_id, gateway_account_id, gateway_ref, user_id, state, seen_at)
values (sqlc.arg(tenant_id), sqlc.arg(gateway_account_id), sqlc.arg(gateway_ref), sqlc.arg(user_id), sqlc.arg(state), sqlc.arg(seen_at))
on conflict do nothing;
