-- A credit note says to whom it is sent why it was made. Those made before say nothing: what was written then was for the books alone.
-- +goose Up
alter table invoice add column reason text not null default '' constraint invoice_reason check (length(reason) <= 120 and (kind = 'credit_note' or reason = ''));
grant insert (reason) on invoice to waymeet_app;

-- +goose Down
select 1;
