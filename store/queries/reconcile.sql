-- name: ReconcileAccounts :many
-- Across tenants: whose accounts with gateways are to be reconciled.
select tenant_id, id from gateway_account where active and kind <> 'cash' order by tenant_id, id;

-- name: GatewayAccountList :many
select id, kind, merchant, active, created_at from gateway_account where tenant_id = $1 order by active desc, created_at;

-- name: ConnectedAccountList :many
select gateway_ref from connected_account where tenant_id = $1 and gateway_account_id = $2 and gateway_ref > $3 order by gateway_ref limit $4;

-- name: ReconciliationGet :one
-- From where to go on: from when the account was added, the first time.
select coalesce((select r.upto from reconciliation r where r.tenant_id = sqlc.arg(tenant_id) and r.gateway_account_id = sqlc.arg(account_id) and r.part = sqlc.arg(part)),
  a.created_at)::timestamptz as upto
from gateway_account a where a.tenant_id = sqlc.arg(tenant_id) and a.id = sqlc.arg(account_id);

-- name: ReconciliationSet :exec
insert into reconciliation (tenant_id, gateway_account_id, part, upto) values ($1, $2, $3, $4)
on conflict (tenant_id, gateway_account_id, part) do update set upto = greatest(reconciliation.upto, excluded.upto), ran_at = clock_timestamp();

-- name: MovementAdd :execrows
insert into gateway_movement (tenant_id, gateway_account_id, gateway_ref, kind, type, source, payment_ref, about, currency, amount, fee, happened_at)
values (sqlc.arg(tenant_id), sqlc.arg(gateway_account_id), sqlc.arg(gateway_ref), sqlc.arg(kind), sqlc.arg(type), sqlc.arg(source), sqlc.arg(payment_ref),
  coalesce((select p.id from payment p where p.tenant_id = sqlc.arg(tenant_id) and p.gateway_account_id = sqlc.arg(gateway_account_id) and p.gateway_ref = sqlc.arg(payment_ref)),
    sqlc.narg(about)::uuid),
  sqlc.arg(currency), sqlc.arg(amount), sqlc.arg(fee), sqlc.arg(happened_at))
on conflict (tenant_id, gateway_account_id, gateway_ref) do nothing;

-- name: MovementLink :exec
-- A payment's object may become known after its movement was listed.
update gateway_movement m set about = p.id from payment p
where m.tenant_id = sqlc.arg(tenant_id) and m.gateway_account_id = sqlc.arg(gateway_account_id) and m.about is null and m.payment_ref <> ''
  and p.tenant_id = m.tenant_id and p.gateway_account_id = m.gateway_account_id and p.gateway_ref = m.payment_ref;

-- name: MovementLinkOn :execrows
-- A share is about what its charge is about, and what is taken back of it about the same.
update gateway_movement m set about = c.about from gateway_movement c
where m.tenant_id = sqlc.arg(tenant_id) and m.gateway_account_id = sqlc.arg(gateway_account_id) and m.about is null and m.payment_ref <> ''
  and c.tenant_id = m.tenant_id and c.gateway_account_id = m.gateway_account_id and c.source = m.payment_ref and c.about is not null;

-- name: MovedDuring :many
-- What was moved in a time: things of ours, and movements that are about none.
select distinct coalesce(m.about::text, m.gateway_ref)::text as about from gateway_movement m
where m.tenant_id = sqlc.arg(tenant_id) and m.gateway_account_id = sqlc.arg(gateway_account_id)
  and m.happened_at >= sqlc.arg(since)::timestamptz and m.happened_at < sqlc.arg(until)::timestamptz;

-- name: BookedDuring :many
-- What was booked on an account in a time, by what it is about.
select distinct coalesce(nullif(j.subject, ''), 'journal/' || j.id)::text as subject from account a
join entry e on e.tenant_id = a.tenant_id and e.account_id = a.id and e.layer = 'P' and e.at >= sqlc.arg(since)::timestamptz and e.at < sqlc.arg(until)::timestamptz
join journal j on j.tenant_id = e.tenant_id and j.id = e.journal_id
where a.tenant_id = sqlc.arg(tenant_id) and a.code = sqlc.arg(code);

-- name: MovedAbout :many
-- All that was ever moved about some things.
select coalesce(m.about::text, m.gateway_ref)::text as about, m.kind, m.currency, sum(m.amount)::bigint as amount, sum(m.fee)::bigint as fee, max(m.happened_at)::timestamptz as latest
from gateway_movement m
where m.tenant_id = sqlc.arg(tenant_id) and m.gateway_account_id = sqlc.arg(gateway_account_id)
  and m.kind <> 'fee' and (m.about = any(sqlc.arg(ids)::uuid[]) or m.about is null and m.gateway_ref = any(sqlc.arg(refs)::text[]))
group by 1, 2, 3;

-- name: BookedAbout :many
-- All that was ever booked on an account about some things, by kind of journal.
select coalesce(nullif(j.subject, ''), 'journal/' || j.id)::text as subject, j.kind, a.currency::text as currency, sum(e.dr - e.cr)::bigint as amount, max(e.at)::timestamptz as latest
from journal j
join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'P'
join account a on a.tenant_id = e.tenant_id and a.id = e.account_id and a.code = sqlc.arg(code)
where j.tenant_id = sqlc.arg(tenant_id) and (j.subject = any(sqlc.arg(subjects)::text[]) and j.subject <> ''
  or j.subject = '' and j.id = any(sqlc.arg(journals)::uuid[]))
group by 1, 2, 3;

-- name: MovementFees :many
-- What movements of a time, or those that are named, have cost: what was taken beside them, or what they are.
select m.gateway_ref, m.currency, (case when m.kind = 'fee' then m.fee - m.amount else m.fee end)::bigint as fee from gateway_movement m
where m.tenant_id = sqlc.arg(tenant_id) and m.gateway_account_id = sqlc.arg(gateway_account_id)
  and (m.happened_at >= sqlc.arg(since)::timestamptz and m.happened_at < sqlc.arg(until)::timestamptz or m.gateway_ref = any(sqlc.arg(refs)::text[]))
  and (m.fee <> 0 or m.kind = 'fee');

-- name: MovementsAbout :many
select * from gateway_movement where tenant_id = $1 and about = $2 order by happened_at, gateway_ref limit $3;

-- name: PaymentsStuck :many
-- What should be over: payments nobody can pay any more, and what was asked of a gateway and is not answered.
select p.id from payment p
where p.tenant_id = sqlc.arg(tenant_id) and p.gateway_account_id = sqlc.arg(gateway_account_id) and p.status in ('open', 'authorised') and p.closes_at < sqlc.arg(before)::timestamptz
union
select o.payment_id from payment_operation o join payment p on p.tenant_id = o.tenant_id and p.id = o.payment_id
where o.tenant_id = sqlc.arg(tenant_id) and o.state = 'waiting' and p.gateway_account_id = sqlc.arg(gateway_account_id)
  and (case when o.op = 'cancel' then greatest(o.created_at, p.closes_at) else o.created_at end) < sqlc.arg(before)::timestamptz
order by 1
limit sqlc.arg(max_rows);
