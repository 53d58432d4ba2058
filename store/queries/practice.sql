-- What experts prove, and the days that are not as usual to them.

-- name: DocumentAdd :execrows
-- It counts through the last of its days, where the operator is. None: there is no such expert.
insert into expert_document (tenant_id, id, expert_id, skill_id, number, expires_at, file, name, media_type, size)
select e.tenant_id, sqlc.arg(id)::uuid, e.id, sqlc.arg(skill_id)::uuid, sqlc.arg(number), (sqlc.arg(until)::date + 1)::timestamp at time zone t.time_zone, sqlc.arg(file), sqlc.arg(name), sqlc.arg(media_type), sqlc.arg(size)
from expert e join tenant t on t.id = e.tenant_id where e.tenant_id = sqlc.arg(tenant_id)::uuid and e.id = sqlc.arg(expert_id)::uuid;

-- name: DocumentUntilPasses :one
-- Whether the last of its days is over already, where the operator is.
select ((sqlc.arg(until)::date + 1)::timestamp at time zone t.time_zone <= clock_timestamp())::boolean from tenant t where t.id = sqlc.arg(tenant_id)::uuid;

-- name: Documents :many
-- Of an expert, or one: what nobody has decided on first, then by what they are for. until is the last day on which it counts.
select d.id, d.expert_id, d.skill_id, d.number, d.file, d.name, d.media_type, d.size, d.state, d.why, d.created_at,
  ((d.expires_at - interval '1 microsecond') at time zone t.time_zone)::date as until, (d.expires_at <= statement_timestamp())::boolean as expired,
  (((d.expires_at - interval '1 microsecond') at time zone t.time_zone)::date - (statement_timestamp() at time zone t.time_zone)::date)::integer as days
from expert_document d join tenant t on t.id = d.tenant_id
where d.tenant_id = sqlc.arg(tenant_id)::uuid and (d.expert_id = sqlc.narg(expert_id) or d.id = sqlc.narg(id))
order by (d.state = 'submitted') desc, d.skill_id, d.created_at desc, d.id limit sqlc.arg(max_rows);

-- name: DocumentsOf :one
-- How many of an expert's are kept that count, or may yet. Behind the expert's row: who hands in two at once is counted once.
select count(d.id) from (select x.tenant_id, x.id from expert x where x.tenant_id = sqlc.arg(tenant_id)::uuid and x.id = sqlc.arg(expert_id)::uuid for no key update) e
left join expert_document d on d.tenant_id = e.tenant_id and d.expert_id = e.id and d.state <> 'refused' and d.expires_at > clock_timestamp();

-- name: DocumentDecide :execrows
update expert_document set state = sqlc.arg(state), why = sqlc.arg(why), decided_by = sqlc.arg(by_user)::uuid, decided_at = clock_timestamp(), version = version + 1
where tenant_id = sqlc.arg(tenant_id)::uuid and id = sqlc.arg(id)::uuid;

-- name: ExpertDays :many
select on_date, coalesce(from_minute, -1)::smallint as from_minute, coalesce(until_minute, -1)::smallint as until_minute
from expert_day where tenant_id = $1 and expert_id = $2 order by on_date, n;

-- name: ExpertDaysClear :exec
delete from expert_day where tenant_id = $1 and expert_id = $2;

-- name: ExpertDaysAdd :exec
-- A stretch from -1: away.
insert into expert_day (tenant_id, expert_id, on_date, n, from_minute, until_minute)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(expert_id)::uuid, unnest(sqlc.arg(dates)::date[]), unnest(sqlc.arg(numbers)::smallint[]),
  nullif(unnest(sqlc.arg(froms)::smallint[]), -1), nullif(unnest(sqlc.arg(untils)::smallint[]), -1);
