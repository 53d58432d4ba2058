-- +goose NO TRANSACTION
-- What gateways have told about one object: a payment's story shows it.
-- +goose Up
create index concurrently if not exists webhook_event_object on webhook_event (tenant_id, object_id, received_at);

-- +goose Down
select 1;
