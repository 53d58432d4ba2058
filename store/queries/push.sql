-- Browsers that may be woken.

-- name: PushAdd :exec
-- A browser is one person's: whoever signs in on it next takes it over.
insert into push_subscription as s (tenant_id, id, user_id, endpoint, p256dh, auth, locale)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(user_id), sqlc.arg(endpoint), sqlc.arg(p256dh), sqlc.arg(auth), sqlc.arg(locale))
on conflict (tenant_id, endpoint) do update set user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth, locale = excluded.locale;

-- name: PushTrim :exec
-- Only the newest of somebody's are kept.
delete from push_subscription s where s.tenant_id = sqlc.arg(tenant_id)::uuid and s.user_id = sqlc.arg(user_id)::uuid and s.id not in (
  select k.id from push_subscription k where k.tenant_id = sqlc.arg(tenant_id) and k.user_id = sqlc.arg(user_id) order by k.id desc limit sqlc.arg(most)::integer);

-- name: PushOf :many
select id, endpoint, p256dh, auth, locale from push_subscription where tenant_id = $1 and user_id = $2 order by id desc;

-- name: PushRemove :exec
delete from push_subscription where tenant_id = sqlc.arg(tenant_id)::uuid and user_id = sqlc.arg(user_id)::uuid and (endpoint = sqlc.arg(endpoint) or id = sqlc.narg(id)::uuid);

-- name: PushSettle :exec
-- Who has no browser left cannot be rung by push; who has one can, from now on.
update expert_presence p set push_until = case when exists (select from push_subscription s where s.tenant_id = p.tenant_id and s.user_id = p.expert_id) then clock_timestamp() + interval '30 minutes' end
where p.tenant_id = sqlc.arg(tenant_id)::uuid and p.expert_id = sqlc.arg(expert_id)::uuid;
