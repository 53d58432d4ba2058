-- A batch of journals opens with the statements up to LedgerHeld in one round trip: locks first, so that all that follows is
-- read behind them. What is written is decided in Go (billing/ledger) and judged by the tables (migration 0006).

-- name: LedgerLock :exec
-- Running accounts, in the order of their ids. Each is looked up by itself: the planner has no way to read the whole table.
select a.id from (
  select u.id from (
    select k.id from (select unnest(sqlc.arg(codes)::text[]) as code, unnest(sqlc.arg(currencies)::text[]) as currency) as c
    cross join lateral (select x.id from account x where x.tenant_id = sqlc.arg(tenant_id)::uuid and x.code = c.code and x.currency = c.currency limit 1) as k
    union
    select e.account_id from (select unnest(sqlc.arg(holds)::uuid[]) as id) as h
    cross join lateral (select z.account_id from entry z where z.tenant_id = sqlc.arg(tenant_id)::uuid and z.journal_id = h.id offset 0) as e) as u
  order by u.id) as i
cross join lateral (select y.id from account y where y.tenant_id = sqlc.arg(tenant_id)::uuid and y.id = i.id and y.running for no key update) as a;

-- name: LedgerClock :one
select clock_timestamp()::timestamptz as now;

-- name: LedgerAccounts :many
select a.id, a.code, a.currency, a.class, a.may_overdraw, a.running, a.posted, a.held_dr, a.held_cr, a.version
from (
  select k.id from (select unnest(sqlc.arg(codes)::text[]) as code, unnest(sqlc.arg(currencies)::text[]) as currency) as c
  cross join lateral (select x.id from account x where x.tenant_id = sqlc.arg(tenant_id)::uuid and x.code = c.code and x.currency = c.currency limit 1) as k
  union
  select e.account_id from (select unnest(sqlc.arg(holds)::uuid[]) as id) as h
  cross join lateral (select z.account_id from entry z where z.tenant_id = sqlc.arg(tenant_id)::uuid and z.journal_id = h.id offset 0) as e) as i
cross join lateral (select y.* from account y where y.tenant_id = sqlc.arg(tenant_id)::uuid and y.id = i.id limit 1) as a;

-- name: LedgerKeys :many
select j.* from (select unnest(sqlc.arg(keys)::text[]) as key) as k
cross join lateral (select x.* from journal x where x.tenant_id = sqlc.arg(tenant_id)::uuid and x.key = k.key limit 1) as j;

-- name: LedgerHolds :many
-- Holds that are to be resolved. One without an open row was resolved before.
select h.journal_id, h.expires_at from (select unnest(sqlc.arg(holds)::uuid[]) as id) as k
cross join lateral (select x.* from open_hold x where x.tenant_id = sqlc.arg(tenant_id)::uuid and x.journal_id = k.id limit 1) as h;

-- name: LedgerHeld :many
-- What they set aside, resolved or not. (offset 0: looked up one by one, whatever the planner believes of the tables.)
select e.journal_id, a.code, a.currency, e.dr, e.cr from (select unnest(sqlc.arg(holds)::uuid[]) as id) as k
cross join lateral (select x.id from journal x where x.tenant_id = sqlc.arg(tenant_id)::uuid and x.id = k.id and x.phase = 'pending' limit 1) as j
cross join lateral (select y.* from entry y where y.tenant_id = sqlc.arg(tenant_id)::uuid and y.journal_id = j.id offset 0) as e
cross join lateral (select z.code, z.currency from account z where z.tenant_id = sqlc.arg(tenant_id)::uuid and z.id = e.account_id limit 1) as a
order by e.journal_id, e.seq;

-- name: LedgerJournals :exec
-- In the order of the keys, so that two batches never wait for each other.
insert into journal (tenant_id, id, key, request_hash, kind, subject, reason, phase, resolves, expires_at, effective_at, at)
select sqlc.arg(tenant_id)::uuid, c.id, c.key, c.hash, c.kind, c.subject, c.reason, c.phase,
  nullif(c.resolves, '00000000-0000-0000-0000-000000000000'), c.expires_at, c.effective_at, sqlc.arg(at)::timestamptz
from (select unnest(sqlc.arg(ids)::uuid[]) as id, unnest(sqlc.arg(keys)::text[]) as key, unnest(sqlc.arg(hashes)::bytea[]) as hash,
  unnest(sqlc.arg(kinds)::text[]) as kind, unnest(sqlc.arg(subjects)::text[]) as subject, unnest(sqlc.arg(reasons)::text[]) as reason,
  unnest(sqlc.arg(phases)::text[]) as phase, unnest(sqlc.arg(resolves)::uuid[]) as resolves,
  unnest(sqlc.arg(expiries)::timestamptz[]) as expires_at, unnest(sqlc.arg(effectives)::timestamptz[]) as effective_at) as c
order by c.key;

-- name: LedgerEntries :exec
insert into entry (tenant_id, journal_id, seq, account_id, currency, layer, sign, dr, cr, at)
select sqlc.arg(tenant_id)::uuid, unnest(sqlc.arg(journals)::uuid[]), unnest(sqlc.arg(seqs)::smallint[]), unnest(sqlc.arg(accounts)::uuid[]),
  unnest(sqlc.arg(currencies)::text[]), unnest(sqlc.arg(layers)::text[]), unnest(sqlc.arg(signs)::smallint[]),
  unnest(sqlc.arg(drs)::bigint[]), unnest(sqlc.arg(crs)::bigint[]), sqlc.arg(at)::timestamptz;

-- name: LedgerOpen :exec
-- Accounts that are there already stay as they are. In the order of the codes, so that two that open the same do not deadlock.
insert into account (tenant_id, id, code, currency, class, may_overdraw, running, label)
select sqlc.arg(tenant_id)::uuid, c.id, c.code, c.currency, c.class, c.may_overdraw, c.running, c.label
from (select unnest(sqlc.arg(ids)::uuid[]) as id, unnest(sqlc.arg(codes)::text[]) as code, unnest(sqlc.arg(currencies)::text[]) as currency,
  unnest(sqlc.arg(classes)::text[]) as class, unnest(sqlc.arg(overdraws)::boolean[]) as may_overdraw,
  unnest(sqlc.arg(runnings)::boolean[]) as running, unnest(sqlc.arg(labels)::text[]) as label) as c
order by c.code, c.currency
on conflict (tenant_id, code, currency) do nothing;

-- name: LedgerExtend :execrows
update open_hold set expires_at = greatest(expires_at, sqlc.arg(until)::timestamptz)
where tenant_id = sqlc.arg(tenant_id) and journal_id = sqlc.arg(id) and expires_at > clock_timestamp();

-- name: LedgerDue :many
-- Across tenants: holds whose time is over. They are voided in InTx.
select tenant_id, journal_id from open_hold
where expires_at <= clock_timestamp()
order by expires_at
limit $1;

-- name: AccountGet :one
select * from account where tenant_id = $1 and code = $2 and currency = $3;

-- name: AccountLabel :execrows
update account set label = $4 where tenant_id = $1 and code = $2 and currency = $3;

-- name: AccountList :many
-- Accounts of a kind, by code; those of all kinds for ''. A running balance is in the row, others are summed when asked.
select * from account
where tenant_id = sqlc.arg(tenant_id) and (sqlc.arg(kind)::text = '' or split_part(code, ':', 1) = sqlc.arg(kind)::text)
  and (code, currency) > (sqlc.arg(after_code)::text, sqlc.arg(after_currency)::text)
order by code, currency
limit sqlc.arg(max_rows);

-- name: AccountBalanceAt :one
-- What the entries up to an instant make.
select coalesce(sum(e.dr - e.cr) filter (where e.layer = 'P'), 0)::bigint as posted,
  coalesce(sum(e.sign * e.dr) filter (where e.layer = 'H'), 0)::bigint as held_dr,
  coalesce(sum(e.sign * e.cr) filter (where e.layer = 'H'), 0)::bigint as held_cr
from entry e where e.tenant_id = sqlc.arg(tenant_id) and e.account_id = sqlc.arg(account_id) and e.at <= sqlc.arg(at)::timestamptz;

-- name: AccountStatement :many
-- What was posted after one instant up to another, oldest first, with what the account held before the first line. The cursor
-- is the last line's time, journal and number; a page without lines still has one row, without a journal.
with opening as (
  select coalesce(sum(e.dr - e.cr), 0)::bigint as posted from entry e
  where e.tenant_id = sqlc.arg(tenant_id)::uuid and e.account_id = sqlc.arg(account_id)::uuid and e.layer = 'P'
    and (e.at, e.journal_id, e.seq) <= (sqlc.arg(after_at)::timestamptz, sqlc.arg(after_journal)::uuid, sqlc.arg(after_seq)::smallint))
select o.posted as opening, l.journal_id, coalesce(l.seq, 0)::smallint as seq, coalesce(l.dr, 0)::bigint as dr, coalesce(l.cr, 0)::bigint as cr,
  coalesce(l.at, 'epoch')::timestamptz as at, coalesce(j.effective_at, 'epoch')::timestamptz as effective_at, coalesce(j.kind, '') as kind, coalesce(j.subject, '') as subject, coalesce(j.reason, '') as reason
from opening o
left join lateral (
  select e.* from entry e
  where e.tenant_id = sqlc.arg(tenant_id)::uuid and e.account_id = sqlc.arg(account_id)::uuid and e.layer = 'P' and e.at <= sqlc.arg(upto)::timestamptz
    and (e.at, e.journal_id, e.seq) > (sqlc.arg(after_at)::timestamptz, sqlc.arg(after_journal)::uuid, sqlc.arg(after_seq)::smallint)
  order by e.at, e.journal_id, e.seq limit sqlc.arg(max_rows)) as l on true
left join journal j on j.tenant_id = sqlc.arg(tenant_id)::uuid and j.id = l.journal_id
order by l.at, l.journal_id, l.seq;

-- name: JournalGet :one
select * from journal where tenant_id = $1 and id = $2;

-- name: JournalByKey :one
select * from journal where tenant_id = $1 and key = $2;

-- name: JournalsAbout :many
select * from journal where tenant_id = $1 and subject = $2 and subject <> '' order by at, id limit $3;

-- name: JournalEntries :many
select e.journal_id, e.layer, e.sign, e.dr, e.cr, a.code, a.currency from entry e
join account a on a.tenant_id = e.tenant_id and a.id = e.account_id
where e.tenant_id = $1 and e.journal_id = $2 order by e.seq;
