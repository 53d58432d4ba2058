-- name: BankImportAdd :exec
insert into bank_import (tenant_id, id, account, file_name, lines, fresh, made_by) values
  (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(account), sqlc.arg(file_name), sqlc.arg(lines), sqlc.arg(fresh), sqlc.arg(made_by));

-- name: BankLinesKnown :many
select fingerprint from bank_line where tenant_id = sqlc.arg(tenant_id) and account = sqlc.arg(account) and fingerprint = any(sqlc.arg(prints)::bytea[]);

-- name: BankImportBrought :one
-- Of these lines: which came with an import, and which of those paid at once. Whoever took such a match back did not undo that it was made.
select count(*) as fresh, count(*) filter (where exists (
  select from receipt r where r.tenant_id = l.tenant_id and r.bank_line_id = l.id and r.how = 'automatic')) as matched
from bank_line l where l.tenant_id = sqlc.arg(tenant_id) and l.account = sqlc.arg(account) and l.fingerprint = any(sqlc.arg(prints)::bytea[]) and l.import_id = sqlc.arg(import_id);

-- name: BankLinesAdd :many
-- Those that are there already, or come at once by somebody else, are left: who is told is new.
insert into bank_line (tenant_id, id, import_id, account, fingerprint, booked, amount, currency, payer, says, reference)
select sqlc.arg(tenant_id)::uuid, c.id, sqlc.arg(import_id)::uuid, sqlc.arg(account)::text, c.fingerprint, c.booked, c.amount, c.currency, c.payer, c.says, c.reference
from (select unnest(sqlc.arg(ids)::uuid[]) as id, unnest(sqlc.arg(fingerprints)::bytea[]) as fingerprint, unnest(sqlc.arg(days)::date[]) as booked, unnest(sqlc.arg(amounts)::bigint[]) as amount,
  unnest(sqlc.arg(currencies)::text[]) as currency, unnest(sqlc.arg(payers)::text[]) as payer, unnest(sqlc.arg(texts)::text[]) as says, unnest(sqlc.arg(refs)::text[]) as reference) as c
order by c.fingerprint -- two who bring the same lines wait for each other in one order
on conflict on constraint bank_line_once do nothing
returning id;

-- name: BankLineGet :one
select * from bank_line where tenant_id = $1 and id = $2;

-- name: BankLinesOpen :many
select * from bank_line where tenant_id = sqlc.arg(tenant_id) and matched < amount and not aside and (booked, id) > (sqlc.arg(after_booked)::date, sqlc.arg(after_id)::uuid)
order by booked, id limit sqlc.arg(max_rows);

-- name: ReceiptsAdd :exec
insert into receipt (tenant_id, id, bank_line_id, invoice_id, amount, how, made_by)
select sqlc.arg(tenant_id)::uuid, c.id, c.bank_line_id, c.invoice_id, c.amount, sqlc.arg(how)::text, sqlc.arg(made_by)::uuid
from (select unnest(sqlc.arg(ids)::uuid[]) as id, unnest(sqlc.arg(lines)::uuid[]) as bank_line_id, unnest(sqlc.arg(invoices)::uuid[]) as invoice_id, unnest(sqlc.arg(amounts)::bigint[]) as amount) as c;

-- name: BankLineLock :exec
-- What becomes of a line is decided by one transaction at a time; the row itself only triggers write.
select pg_advisory_xact_lock(hashtextextended('bank_line/' || sqlc.arg(tenant_id)::uuid::text || '/' || sqlc.arg(id)::uuid::text, 0));

-- name: BankLinesAside :many
select * from bank_line where tenant_id = sqlc.arg(tenant_id) and aside and (booked, id) < (sqlc.arg(before_booked)::date, sqlc.arg(before_id)::uuid)
order by booked desc, id desc limit sqlc.arg(max_rows);

-- name: BankLinesMatched :many
select * from bank_line where tenant_id = sqlc.arg(tenant_id) and matched > 0 and (booked, id) < (sqlc.arg(before_booked)::date, sqlc.arg(before_id)::uuid)
order by booked desc, id desc limit sqlc.arg(max_rows);

-- name: BankAsides :many
-- Why lines are aside: the last that was said of each.
select distinct on (a.bank_line_id) a.bank_line_id, a.aside, a.reason, a.made_at, u.name as made_by_name
from bank_aside a join app_user u on u.tenant_id = a.tenant_id and u.id = a.made_by
where a.tenant_id = sqlc.arg(tenant_id) and a.bank_line_id = any(sqlc.arg(lines)::uuid[]) order by a.bank_line_id, a.made_at desc, a.id desc;

-- name: BankAsideAdd :exec
insert into bank_aside (tenant_id, id, bank_line_id, aside, reason, made_by)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(bank_line_id), sqlc.arg(aside), sqlc.arg(reason), sqlc.arg(made_by));

-- name: BankMatches :many
-- What lines were matched with, in order; what was taken back too.
select m.bank_line_id, m.id, m.invoice_id::uuid as invoice_id, m.organisation_id::uuid as organisation_id, m.number::text as number, m.gateway::text as gateway, m.account::text as account,
  m.amount, m.how::text as how, coalesce(u.name, '')::text as made_by_name, m.made_at, coalesce(x.reason, '')::text as undone_why, coalesce(y.name, '')::text as undone_by, x.made_at as undone_at
from (
  select r.tenant_id, r.bank_line_id, r.id, r.invoice_id, i.organisation_id, i.number, '' as gateway, '' as account, r.amount, r.how, r.made_by, r.made_at
  from receipt r join invoice i on i.tenant_id = r.tenant_id and i.id = r.invoice_id
  where r.tenant_id = sqlc.arg(tenant_id) and r.bank_line_id = any(sqlc.arg(lines)::uuid[])
  union all
  select p.tenant_id, p.bank_line_id, p.id, '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', '', split_part(c.code, ':', 2), b.code, p.amount, 'manual', p.made_by, p.made_at
  from bank_payout p
  join entry e on e.tenant_id = p.tenant_id and e.journal_id = p.journal_id and e.dr > 0 join account b on b.tenant_id = e.tenant_id and b.id = e.account_id
  join entry f on f.tenant_id = p.tenant_id and f.journal_id = p.journal_id and f.cr > 0 join account c on c.tenant_id = f.tenant_id and c.id = f.account_id
  where p.tenant_id = sqlc.arg(tenant_id) and p.bank_line_id = any(sqlc.arg(lines)::uuid[])) m
left join app_user u on u.tenant_id = m.tenant_id and u.id = m.made_by
left join unmatch x on x.tenant_id = m.tenant_id and x.match_id = m.id
left join app_user y on y.tenant_id = x.tenant_id and y.id = x.made_by
order by m.made_at, m.id limit 5000;

-- name: BankPayoutAdd :exec
insert into bank_payout (tenant_id, id, bank_line_id, journal_id, amount, made_by)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(bank_line_id), sqlc.arg(journal_id), sqlc.arg(amount), sqlc.arg(made_by));

-- name: UnmatchAdd :exec
insert into unmatch (tenant_id, match_id, receipt_id, bank_payout_id, reason, made_by)
values (sqlc.arg(tenant_id), sqlc.arg(match_id), sqlc.narg(receipt_id), sqlc.narg(bank_payout_id), sqlc.arg(reason), sqlc.arg(made_by));

-- name: GatewayPayoutGet :one
-- What a gateway paid to the operator's bank, as it was booked.
select j.id, e.dr as amount, b.currency::text as currency, b.code as account, split_part(c.code, ':', 2)::text as gateway, j.effective_at
from journal j
join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.dr > 0 join account b on b.tenant_id = e.tenant_id and b.id = e.account_id and b.code like 'bank:%'
join entry f on f.tenant_id = j.tenant_id and f.journal_id = j.id and f.cr > 0 join account c on c.tenant_id = f.tenant_id and c.id = f.account_id
where j.tenant_id = sqlc.arg(tenant_id) and j.id = sqlc.arg(id) and j.kind = 'gateway_payout';

-- name: GatewayPayoutsOpen :many
-- Payouts to the operator's bank of some amounts and of a time that no line is.
select j.id, (-m.amount)::bigint as amount, m.currency, g.kind as gateway, m.source, m.happened_at
from gateway_account g
join gateway_movement m on m.tenant_id = g.tenant_id and m.gateway_account_id = g.id and m.kind = 'payout'
  and m.happened_at >= sqlc.arg(since)::timestamptz and m.happened_at < sqlc.arg(until)::timestamptz and m.amount = any(sqlc.arg(amounts)::bigint[])
join journal j on j.tenant_id = m.tenant_id and j.key = 'payout:' || m.source || ':paid' and j.kind = 'gateway_payout'
where g.tenant_id = sqlc.arg(tenant_id) and not exists (select from bank_payout p where p.tenant_id = j.tenant_id and p.journal_id = j.id and not p.undone)
order by m.happened_at, j.id limit 500;
