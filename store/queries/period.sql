-- name: PeriodLockAdd :exec
insert into period_lock (tenant_id, month, until, locked_by) values ($1, $2, $3, $4);

-- name: PeriodLocks :many
select * from period_lock where tenant_id = $1 order by month desc limit $2;

-- name: PeriodEntries :many
-- What was posted in a period, in an order that never changes: when it happened, then its journal, then as it was written. A page is
-- cut by journals, from journal_effective, before anything is joined: it costs what it has, and sorts no more. A journal that posted
-- nothing (a hold, say) is one row without an account.
select j.id as journal_id, j.key, j.kind, j.subject, j.reason, j.effective_at, j.at, coalesce(a.code, '')::text as code, coalesce(e.currency, '')::text as currency,
  coalesce(e.dr, 0)::bigint as dr, coalesce(e.cr, 0)::bigint as cr
from (
  select p.tenant_id, p.id, p.key, p.kind, p.subject, p.reason, p.effective_at, p.at from journal p
  where p.tenant_id = sqlc.arg(tenant_id) and p.effective_at >= sqlc.arg(since)::timestamptz and p.effective_at < sqlc.arg(until)::timestamptz
    and (p.effective_at, p.id) > (sqlc.arg(after_at)::timestamptz, sqlc.arg(after_id)::uuid)
  order by p.effective_at, p.id limit sqlc.arg(max_journals)) j
left join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'P'
left join account a on a.tenant_id = e.tenant_id and a.id = e.account_id
order by j.effective_at, j.id, e.seq;

-- name: PeriodSums :many
-- How much that is, by currency.
select e.currency, count(*) as entries, sum(e.dr)::bigint as dr, sum(e.cr)::bigint as cr
from journal j
join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'P'
where j.tenant_id = sqlc.arg(tenant_id) and j.effective_at >= sqlc.arg(since)::timestamptz and j.effective_at < sqlc.arg(until)::timestamptz
group by e.currency;

-- name: OpeningAdd :exec
insert into opening_import (tenant_id, body_hash, rows, made_by) values ($1, $2, $3, $4) on conflict do nothing;

-- name: OpeningStrangers :many
-- Which of some accounts belong to nobody here, or to somebody who has no business in that currency.
select o.n::bigint from (select unnest(sqlc.arg(kinds)::text[]) as kind, unnest(sqlc.arg(owners)::uuid[]) as owner, unnest(sqlc.arg(currencies)::text[]) as currency,
  unnest(sqlc.arg(numbers)::bigint[]) as n) o
where not case o.kind
  when 'credit' then exists (select from organisation g where g.tenant_id = sqlc.arg(tenant_id) and g.id = o.owner and g.currency = o.currency)
  when 'programme' then exists (select from programme p where p.tenant_id = sqlc.arg(tenant_id) and p.id = o.owner and p.currency = o.currency)
  when 'wallet' then exists (select from app_user u join tenant t on t.id = u.tenant_id
    where u.tenant_id = sqlc.arg(tenant_id) and u.id = o.owner and t.currency = o.currency)
  else exists (select from app_user u where u.tenant_id = sqlc.arg(tenant_id) and u.id = o.owner)
end order by o.n;
