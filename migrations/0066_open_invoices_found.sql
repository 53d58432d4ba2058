-- +goose NO TRANSACTION
-- Open invoices are found by whose they are, by their numbers' counts and by amounts. Under row level security an index serves only operators that leak nothing: equality of
-- uuid and bigint does, a pattern on the number does not.
-- +goose Up
create index concurrently if not exists invoice_open_of on invoice (tenant_id, organisation_id, due, id) where kind = 'invoice' and gross - credited - paid - from_credit <> 0;
create index concurrently if not exists invoice_open_count on invoice (tenant_id, seq) where kind = 'invoice' and gross - credited - paid - from_credit <> 0;
create index concurrently if not exists invoice_open_gross on invoice (tenant_id, gross, due, id) where kind = 'invoice' and gross - credited - paid - from_credit <> 0;
create index concurrently if not exists invoice_open_rest on invoice (tenant_id, id) where kind = 'invoice' and gross - credited - paid - from_credit <> 0 and credited + paid + from_credit <> 0;
-- How few those are the planner knows from this.
create statistics if not exists invoice_settled on (credited + paid + from_credit) from invoice;
analyze invoice;

-- +goose Down
select 1;
