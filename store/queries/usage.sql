-- name: UsageAdd :execrows
insert into usage_record (tenant_id, id, source, organisation_id, unit_id, programme_id, person_id, person, cost_centre, date, at, supply, country, says, quantity, unit, amount, currency)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(source), sqlc.arg(organisation_id), sqlc.narg(unit_id), sqlc.narg(programme_id), sqlc.narg(person_id), sqlc.arg(person),
  sqlc.arg(cost_centre), sqlc.arg(date), sqlc.arg(at), sqlc.arg(supply), sqlc.arg(country), sqlc.arg(says), sqlc.arg(quantity), sqlc.arg(unit), sqlc.arg(amount), sqlc.arg(currency))
on conflict on constraint usage_once do nothing;

-- name: UsageBySource :one
select * from usage_record where tenant_id = $1 and source = $2;

-- name: UsageUnbilled :many
-- What an organisation's next invoice takes: nothing of it was billed, and its day is not after the month's last.
select * from usage_record
where tenant_id = sqlc.arg(tenant_id) and organisation_id = sqlc.arg(organisation_id) and invoice_id is null and date <= sqlc.arg(until)
order by date, id limit sqlc.arg(max_rows);

-- name: UsageBill :execrows
update usage_record set invoice_id = sqlc.arg(invoice_id)::uuid
where tenant_id = sqlc.arg(tenant_id) and id = any(sqlc.arg(ids)::uuid[]) and invoice_id is null;

-- name: OrganisationToBill :one
select o.id, o.name, o.legal_name, o.address, o.country, o.tax_ids, o.currency, o.time_zone, o.locale, o.terms, o.po_number from organisation o
where o.tenant_id = $1 and o.id = $2;

-- name: OrganisationsLock :many
-- Whoever changes what organisations owe holds their rows, in the order of their ids.
select id from organisation where tenant_id = sqlc.arg(tenant_id) and id = any(sqlc.arg(ids)::uuid[]) order by id for no key update;

-- name: BillerGet :one
select * from biller where tenant_id = $1;

-- name: BillerSave :execrows
-- From the version that was seen; 0: nobody wrote one yet.
insert into biller (tenant_id, name, address, country, tax_ids, bank, notes, prices)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(name)::text, sqlc.arg(address)::text[], sqlc.arg(country)::text, sqlc.arg(tax_ids)::jsonb, sqlc.arg(bank)::jsonb, sqlc.arg(notes)::text[], sqlc.arg(prices)::text
where sqlc.arg(seen)::bigint = 0 or exists (select from biller b where b.tenant_id = sqlc.arg(tenant_id)::uuid and b.version = sqlc.arg(seen)::bigint)
on conflict (tenant_id) do update set name = excluded.name, address = excluded.address, country = excluded.country, tax_ids = excluded.tax_ids,
  bank = excluded.bank, notes = excluded.notes, prices = excluded.prices, version = biller.version + 1
where biller.version = sqlc.arg(seen)::bigint;

-- name: TaxRuleAdd :exec
insert into tax_rule (tenant_id, country, supply, from_date, until_date, code, rate, treatment, law)
values (sqlc.arg(tenant_id), sqlc.arg(country), sqlc.arg(supply), sqlc.arg(from_date), null, sqlc.arg(code), sqlc.arg(rate), sqlc.arg(treatment), sqlc.arg(law));

-- name: TaxTableLock :exec
-- Whoever adds to a tenant's taxes sees what others added.
select pg_advisory_xact_lock(hashtextextended('tax:' || sqlc.arg(tenant_id)::uuid::text, 0));

-- name: TaxRules :many
select * from tax_rule where tenant_id = $1 order by country, supply, from_date limit 1000;
