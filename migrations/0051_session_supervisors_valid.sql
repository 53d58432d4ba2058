-- +goose NO TRANSACTION
-- +goose Up
alter table session_party validate constraint session_party_role;
alter table session_party validate constraint session_party_seen;
alter table session_party validate constraint session_party_ends;
create index concurrently if not exists session_party_supervises on session_party (session_id) where role in ('observer', 'whisperer', 'supervisor') and ended_at is null; -- all tenants' at once

-- +goose Down
select 1;
