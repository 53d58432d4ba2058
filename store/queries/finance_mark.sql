-- name: FinanceMarkBump :many
-- In the order of their names, so that two transactions never wait for each other.
insert into finance_mark as m (tenant_id, topic)
select sqlc.arg(tenant_id)::uuid, t from unnest(sqlc.arg(topics)::text[]) as t order by t
on conflict (tenant_id, topic) do update set version = m.version + 1
returning topic, version;

-- name: FinanceMarks :many
select topic, version from finance_mark where tenant_id = $1 order by topic;
