-- +goose NO TRANSACTION
-- +goose Up
alter table account validate constraint account_credit;

-- +goose Down
select 1;
