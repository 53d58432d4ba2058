-- +goose NO TRANSACTION
-- +goose Up
alter table session validate constraint session_second;
alter table session_party validate constraint session_party_role;
alter table session_party validate constraint session_party_ends;
create unique index concurrently if not exists session_party_second on session_party (tenant_id, session_id) where role = 'second' and ended_at is null; -- one at a time
create index concurrently if not exists session_party_seconds on session_party (tenant_id, user_id) where role = 'second' and ended_at is null; -- what somebody is a second in

-- +goose Down
select 1;
