-- +goose NO TRANSACTION
-- The waits that ended in service lately, a queue's: what a wait to come is told from.
-- +goose Up
create index concurrently if not exists request_served on request (tenant_id, queue_id, matched_at desc) where state = 'matched';

-- +goose Down
select 1;
