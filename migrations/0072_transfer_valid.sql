-- +goose NO TRANSACTION
-- +goose Up
alter table session validate constraint session_transfer;
alter table request validate constraint request_only;

-- +goose Down
select 1;
