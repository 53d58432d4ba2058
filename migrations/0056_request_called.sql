-- +goose NO TRANSACTION
-- Calls that may be over: the sweep takes all tenants' at once.
-- +goose Up
create index concurrently if not exists request_called on request (call_until) where state = 'waiting' and call_until is not null;

-- +goose Down
select 1;
