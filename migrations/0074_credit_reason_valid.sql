-- +goose NO TRANSACTION
-- +goose Up
alter table invoice validate constraint invoice_reason;

-- +goose Down
select 1;
