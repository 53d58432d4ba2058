-- name: PeriodLockAdd :exec
insert into period_lock (tenant_id, month, until, locked_by) values ($1, $2, $3, $4);

-- name: PeriodLocks :many
select * from period_lock where tenant_id = $1 order by month desc limit $2;

-- name: PeriodEntries :many
-- What was posted in a period, in an order that never changes: when it happened, then its journal, then as it was written.
select j.id as journal_id, j.key, j.kind, j.subject, j.reason, j.effective_at, j.at, e.seq, a.code, e.currency, e.dr, e.cr
from journal j
join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'P'
join account a on a.tenant_id = e.tenant_id and a.id = e.account_id
where j.tenant_id = sqlc.arg(tenant_id) and j.effective_at >= sqlc.arg(since)::timestamptz and j.effective_at < sqlc.arg(until)::timestamptz
  and (j.effective_at, j.id) > (sqlc.arg(after_at)::timestamptz, sqlc.arg(after_id)::uuid)
order by j.effective_at, j.id, e.seq limit sqlc.arg(max_rows);

-- name: OpeningGet :one
select * from opening_import where tenant_id = $1;

-- name: OpeningAdd :exec
insert into opening_import (tenant_id, body_hash, rows, made_by) values ($1, $2, $3, $4);

-- name: OpeningStrangers :many
-- Which of some accounts belong to nobody here, or to somebody who has no business in that currency.
select o.n::bigint from (select unnest(sqlc.arg(kinds)::text[]) as kind, unnest(sqlc.arg(owners)::uuid[]) as owner, unnest(sqlc.arg(currencies)::text[]) as currency,
  unnest(sqlc.arg(numbers)::bigint[]) as n) o
where not case o.kind
  when 'receivable' then exists (select from organisation g where g.tenant_id = sqlc.arg(tenant_id) and g.id = o.owner and g.currency = o.currency)
  when 'programme' then exists (select from programme p where p.tenant_id = sqlc.arg(tenant_id) and p.id = o.owner and p.currency = o.currency)
  when 'wallet' then exists (select from app_user u join tenant t on t.id = u.tenant_id
    where u.tenant_id = sqlc.arg(tenant_id) and u.id = o.owner and t.currency = o.currency)
  else exists (select from app_user u where u.tenant_id = sqlc.arg(tenant_id) and u.id = o.owner)
end order by o.n;
