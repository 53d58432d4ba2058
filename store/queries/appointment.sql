-- Times that clients have booked: a row until its request enters the queue.

-- name: AppointmentQueue :one
-- A queue behind its lock: of one quarter of an hour no more are taken than it says, whoever books at the same time.
select id, modalities, open, time_zone, appointment_days, appointment_each from queue where tenant_id = $1 and id = $2 for no key update;

-- name: AppointmentGround :one
-- What a time is taken by, behind the queue's lock: by PostgreSQL's clock.
select g.at::timestamptz as at, queue_takes_at(sqlc.arg(tenant_id)::uuid, sqlc.arg(queue_id)::uuid, sqlc.arg(time_zone)::text, sqlc.arg(due_at)::timestamptz)::boolean as takes,
  coalesce(queue_opens(sqlc.arg(tenant_id)::uuid, sqlc.arg(queue_id)::uuid, sqlc.arg(time_zone)::text, g.at), g.at)::timestamptz as opens,
  (select count(*) from appointment a where a.tenant_id = sqlc.arg(tenant_id)::uuid and a.queue_id = sqlc.arg(queue_id)::uuid and a.due_at = sqlc.arg(due_at)::timestamptz
    and a.kind = 'appointment' and a.state in ('booked', 'funded', 'unfunded') and a.id <> sqlc.arg(but)::uuid) as taken,
  (select count(*) from appointment a where a.tenant_id = sqlc.arg(tenant_id)::uuid and a.client_id = sqlc.arg(client_id)::uuid and a.state in ('booked', 'funded', 'unfunded') and a.id <> sqlc.arg(but)::uuid) as mine
from (select clock_timestamp() as at) g;

-- name: AppointmentTimes :many
-- Quarters of an hour from an instant on that may still be booked.
select s.at::timestamptz as at from queue q,
  generate_series(to_timestamp(ceil(extract(epoch from greatest(sqlc.arg(first)::timestamptz, clock_timestamp())) / 900) * 900),
    least(sqlc.arg(last)::timestamptz, clock_timestamp() + q.appointment_days * interval '1 day'), interval '15 minutes') s (at)
where q.tenant_id = sqlc.arg(tenant_id)::uuid and q.id = sqlc.arg(queue_id)::uuid and q.open and q.appointment_days > 0 and s.at < sqlc.arg(last)::timestamptz
  and queue_takes_at(q.tenant_id, q.id, q.time_zone, s.at)
  and q.appointment_each > (select count(*) from appointment a where a.tenant_id = q.tenant_id and a.queue_id = q.id and a.due_at = s.at and a.kind = 'appointment' and a.state in ('booked', 'funded', 'unfunded'))
order by s.at limit 700;

-- name: AppointmentAdd :exec
insert into appointment (tenant_id, id, queue_id, client_id, kind, modality, languages, needs, about, ceiling, currency, minutes, method_id, due_at, time_zone)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(queue_id), sqlc.arg(client_id), sqlc.arg(kind), sqlc.arg(modality), sqlc.arg(languages), sqlc.arg(needs), sqlc.arg(about),
  sqlc.arg(ceiling), sqlc.arg(currency), sqlc.arg(minutes), sqlc.narg(method_id), sqlc.arg(due_at), sqlc.arg(time_zone));

-- name: AppointmentGet :one
select sqlc.embed(a), q.time_zone as queue_zone, clock_timestamp()::timestamptz as at from appointment a join queue q on q.tenant_id = a.tenant_id and q.id = a.queue_id where a.tenant_id = $1 and a.id = $2;

-- name: AppointmentLock :one
-- Then read it: behind its lock.
select a.id from appointment a where a.tenant_id = $1 and a.id = $2 for no key update;

-- name: AppointmentKeep :exec
update appointment set kind = sqlc.arg(kind), state = sqlc.arg(state), due_at = sqlc.arg(due_at), n = sqlc.arg(n), funds_id = sqlc.narg(funds_id), refused = sqlc.arg(refused), version = version + 1,
  ended_at = case when sqlc.arg(state)::text in ('entered', 'cancelled', 'lapsed') then clock_timestamp() end
where tenant_id = sqlc.arg(tenant_id)::uuid and id = sqlc.arg(id)::uuid;

-- name: AppointmentsOf :many
-- Somebody's own that are to come.
select sqlc.embed(a), q.time_zone as queue_zone from appointment a join queue q on q.tenant_id = a.tenant_id and q.id = a.queue_id
where a.tenant_id = $1 and a.client_id = $2 and a.state in ('booked', 'funded', 'unfunded') order by a.due_at, a.id;

-- name: AppointmentsDue :many
-- Of whichever tenant: those whose time has come and that are funded, and those that nobody has funded for too long after it.
select a.tenant_id, a.id from appointment a
where a.state in ('booked', 'funded', 'unfunded') and a.due_at <= clock_timestamp() - case a.state when 'funded' then interval '0' else sqlc.arg(grace_s)::float8 * interval '1 second' end
  and a.due_at <= clock_timestamp()
order by a.due_at limit sqlc.arg(max_rows);

-- name: QueueHoursNow :one
-- Whether a queue takes requests now, and when it does next.
select q.time_zone, q.appointment_days, (q.open and queue_takes_at(q.tenant_id, q.id, q.time_zone, statement_timestamp()))::boolean as takes, q.open,
  coalesce(queue_opens(q.tenant_id, q.id, q.time_zone, statement_timestamp()), statement_timestamp())::timestamptz as opens
from queue q where q.tenant_id = $1 and q.id = $2;
