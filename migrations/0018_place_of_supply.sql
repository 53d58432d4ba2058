-- +goose Up
-- +goose StatementBegin
-- A ride that ended before anybody said where the operator bills from has no place of supply yet: its invoice gives it the
-- biller's. What is on an invoice has one, as before.
set lock_timeout = '3s';

alter table usage_record drop constraint usage_record_country_check;
alter table usage_record add constraint usage_record_country check (country ~ '^([A-Z]{2})?$') not valid;
-- +goose StatementEnd

-- +goose Down
select 1;
