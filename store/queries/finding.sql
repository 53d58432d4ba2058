-- name: FindingSee :one
-- One of a kind about one thing: seen again it counts. An explanation holds for what was explained.
insert into finding (tenant_id, id, kind, subject, severity, detail)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(kind), sqlc.arg(subject), sqlc.arg(severity), sqlc.arg(detail))
on conflict (tenant_id, kind, subject) where state <> 'resolved' do update set
  times = finding.times + 1, last_seen = clock_timestamp(), severity = excluded.severity, detail = excluded.detail, version = finding.version + 1,
  state = case when finding.detail = excluded.detail then finding.state else 'open' end,
  decided_at = case when finding.detail = excluded.detail then finding.decided_at end,
  decided_by = case when finding.detail = excluded.detail then finding.decided_by end,
  reason = case when finding.detail = excluded.detail then finding.reason else '' end
returning *;

-- name: FindingPassed :many
-- The check passes again. What a person has explained stays explained.
update finding set state = 'resolved', decided_at = clock_timestamp(), decided_by = null, reason = sqlc.arg(reason), version = version + 1
where tenant_id = sqlc.arg(tenant_id) and kind = any(sqlc.arg(kinds)::text[]) and subject = sqlc.arg(subject) and state = 'open'
returning id;

-- name: FindingDecide :one
-- What a person says of a finding that is not resolved.
update finding set state = sqlc.arg(state), decided_at = clock_timestamp(), decided_by = sqlc.narg(decided_by), reason = sqlc.arg(reason), version = version + 1
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and state <> 'resolved'
returning *;

-- name: FindingGet :one
select * from finding where tenant_id = $1 and id = $2;

-- name: FindingList :many
select * from finding
where tenant_id = sqlc.arg(tenant_id) and state = any(sqlc.arg(states)::text[])
  and (sqlc.arg(kind)::text = '' or kind = sqlc.arg(kind)::text)
  and (last_seen, id) < (sqlc.arg(before)::timestamptz, sqlc.arg(before_id)::uuid)
order by last_seen desc, id desc
limit sqlc.arg(max_rows);

-- name: FindingsAbout :many
select * from finding where tenant_id = $1 and subject = $2 order by first_seen desc limit $3;

-- name: FindingSubjects :many
-- What open findings of some kinds are about.
select distinct subject from finding
where tenant_id = sqlc.arg(tenant_id) and kind = any(sqlc.arg(kinds)::text[]) and state <> 'resolved'
  and (sqlc.arg(account)::text = '' or detail ->> 'account' = sqlc.arg(account)::text) order by subject limit sqlc.arg(max_rows);

-- name: FindingCounts :many
-- Across tenants: how many are open.
select severity, count(*) as n from finding where state = 'open' group by severity;

-- name: WebhookDeadCount :one
-- Across tenants.
select count(*) from webhook_event where state = 'dead';
