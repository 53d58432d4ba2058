-- name: UserRow :one
select id, email, name, locale, status, version, created_at from app_user where tenant_id = $1 and id = $2;

-- name: UserForUpdate :one
select id, email, name, locale, status, version, created_at from app_user where tenant_id = $1 and id = $2 for update;

-- name: UserByEmail :one
select id, email, name, locale, status, version, created_at, coalesce(password_hash, '')::text as password_hash
from app_user where tenant_id = $1 and email = $2;

-- name: UserPage :many
-- Newest first; ids grow with time. Roles held within an organisation or for a queue are shown there.
select u.id, u.email, u.name, u.locale, u.status, u.version, u.created_at,
  coalesce((select array_agg(r.name order by r.name) from user_role ur join role r on r.tenant_id = ur.tenant_id and r.id = ur.role_id
    where ur.tenant_id = u.tenant_id and ur.user_id = u.id and ur.scope not in ('unit', 'queue')), '{}')::text[] as roles,
  (select count(*) from live_presence p join live_node n on n.epoch = p.epoch and n.expires_at > clock_timestamp()
    where p.tenant_id = u.tenant_id and p.user_id = u.id) as connections
from app_user u
where u.tenant_id = sqlc.arg(tenant) and u.id < sqlc.arg(before)
  and (sqlc.arg(q)::text = '' or u.email ^@ sqlc.arg(q)::text or strpos(folded(u.name), (select folded(sqlc.arg(q)::text))) > 0)
order by u.id desc limit sqlc.arg(max_rows);

-- name: UserInsert :exec
insert into app_user (tenant_id, id, email, name, locale, password_hash, source, external_id) values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: UserUpdate :one
update app_user set name = $3, locale = $4, status = $5, version = version + 1 where tenant_id = $1 and id = $2 returning version;

-- name: UserSetPassword :execrows
update app_user set password_hash = $3, version = version + 1 where tenant_id = $1 and id = $2;

-- name: RoleList :many
select id, name, permissions, built_in from role where tenant_id = $1 order by name;

-- name: RoleInsert :exec
insert into role (tenant_id, id, name, permissions, built_in) values ($1, $2, $3, $4, $5);

-- name: UserRoleClear :exec
-- What somebody manages is given and taken with the organisation, and what they run with the queue.
delete from user_role where tenant_id = $1 and user_id = $2 and scope not in ('unit', 'queue');

-- name: UserRoleInsert :exec
insert into user_role (tenant_id, user_id, role_id, scope, scope_id) values ($1, $2, $3, $4, $5);

-- name: QueueRoleGive :execrows
insert into user_role (tenant_id, user_id, role_id, scope, scope_id)
select r.tenant_id, sqlc.arg(user_id)::uuid, r.id, 'queue', sqlc.arg(queue_id)::uuid from role r where r.tenant_id = sqlc.arg(tenant_id)::uuid and r.name = sqlc.arg(role)::text
on conflict do nothing;

-- name: QueueRoleTake :execrows
delete from user_role where tenant_id = sqlc.arg(tenant_id)::uuid and user_id = sqlc.arg(user_id)::uuid and scope = 'queue' and scope_id = sqlc.arg(queue_id)::uuid;

-- name: QueueRoleHolders :many
-- Who holds a role for this queue alone.
select u.id, u.name, u.email from app_user u where u.tenant_id = sqlc.arg(tenant_id)::uuid
  and exists (select from user_role ur where ur.tenant_id = u.tenant_id and ur.user_id = u.id and ur.scope = 'queue' and ur.scope_id = sqlc.arg(queue_id)::uuid)
order by u.name, u.id limit 200;

-- name: QueueThere :one
select exists (select from queue q where q.tenant_id = sqlc.arg(tenant_id)::uuid and q.id = sqlc.arg(id)::uuid);

-- name: UserRoles :many
select r.name, ur.scope, ur.scope_id from user_role ur join role r on r.tenant_id = ur.tenant_id and r.id = ur.role_id
where ur.tenant_id = $1 and ur.user_id = $2 order by r.name, ur.scope, ur.scope_id;

-- name: ActorRows :many
-- Everything that decides what sessions may do now, in one snapshot.
select ask.usr, ask.session, u.name, u.email, coalesce(u.locale, t.locale)::text as locale, u.version,
  (u.status = 'active' and t.status = 'active')::boolean as active,
  (exists (select from sign_in s where s.tenant_id = u.tenant_id and s.id = ask.session and s.user_id = u.id
    and s.ended_at is null and s.expires_at > clock_timestamp()))::boolean as signed_in,
  coalesce((select jsonb_agg(jsonb_build_object('role', r.name, 'permissions', r.permissions, 'scope', ur.scope, 'scope_id', ur.scope_id)
    order by r.name, ur.scope, ur.scope_id)
    from user_role ur join role r on r.tenant_id = ur.tenant_id and r.id = ur.role_id
    where ur.tenant_id = u.tenant_id and ur.user_id = u.id), '[]')::jsonb as roles,
  coalesce(t.settings -> 'live', '{}')::jsonb as live
from (select unnest(sqlc.arg(users)::uuid[])::uuid as usr, unnest(sqlc.arg(sessions)::uuid[])::uuid as session) ask
join app_user u on u.tenant_id = sqlc.arg(tenant) and u.id = ask.usr join tenant t on t.id = u.tenant_id;
