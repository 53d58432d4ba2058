-- +goose NO TRANSACTION
-- Finance reads the alerts of all organisations, the newest first.
-- +goose Up
create index concurrently if not exists programme_alert_at on programme_alert (tenant_id, at desc, programme_id desc);

-- +goose Down
select 1;
