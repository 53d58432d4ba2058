-- +goose NO TRANSACTION
-- The conversations of somebody that are not over: what a page that was loaded again finds its way back to.
-- +goose Up
create index concurrently if not exists session_runs_client on session (tenant_id, client_id) where state not in ('completed', 'connect_failed', 'no_show', 'cancelled');
create index concurrently if not exists session_runs_expert on session (tenant_id, expert_id) where state not in ('completed', 'connect_failed', 'no_show', 'cancelled');

-- +goose Down
select 1;
