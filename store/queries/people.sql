-- What people are to each other after they have talked.

-- name: PersonBlock :one
select block_person(sqlc.arg(tenant_id)::uuid, sqlc.arg(by_user)::uuid, sqlc.arg(other)::uuid)::uuid[] as ringing;

-- name: PersonUnblock :exec
delete from person_block where tenant_id = $1 and user_id = $2 and other_id = $3;

-- name: PeopleBlocked :many
-- An expert by the name that the tenant shows: nobody is told one by blocking them.
select b.other_id, coalesce(shown_name(b.tenant_id, b.other_id, case when e.id is null then 'client' else 'expert' end), '')::text as name, b.at
from person_block b left join expert e on e.tenant_id = b.tenant_id and e.id = b.other_id
where b.tenant_id = $1 and b.user_id = $2 order by b.at desc limit 500;

-- name: PeopleBlockedCount :one
select count(*) from person_block where tenant_id = $1 and user_id = $2;

-- name: FavouriteAdd :exec
insert into favourite_expert (tenant_id, client_id, expert_id) values ($1, $2, $3) on conflict do nothing;

-- name: FavouriteRemove :exec
delete from favourite_expert where tenant_id = $1 and client_id = $2 and expert_id = $3;

-- name: FavouritesCount :one
select count(*) from favourite_expert where tenant_id = $1 and client_id = $2;

-- name: FavouriteBlocked :one
select exists (select from person_block b where b.tenant_id = sqlc.arg(tenant_id)::uuid
  and ((b.user_id = sqlc.arg(client_id)::uuid and b.other_id = sqlc.arg(expert_id)::uuid) or (b.user_id = sqlc.arg(expert_id) and b.other_id = sqlc.arg(client_id)))) as blocked;

-- name: Favourites :many
-- A client's, by the names that the tenant shows, with whether each could be rung now.
select f.expert_id, coalesce(shown_name(f.tenant_id, f.expert_id, 'expert'), '')::text as name, e.price, e.currency, e.rating, e.rated, f.at,
  (e.state = 'approved' and e.suspended_at is null and e.intent = 'available' and e.asked_at is null
    and coalesce(reach_of(p.until, p.closed_at, p.push_until, statement_timestamp()), 'gone') in ('connected', 'push'))::boolean as there
from favourite_expert f join expert e on e.tenant_id = f.tenant_id and e.id = f.expert_id
left join expert_presence p on p.tenant_id = f.tenant_id and p.expert_id = f.expert_id
where f.tenant_id = sqlc.arg(tenant_id)::uuid and f.client_id = sqlc.arg(client_id)::uuid order by f.at desc limit 100;

-- name: ReportAdd :execrows
-- None: they have reported this conversation.
insert into person_report (tenant_id, id, session_id, by_user, about_user, reason, words)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(session_id), sqlc.arg(by_user), sqlc.arg(about_user), sqlc.arg(reason), sqlc.arg(words))
on conflict (tenant_id, session_id, by_user) do nothing;

-- name: Reports :many
-- Those that nobody has decided on, or all, the newest first before one; or one.
select r.id, r.session_id, r.by_user, b.name as by_name, r.about_user, a.name as about_name, r.reason, r.words, r.at, coalesce(r.outcome, '')::text as outcome, r.note, r.decided_at,
  exists (select from expert e where e.tenant_id = r.tenant_id and e.id = r.about_user) as about_expert,
  (select count(*) from person_report o where o.tenant_id = r.tenant_id and o.about_user = r.about_user) as of_them
from person_report r join app_user b on b.tenant_id = r.tenant_id and b.id = r.by_user join app_user a on a.tenant_id = r.tenant_id and a.id = r.about_user
where r.tenant_id = sqlc.arg(tenant_id)::uuid and (sqlc.narg(id)::uuid is null or r.id = sqlc.narg(id)) and (not sqlc.arg(undecided)::boolean or r.outcome is null)
  and (sqlc.narg(before)::uuid is null or r.id < sqlc.narg(before)) order by r.id desc limit sqlc.arg(max_rows);

-- name: ReportDecide :execrows
-- None: somebody has decided on it.
update person_report set outcome = sqlc.arg(outcome), note = sqlc.arg(note), decided_by = sqlc.arg(by_user)::uuid, decided_at = clock_timestamp()
where tenant_id = sqlc.arg(tenant_id)::uuid and id = sqlc.arg(id)::uuid and outcome is null;
