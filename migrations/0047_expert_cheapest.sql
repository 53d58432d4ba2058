-- +goose NO TRANSACTION
-- The least that a minute costs, which whoever wants to wait is held against.
-- +goose Up
create index concurrently if not exists expert_cheapest on expert (tenant_id, currency, price) where state = 'approved' and suspended_at is null;

-- +goose Down
select 1;
