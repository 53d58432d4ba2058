-- name: CaseAdd :exec
insert into case_file (tenant_id, id, subject, organisation_id, user_id, opened_by, reason, says)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(subject), sqlc.narg(organisation_id), sqlc.narg(user_id), sqlc.arg(opened_by), sqlc.arg(reason), sqlc.arg(says));

-- name: CaseGet :one
select * from case_file where tenant_id = $1 and id = $2;

-- name: CaseLock :one
select * from case_file where tenant_id = $1 and id = $2 for update;

-- name: CaseList :many
select * from case_file where tenant_id = sqlc.arg(tenant_id) and id < sqlc.arg(before)::uuid
  and (sqlc.arg(state)::text = '' or state = sqlc.arg(state)::text)
  and (sqlc.narg(opened_by)::uuid is null or opened_by = sqlc.narg(opened_by)::uuid)
order by id desc limit sqlc.arg(max_rows);

-- name: CaseDecide :exec
update case_file set state = 'decided', decision = sqlc.arg(decision), amount = sqlc.narg(amount), currency = sqlc.narg(currency), answer = sqlc.arg(answer),
  outcome = sqlc.arg(outcome), decided_by = sqlc.arg(decided_by), decided_at = clock_timestamp()
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and state = 'open';

-- name: CaseGoodwill :one
select coalesce(sum(amount), 0)::bigint as given from case_file where tenant_id = $1 and subject = $2 and decision = 'goodwill';

-- name: EvidenceAdd :exec
insert into case_evidence (tenant_id, id, case_id, added_by, says, file_name, content_type, bytes)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(case_id), sqlc.arg(added_by), sqlc.arg(says), sqlc.arg(file_name), sqlc.arg(content_type), sqlc.narg(bytes));

-- name: EvidenceList :many
select id, added_by, says, file_name, content_type, coalesce(octet_length(bytes), 0)::integer as size, added_at from case_evidence
where tenant_id = $1 and case_id = $2 order by id limit 50;

-- name: EvidenceFile :one
select file_name, content_type, bytes from case_evidence where tenant_id = $1 and case_id = $2 and id = $3 and bytes is not null;
