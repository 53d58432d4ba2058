-- +goose NO TRANSACTION
-- +goose Up
alter table request validate constraint request_away;

-- +goose Down
select 1;
