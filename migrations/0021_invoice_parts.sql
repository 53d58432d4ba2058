-- +goose NO TRANSACTION
-- A month with more lines than a document holds is billed in parts.
-- +goose Up
alter table invoice add column if not exists part smallint not null default 1; -- of its month
create unique index concurrently if not exists invoice_month_part on invoice (tenant_id, organisation_id, month, part) where kind = 'invoice';
drop index concurrently if exists invoice_month;
grant insert (part) on invoice to waymeet_app;

-- +goose Down
select 1;
