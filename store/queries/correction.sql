-- name: CorrectionAdd :exec
insert into correction (tenant_id, id, finding_id, reason, answers, happened, currency, entries, made_by)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(finding_id), sqlc.arg(reason), sqlc.arg(answers), sqlc.narg(happened)::date, sqlc.arg(currency), sqlc.arg(entries), sqlc.arg(made_by));

-- name: CorrectionEntriesAdd :exec
insert into correction_entry (tenant_id, correction_id, n, account, debit, amount)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(correction_id)::uuid, x.n, x.account, x.debit, x.amount
from (select unnest(sqlc.arg(ns)::smallint[]) as n, unnest(sqlc.arg(accounts)::text[]) as account, unnest(sqlc.arg(debits)::boolean[]) as debit, unnest(sqlc.arg(amounts)::bigint[]) as amount) as x;

-- name: CorrectionLock :one
select id from correction where tenant_id = $1 and id = $2 for update;

-- name: CorrectionDecide :exec
update correction set state = sqlc.arg(state), decided_by = sqlc.arg(decided_by)::uuid, decided_at = clock_timestamp() where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: CorrectionList :many
-- Newest first: those before one of them, in some states, of one finding, or one alone.
select c.id, c.finding_id, c.reason, c.answers, c.happened, c.currency, c.state, c.made_by, c.made_at, c.decided_by, c.decided_at, m.name as made_by_name, coalesce(d.name, '') as decided_by_name,
  f.kind as finding_kind, f.subject
from correction c
join app_user m on m.tenant_id = c.tenant_id and m.id = c.made_by
left join app_user d on d.tenant_id = c.tenant_id and d.id = c.decided_by
join finding f on f.tenant_id = c.tenant_id and f.id = c.finding_id
where c.tenant_id = sqlc.arg(tenant_id) and c.id < sqlc.arg(before)::uuid and (sqlc.arg(state)::text = '' or c.state = sqlc.arg(state)::text) and (sqlc.narg(id)::uuid is null or c.id = sqlc.narg(id)::uuid)
order by c.id desc limit sqlc.arg(max_rows);

-- name: CorrectionEntries :many
select correction_id, n, account, debit, amount from correction_entry where tenant_id = sqlc.arg(tenant_id) and correction_id = any(sqlc.arg(ids)::uuid[]) order by correction_id, n;

-- name: AccountKnown :one
select exists (select from account where tenant_id = sqlc.arg(tenant_id) and code = sqlc.arg(code)::text and currency = sqlc.arg(currency)::text)::boolean as known;
