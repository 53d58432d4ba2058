-- +goose NO TRANSACTION
-- +goose Up
-- The least that anybody asks for a minute: asked with each request. Without a transaction, as it takes no lock that writers wait for; done again, if it broke.
create index concurrently if not exists expert_minute on expert (tenant_id, currency, price) where state = 'approved' and suspended_at is null;

-- +goose Down
select 1;
