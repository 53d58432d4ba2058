-- What people settle about matching: skills, queues, experts. Whoever is rung is matching.sql's.

-- name: Skills :many
select id, name, licensed, active from skill where tenant_id = $1 order by name limit 1000;

-- name: SkillAdd :execrows
-- None: there is one of that name. Its number is never used again.
insert into skill (tenant_id, id, n, name, licensed)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(id)::uuid, coalesce((select max(k.n) + 1 from skill k where k.tenant_id = sqlc.arg(tenant_id)::uuid), 0), sqlc.arg(name), sqlc.arg(licensed)
on conflict do nothing;

-- name: Queues :many
select q.id, q.name, q.modalities, q.sla_s, q.ring_s, q.push_ring_s, q.fan_out, q.rings, q.weights, q.callback, q.callback_after_s, q.callback_ring_s, q.callback_calls, q.appointment_days, q.appointment_each, q.open, q.most, q.time_zone, q.version,
  coalesce(q.overflow_id, '00000000-0000-0000-0000-000000000000')::uuid as overflow_id,
  coalesce((select json_agg(json_build_object('skill', s.skill_id, 'level', s.level) order by s.skill_id) from queue_skill s
    where s.tenant_id = q.tenant_id and s.queue_id = q.id), '[]')::json as needs,
  coalesce((select json_agg(json_build_object('weekday', h.weekday, 'from', h.from_minute, 'until', h.until_minute) order by h.weekday, h.from_minute) from queue_hours h
    where h.tenant_id = q.tenant_id and h.queue_id = q.id), '[]')::json as hours,
  coalesce((select json_agg(json_build_object('date', d.on_date, 'away', d.from_minute is null, 'from', coalesce(d.from_minute, 0), 'until', coalesce(d.until_minute, 0)) order by d.on_date, d.n) from queue_day d
    where d.tenant_id = q.tenant_id and d.queue_id = q.id), '[]')::json as days,
  (select count(*) from request r where r.tenant_id = q.tenant_id and r.queue_id = q.id and r.state = 'waiting') as waiting,
  coalesce((select extract(epoch from statement_timestamp() - min(r.placed_at)) from request r where r.tenant_id = q.tenant_id and r.queue_id = q.id and r.state = 'waiting'), 0)::bigint as longest_s,
  (q.open and queue_takes_at(q.tenant_id, q.id, q.time_zone, statement_timestamp()))::boolean as takes
from queue q where q.tenant_id = sqlc.arg(tenant_id)::uuid and (sqlc.narg(id)::uuid is null or q.id = sqlc.narg(id)) order by q.name, q.id limit 200;

-- name: QueueAdd :execrows
insert into queue (tenant_id, id, name, modalities, sla_s, ring_s, push_ring_s, fan_out, rings, weights, overflow_id, callback, callback_after_s, callback_ring_s, callback_calls, appointment_days, appointment_each, open, most, time_zone)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(name), sqlc.arg(modalities), sqlc.arg(sla_s), sqlc.arg(ring_s), sqlc.arg(push_ring_s), sqlc.arg(fan_out), sqlc.arg(rings),
  sqlc.arg(weights), sqlc.narg(overflow_id), sqlc.arg(callback), sqlc.arg(callback_after_s), sqlc.arg(callback_ring_s), sqlc.arg(callback_calls), sqlc.arg(appointment_days), sqlc.arg(appointment_each), sqlc.arg(open), sqlc.arg(most), sqlc.arg(time_zone))
on conflict (tenant_id, name) do nothing;

-- name: QueueChange :execrows
-- None: somebody changed it since.
update queue set name = sqlc.arg(name), modalities = sqlc.arg(modalities), sla_s = sqlc.arg(sla_s), ring_s = sqlc.arg(ring_s), push_ring_s = sqlc.arg(push_ring_s),
  fan_out = sqlc.arg(fan_out), rings = sqlc.arg(rings), weights = sqlc.arg(weights), overflow_id = sqlc.narg(overflow_id), callback = sqlc.arg(callback), callback_after_s = sqlc.arg(callback_after_s),
  callback_ring_s = sqlc.arg(callback_ring_s), callback_calls = sqlc.arg(callback_calls), appointment_days = sqlc.arg(appointment_days), appointment_each = sqlc.arg(appointment_each), open = sqlc.arg(open),
  most = sqlc.arg(most), time_zone = sqlc.arg(time_zone), version = version + 1
where tenant_id = sqlc.arg(tenant_id)::uuid and id = sqlc.arg(id)::uuid and version = sqlc.arg(version)::bigint;

-- name: QueueOverflows :one
-- Whether a queue is another's overflow, or has one: neither may be the other's.
select exists (select from queue q where q.tenant_id = sqlc.arg(tenant_id)::uuid and q.overflow_id = sqlc.arg(id)::uuid) as is_one,
  exists (select from queue q where q.tenant_id = sqlc.arg(tenant_id)::uuid and q.id = sqlc.arg(id)::uuid) as known,
  exists (select from queue q where q.tenant_id = sqlc.arg(tenant_id)::uuid and q.id = sqlc.arg(id)::uuid and q.overflow_id is not null) as has_one;

-- name: QueueSkillsClear :exec
delete from queue_skill where tenant_id = $1 and queue_id = $2;

-- name: QueueSkillsAdd :exec
insert into queue_skill (tenant_id, queue_id, skill_id, level)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(queue_id)::uuid, unnest(sqlc.arg(skills)::uuid[]), unnest(sqlc.arg(levels)::smallint[]);

-- name: QueueHoursClear :exec
delete from queue_hours where tenant_id = $1 and queue_id = $2;

-- name: QueueHoursAdd :exec
insert into queue_hours (tenant_id, queue_id, weekday, from_minute, until_minute)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(queue_id)::uuid, unnest(sqlc.arg(weekdays)::smallint[]), unnest(sqlc.arg(froms)::smallint[]), unnest(sqlc.arg(untils)::smallint[]);

-- name: QueueDaysClear :exec
delete from queue_day where tenant_id = $1 and queue_id = $2;

-- name: QueueDaysAdd :exec
-- A stretch from -1: closed.
insert into queue_day (tenant_id, queue_id, on_date, n, from_minute, until_minute)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(queue_id)::uuid, unnest(sqlc.arg(dates)::date[]), unnest(sqlc.arg(numbers)::smallint[]),
  nullif(unnest(sqlc.arg(froms)::smallint[]), -1), nullif(unnest(sqlc.arg(untils)::smallint[]), -1);

-- name: ExpertProfiles :many
select e.id, u.name, e.state, e.intent, e.asked_at, e.price, e.currency, e.slots, e.modalities, e.rating, e.rated, e.time_zone, e.suspended_at, e.suspended_why, e.version,
  array(select l.language from expert_language l where l.tenant_id = e.tenant_id and l.expert_id = e.id order by l.language)::text[] as languages,
  coalesce((select json_agg(json_build_object('skill', s.skill_id, 'level', s.level) order by s.skill_id) from expert_skill s
    where s.tenant_id = e.tenant_id and s.expert_id = e.id), '[]')::json as skills,
  coalesce((select json_agg(json_build_object('weekday', h.weekday, 'from', h.from_minute, 'until', h.until_minute) order by h.weekday, h.from_minute) from expert_hours h
    where h.tenant_id = e.tenant_id and h.expert_id = e.id), '[]')::json as hours
from expert e join app_user u on u.tenant_id = e.tenant_id and u.id = e.id where e.tenant_id = sqlc.arg(tenant_id)::uuid and e.id = any (sqlc.arg(ids)::uuid[]) order by e.id;

-- name: ExpertSave :one
-- What experts say of themselves. Whether they may practise is not theirs to say.
insert into expert as e (tenant_id, id, price, currency, slots, modalities, time_zone)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(price), sqlc.arg(currency), sqlc.arg(slots), sqlc.arg(modalities), sqlc.arg(time_zone))
on conflict (tenant_id, id) do update set price = excluded.price, currency = excluded.currency, slots = excluded.slots, modalities = excluded.modalities,
  time_zone = excluded.time_zone, version = e.version + 1
returning e.state;

-- name: ExpertSkillsClear :exec
delete from expert_skill where tenant_id = $1 and expert_id = $2;

-- name: ExpertSkillsAdd :exec
insert into expert_skill (tenant_id, expert_id, skill_id, level)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(expert_id)::uuid, unnest(sqlc.arg(skills)::uuid[]), unnest(sqlc.arg(levels)::smallint[]);

-- name: ExpertLanguagesClear :exec
delete from expert_language where tenant_id = $1 and expert_id = $2;

-- name: ExpertLanguagesAdd :exec
insert into expert_language (tenant_id, expert_id, language) select sqlc.arg(tenant_id)::uuid, sqlc.arg(expert_id)::uuid, unnest(sqlc.arg(languages)::text[]);

-- name: ExpertHoursClear :exec
delete from expert_hours where tenant_id = $1 and expert_id = $2;

-- name: ExpertHoursAdd :exec
insert into expert_hours (tenant_id, expert_id, weekday, from_minute, until_minute)
select sqlc.arg(tenant_id)::uuid, sqlc.arg(expert_id)::uuid, unnest(sqlc.arg(weekdays)::smallint[]), unnest(sqlc.arg(froms)::smallint[]), unnest(sqlc.arg(untils)::smallint[]);

-- name: ExpertPractice :execrows
-- Whether an expert may practise: the operator's word.
update expert set state = sqlc.arg(state), suspended_at = case when sqlc.arg(suspended)::boolean then coalesce(suspended_at, clock_timestamp()) end,
  suspended_by = case when sqlc.arg(suspended)::boolean then coalesce(suspended_by, sqlc.arg(by_user)::uuid) end,
  suspended_why = case when sqlc.arg(suspended)::boolean then coalesce(nullif(sqlc.arg(why)::text, ''), suspended_why) else '' end, version = version + 1
where tenant_id = sqlc.arg(tenant_id)::uuid and id = sqlc.arg(id)::uuid;

-- name: BoardWaiting :many
-- Who waits in a queue, in their places, as whoever runs it sees them.
select r.id, r.client_id, u.name as client, r.modality, r.languages, r.ceiling, r.currency, r.priority, r.placed_at, r.callback_at, r.call_until, r.version,
  coalesce((select a.about from request_about a where a.tenant_id = r.tenant_id and a.request_id = r.id), '')::text as about,
  coalesce((select json_agg(json_build_object('skill', n.skill_id, 'level', n.level) order by n.n) from request_skill n
    where n.tenant_id = r.tenant_id and n.request_id = r.id), '[]')::json as needs,
  coalesce((select json_agg(json_build_object('offer', o.id, 'expert', o.expert_id, 'name', e.name, 'deadline', o.deadline, 'reach', o.reach, 'score', o.score) order by o.made_at)
    from offer o join app_user e on e.tenant_id = o.tenant_id and e.id = o.expert_id where o.tenant_id = r.tenant_id and o.request_id = r.id and o.state = 'open'), '[]')::json as rings
from request r join app_user u on u.tenant_id = r.tenant_id and u.id = r.client_id
where r.tenant_id = sqlc.arg(tenant_id)::uuid and r.queue_id = sqlc.arg(queue_id)::uuid and r.state = 'waiting'
order by r.priority desc, r.placed_at, r.id limit sqlc.arg(max_rows);

-- name: BoardExperts :many
-- The experts who may practise, with what they are doing: those who want to be rung first.
select e.id, u.name, e.intent, (e.asked_at is not null)::boolean as asked, e.slots, e.rating, e.price, e.currency,
  (not exists (select from queue_skill k where k.tenant_id = e.tenant_id and k.queue_id = sqlc.arg(queue_id)::uuid
    and not exists (select from expert_skill s where s.tenant_id = k.tenant_id and s.expert_id = e.id and s.skill_id = k.skill_id)))::boolean as fits,
  coalesce(reach_of(p.until, p.closed_at, p.push_until, statement_timestamp()), 'gone')::text as reach,
  (select count(*) from offer o where o.tenant_id = e.tenant_id and o.expert_id = e.id and o.state = 'open') as ringing,
  (select count(*) from offer o where o.tenant_id = e.tenant_id and o.expert_id = e.id and o.state = 'accepted') as busy
from expert e join app_user u on u.tenant_id = e.tenant_id and u.id = e.id
left join expert_presence p on p.tenant_id = e.tenant_id and p.expert_id = e.id
where e.tenant_id = sqlc.arg(tenant_id)::uuid and e.state = 'approved' and e.suspended_at is null
order by (e.intent = 'available') desc, u.name, e.id limit sqlc.arg(max_rows);

-- name: BoardSessions :many
-- Conversations of a queue that are not over, the oldest first.
select s.id, s.state, s.modality, s.client_id, c.name as client, s.expert_id, x.name as expert, s.price, s.currency, s.shown_s, s.running_since, s.created_at,
  extract(epoch from r.matched_at - r.placed_at)::bigint as waited_s,
  (select count(*) from session_party p where p.tenant_id = s.tenant_id and p.session_id = s.id and p.role in ('client', 'expert') and p.epoch > 0 and p.left_at is null) as here
from session s join request r on r.tenant_id = s.tenant_id and r.id = s.request_id
join app_user c on c.tenant_id = s.tenant_id and c.id = s.client_id join app_user x on x.tenant_id = s.tenant_id and x.id = s.expert_id
where s.tenant_id = sqlc.arg(tenant_id)::uuid and r.queue_id = sqlc.arg(queue_id)::uuid and s.state in ('connecting', 'live', 'reconnecting', 'interrupted', 'wrap_up')
order by s.created_at, s.id limit sqlc.arg(max_rows);

-- name: ExpertsPractising :many
-- Experts by their practice's state, all of them or those of one, in the order in which they came.
select e.id from expert e where e.tenant_id = sqlc.arg(tenant_id)::uuid and (sqlc.arg(state)::text = '' or e.state = sqlc.arg(state)) and e.id > sqlc.arg(after)::uuid
order by e.id limit sqlc.arg(max_rows);

-- name: ExpertEarned :many
-- An expert's conversations that are over, the newest first, and what of each is theirs, once it is settled.
select d.id, d.beside, d.state, d.modality, d.created_at, d.ended_at, d.charged_s, d.cost, d.currency, coalesce(d.part, 0)::bigint as part, (d.part is not null)::boolean as settled
from expert_earned d where d.tenant_id = sqlc.arg(tenant_id)::uuid and d.expert_id = sqlc.arg(expert_id)::uuid
  and (sqlc.narg(before)::uuid is null or d.id < sqlc.narg(before)) order by d.id desc limit sqlc.arg(max_rows);

-- name: ExpertEarnings :one
-- What of an expert's conversations of this day and week, there, is theirs. A conversation is of the day on which it ended.
select coalesce(sum(d.part) filter (where d.ended_at >= date_trunc('day', now.at) at time zone e.time_zone), 0)::bigint as today,
  coalesce(sum(d.part), 0)::bigint as week,
  count(d.id) filter (where d.ended_at >= date_trunc('day', now.at) at time zone e.time_zone and d.charged_s > 0) as today_n,
  count(d.id) filter (where d.charged_s > 0) as week_n,
  coalesce(sum(d.charged_s) filter (where d.ended_at >= date_trunc('day', now.at) at time zone e.time_zone), 0)::bigint as today_s,
  coalesce(sum(d.charged_s), 0)::bigint as week_s, e.currency
from expert e cross join lateral (select statement_timestamp() at time zone e.time_zone as at) now
left join expert_earned d on d.tenant_id = e.tenant_id and d.expert_id = e.id and d.ended_at >= date_trunc('week', now.at) at time zone e.time_zone
where e.tenant_id = sqlc.arg(tenant_id)::uuid and e.id = sqlc.arg(expert_id)::uuid group by e.tenant_id, e.id;
