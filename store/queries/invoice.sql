-- name: DocumentNumber :one
select take_document_number(sqlc.arg(series)::text, sqlc.arg(year)::integer)::bigint as seq;

-- name: InvoiceAdd :exec
insert into invoice (tenant_id, id, kind, organisation_id, series, year, seq, number, corrects, month, part, currency, prices, terms, po, locale, seller, buyer,
  issued, due, taxes, net, tax, gross, lines, digest, finalised_by, reason)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(kind), sqlc.arg(organisation_id), sqlc.arg(series), sqlc.arg(year), sqlc.arg(seq), sqlc.arg(number),
  sqlc.narg(corrects), sqlc.arg(month), sqlc.arg(part), sqlc.arg(currency), sqlc.arg(prices), sqlc.arg(terms), sqlc.arg(po), sqlc.arg(locale), sqlc.arg(seller), sqlc.arg(buyer),
  sqlc.arg(issued), sqlc.arg(due), sqlc.arg(taxes), sqlc.arg(net), sqlc.arg(tax), sqlc.arg(gross), sqlc.arg(lines), sqlc.arg(digest), sqlc.arg(finalised_by), sqlc.arg(reason));

-- name: InvoiceLinesAdd :exec
insert into invoice_line (tenant_id, invoice_id, n, usage_id, mirrors, source, programme_id, date, supply, country, says, person, cost_centre, quantity, unit,
  amount, tax_code, tax_rate, treatment)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(invoice_id)::uuid, c.n, nullif(c.usage_id, '00000000-0000-0000-0000-000000000000'), nullif(c.mirrors, 0), c.source,
  nullif(c.programme_id, '00000000-0000-0000-0000-000000000000'), c.date, c.supply, c.country, c.says, c.person, c.cost_centre, c.quantity, c.unit,
  c.amount, c.tax_code, c.tax_rate, c.treatment
from (select unnest(sqlc.arg(ns)::integer[]) as n, unnest(sqlc.arg(usages)::uuid[]) as usage_id, unnest(sqlc.arg(mirrors)::integer[]) as mirrors,
  unnest(sqlc.arg(sources)::text[]) as source, unnest(sqlc.arg(programmes)::uuid[]) as programme_id, unnest(sqlc.arg(dates)::date[]) as date,
  unnest(sqlc.arg(supplies)::text[]) as supply, unnest(sqlc.arg(countries)::text[]) as country, unnest(sqlc.arg(texts)::text[]) as says,
  unnest(sqlc.arg(persons)::text[]) as person, unnest(sqlc.arg(centres)::text[]) as cost_centre, unnest(sqlc.arg(quantities)::bigint[]) as quantity,
  unnest(sqlc.arg(units)::text[]) as unit, unnest(sqlc.arg(amounts)::bigint[]) as amount, unnest(sqlc.arg(codes)::text[]) as tax_code,
  unnest(sqlc.arg(rates)::integer[]) as tax_rate, unnest(sqlc.arg(treatments)::text[]) as treatment) as c;

-- name: InvoiceGet :one
select i.*, o.name as organisation_name, o.time_zone as organisation_zone from invoice i join organisation o on o.tenant_id = i.tenant_id and o.id = i.organisation_id
where i.tenant_id = $1 and i.id = $2;

-- name: InvoiceNumber :one
select series, year, seq from invoice where tenant_id = $1 and id = $2;

-- name: InvoiceLines :many
select * from invoice_line where tenant_id = $1 and invoice_id = $2 order by n limit 10000;

-- name: InvoiceLast :one
-- The last part of the last month that was billed; later months cannot be followed by earlier ones.
select month, part, lines from invoice where tenant_id = $1 and organisation_id = $2 and kind = 'invoice' order by month desc, part desc limit 1;

-- name: CreditNotes :many
select i.*, o.name as organisation_name, o.time_zone as organisation_zone from invoice i join organisation o on o.tenant_id = i.tenant_id and o.id = i.organisation_id
where i.tenant_id = sqlc.arg(tenant_id) and i.corrects = sqlc.arg(invoice_id)::uuid order by i.finalised_at, i.id limit 1000;

-- name: InvoiceList :many
select i.*, o.name as organisation_name, o.time_zone as organisation_zone from invoice i join organisation o on o.tenant_id = i.tenant_id and o.id = i.organisation_id
where i.tenant_id = sqlc.arg(tenant_id) and i.id < sqlc.arg(before)::uuid
  and (sqlc.narg(organisation_id)::uuid is null or i.organisation_id = sqlc.narg(organisation_id)::uuid)
order by i.id desc limit sqlc.arg(max_rows);

-- name: InvoicesOpen :many
-- What waits for money, or was credited after it came; the oldest due first.
select i.*, o.name as organisation_name, o.time_zone as organisation_zone from invoice i join organisation o on o.tenant_id = i.tenant_id and o.id = i.organisation_id
where i.tenant_id = sqlc.arg(tenant_id) and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0
  and (i.due, i.id) > (sqlc.arg(after_due)::date, sqlc.arg(after_id)::uuid)
order by i.due, i.id limit sqlc.arg(max_rows);

-- name: InvoiceDue :one
select due from invoice where tenant_id = $1 and id = $2;

-- name: InvoicesOwed :many
-- A page of what waits for money in a currency, the oldest due first.
select i.*, o.name as organisation_name, o.time_zone as organisation_zone from invoice i join organisation o on o.tenant_id = i.tenant_id and o.id = i.organisation_id
where i.tenant_id = sqlc.arg(tenant_id) and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0 and i.gross - i.credited - i.paid - i.from_credit > 0
  and (sqlc.arg(currency)::text = '' or i.currency = sqlc.arg(currency)::text) and (i.due, i.id) > (sqlc.arg(after_due)::date, sqlc.arg(after_id)::uuid)
order by i.due, i.id limit sqlc.arg(max_rows);

-- name: InvoicesFound :many
-- Of that: what is some organisations', what has a count, and what has a number that begins so or as much open. Each way has its index, and the ids that they find are all that is read.
with found as materialized (
  select x.id from unnest(sqlc.arg(organisations)::uuid[]) f (id) cross join lateral (
    select i.id from invoice i
    where i.tenant_id = sqlc.arg(tenant_id) and i.organisation_id = f.id and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0 and i.gross - i.credited - i.paid - i.from_credit > 0
      and (sqlc.arg(currency)::text = '' or i.currency = sqlc.arg(currency)::text) and (i.due, i.id) > (sqlc.arg(after_due)::date, sqlc.arg(after_id)::uuid)
    order by i.due, i.id limit sqlc.arg(max_rows)) x
  union
  select i.id from invoice i
  where i.tenant_id = sqlc.arg(tenant_id) and i.seq = sqlc.arg(seq)::bigint and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0 and i.gross - i.credited - i.paid - i.from_credit > 0
    and strpos(replace(i.series, '-', '') || i.year, sqlc.arg(head)::text) > 0 and (sqlc.narg(organisation_id)::uuid is null or i.organisation_id = sqlc.narg(organisation_id)::uuid)
    and (sqlc.arg(currency)::text = '' or i.currency = sqlc.arg(currency)::text) and (i.due, i.id) > (sqlc.arg(after_due)::date, sqlc.arg(after_id)::uuid)
  union
  (select i.id from invoice i
  where i.tenant_id = sqlc.arg(tenant_id) and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0 and i.gross - i.credited - i.paid - i.from_credit > 0
    and (starts_with(i.number, nullif(sqlc.arg(begins)::text, '')) or i.gross - i.credited - i.paid - i.from_credit = sqlc.arg(amount)::bigint)
    and (sqlc.narg(organisation_id)::uuid is null or i.organisation_id = sqlc.narg(organisation_id)::uuid)
    and (sqlc.arg(currency)::text = '' or i.currency = sqlc.arg(currency)::text) and (i.due, i.id) > (sqlc.arg(after_due)::date, sqlc.arg(after_id)::uuid)
  order by i.due, i.id limit sqlc.arg(max_rows)))
select i.*, o.name as organisation_name, o.time_zone as organisation_zone from found f join invoice i on i.tenant_id = sqlc.arg(tenant_id) and i.id = f.id
join organisation o on o.tenant_id = i.tenant_id and o.id = i.organisation_id
order by i.due, i.id limit sqlc.arg(max_rows);

-- name: OrganisationsNamed :many
select id from organisation where tenant_id = sqlc.arg(tenant_id) and strpos(folded(name), (select folded(sqlc.arg(part)::text))) > 0 order by name, id limit sqlc.arg(max_rows);

-- name: Outstanding :many
-- What payments are compared with: a page of what waits for money, the oldest due first.
select i.id, i.organisation_id, i.series, i.year, i.seq, (i.buyer ->> 'name')::text as buyer, i.currency, (i.gross - i.credited - i.paid - i.from_credit)::bigint as open, i.issued, i.due from invoice i
where i.tenant_id = sqlc.arg(tenant_id) and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0 and i.gross - i.credited - i.paid - i.from_credit > 0
  and (i.due, i.id) > (sqlc.arg(after_due)::date, sqlc.arg(after_id)::uuid)
order by i.due, i.id limit sqlc.arg(max_rows);

-- name: OutstandingLike :many
-- Of that, what some transfers may pay: what has a count that they may name, of each amount the first that are as much, and (whole) all of some organisations. Each
-- way has its index: what was not paid, credited or given credit yet is found by its gross, and of the rest there is little.
with paid as (select distinct unnest(sqlc.arg(currencies)::text[]) as currency, unnest(sqlc.arg(amounts)::bigint[]) as amount),
found as materialized (
  select i.id, false as whole from invoice i
  where i.tenant_id = sqlc.arg(tenant_id) and i.seq = any(sqlc.arg(counts)::bigint[]) and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0
  union all
  select x.id, false from paid p cross join lateral (select i.id from invoice i
    where i.tenant_id = sqlc.arg(tenant_id) and i.gross = p.amount and i.currency = p.currency and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0
    order by i.due, i.id limit sqlc.arg(most)) x
  union all
  select i.id, false from invoice i join paid p on p.currency = i.currency and p.amount = i.gross - i.credited - i.paid - i.from_credit
  where i.tenant_id = sqlc.arg(tenant_id) and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0 and i.credited + i.paid + i.from_credit <> 0
  union all
  select i.id, true from invoice i
  where i.tenant_id = sqlc.arg(tenant_id) and i.organisation_id = any(sqlc.arg(organisations)::uuid[]) and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0)
select i.id, i.organisation_id, i.series, i.year, i.seq, (i.buyer ->> 'name')::text as buyer, i.currency, (i.gross - i.credited - i.paid - i.from_credit)::bigint as open, i.issued, i.due, f.whole
from (select id, bool_or(whole)::boolean as whole from found group by id) f join invoice i on i.tenant_id = sqlc.arg(tenant_id) and i.id = f.id
where i.gross - i.credited - i.paid - i.from_credit > 0
order by i.due, i.id;

-- name: Debtors :many
-- Organisations of which something is open, by all their names.
select o.id, o.name, o.legal_name from organisation o
where o.tenant_id = sqlc.arg(tenant_id) and exists (select from invoice i
  where i.tenant_id = sqlc.arg(tenant_id) and i.organisation_id = o.id and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0);

-- name: OwingExactly :many
-- Whose accounts hold one of some amounts.
select code from account where tenant_id = sqlc.arg(tenant_id) and code = any(sqlc.arg(codes)::text[]) and posted = any(sqlc.arg(amounts)::bigint[]);

-- name: OutstandingOf :many
select i.id, (i.gross - i.credited - i.paid - i.from_credit)::bigint as open from invoice i where i.tenant_id = sqlc.arg(tenant_id) and i.id = any(sqlc.arg(ids)::uuid[]);

-- name: InvoiceReceipts :many
select r.*, b.booked, b.payer, b.says from receipt r join bank_line b on b.tenant_id = r.tenant_id and b.id = r.bank_line_id
where r.tenant_id = $1 and r.invoice_id = $2 and not exists (select from unmatch x where x.tenant_id = r.tenant_id and x.match_id = r.id) order by r.made_at, r.id limit 1000;

-- name: ReminderLevels :many
select invoice_id, max(level)::smallint as level from invoice_reminder
where tenant_id = sqlc.arg(tenant_id) and invoice_id = any(sqlc.arg(ids)::uuid[]) group by invoice_id;

-- name: ReminderAdd :execrows
insert into invoice_reminder (tenant_id, invoice_id, level, due_on, made_by)
select sqlc.arg(tenant_id)::uuid, r.invoice_id, r.level, sqlc.arg(due_on)::date, sqlc.arg(made_by)::uuid
from (select unnest(sqlc.arg(ids)::uuid[]) as invoice_id, unnest(sqlc.arg(levels)::smallint[]) as level) r order by r.invoice_id on conflict do nothing;
