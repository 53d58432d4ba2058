-- +goose Up
-- A credit note says to whom it is sent why it was made. Those made before say nothing: what was written then was for the books alone.
set lock_timeout = '3s';

alter table invoice add column reason text not null default '';
alter table invoice add constraint invoice_reason check (length(reason) <= 120 and (kind = 'credit_note' or reason = '')) not valid;
grant insert (reason) on invoice to waymeet_app;

-- +goose Down
select 1;
