-- +goose Up
-- +goose StatementBegin
-- Money that was set aside for a conversation that nobody waits for is let go by itself.
set lock_timeout = '3s';
insert into job_kind values ('funds_unused', 'lets go what was set aside for a request that nobody placed, or that was given up');
-- +goose StatementEnd

-- +goose Down
select 1;
