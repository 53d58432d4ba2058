-- name: GatewayAccountAdd :exec
insert into gateway_account (tenant_id, id, kind, merchant, kms_key, wrapped_key, sealed_credentials)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(kind), sqlc.arg(merchant), sqlc.arg(kms_key), sqlc.arg(wrapped_key), sqlc.arg(sealed_credentials));

-- name: GatewayAccountGet :one
select id, kind, merchant, kms_key, wrapped_key, sealed_credentials, active, version from gateway_account where tenant_id = $1 and id = $2;

-- name: GatewayAccountOf :one
select id, kind, merchant, kms_key, wrapped_key, sealed_credentials, active, version from gateway_account where tenant_id = $1 and kind = $2 and active;

-- name: GatewayAccountsSealed :many
-- Those that are not used any more too: whatever is sealed.
select id, kind, merchant, kms_key, wrapped_key, sealed_credentials, active, version from gateway_account where tenant_id = $1 order by id limit 1000;

-- name: GatewayAccountSeal :execrows
-- New credentials, or the same under a newer key, if nobody else has sealed them meanwhile.
update gateway_account set kms_key = sqlc.arg(kms_key), wrapped_key = sqlc.arg(wrapped_key),
  sealed_credentials = sqlc.arg(sealed_credentials), version = version + 1, updated_at = clock_timestamp()
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and version = sqlc.arg(version);

-- name: ConnectedAccountAdd :exec
insert into connected_account (tenant_id, gateway_account_id, gateway_ref, user_id) values ($1, $2, $3, $4);

-- name: ConnectedAccountKnown :one
select exists (select from connected_account where tenant_id = $1 and gateway_account_id = $2 and gateway_ref = $3)::boolean as known;

-- name: ConnectedAccountSeen :execrows
-- What was fetched last stands; a fetch that began before it is older.
update connected_account set state = sqlc.arg(state), seen_at = sqlc.arg(seen_at), version = version + 1
where tenant_id = sqlc.arg(tenant_id) and gateway_account_id = sqlc.arg(gateway_account_id) and gateway_ref = sqlc.arg(gateway_ref)
  and (seen_at is null or seen_at < sqlc.arg(seen_at)) and state is distinct from sqlc.arg(state);

-- name: WebhookAdd :execrows
insert into webhook_event (tenant_id, id, gateway_account_id, gateway_ref, endpoint, account, kind, object_kind, object_id, happened_at)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(gateway_account_id), sqlc.arg(gateway_ref), sqlc.arg(endpoint), sqlc.narg(account),
  sqlc.arg(kind), sqlc.arg(object_kind), sqlc.arg(object_id), sqlc.arg(happened_at))
on conflict (tenant_id, gateway_account_id, gateway_ref) do nothing;

-- name: WebhookGet :one
select * from webhook_event where tenant_id = $1 and id = $2;

-- name: WebhookList :many
select * from webhook_event
where tenant_id = sqlc.arg(tenant_id) and state = any(sqlc.arg(states)::text[])
  and (received_at, id) < (sqlc.arg(before)::timestamptz, sqlc.arg(before_id)::uuid)
order by received_at desc, id desc
limit sqlc.arg(max_rows);

-- name: WebhookSettle :execrows
update webhook_event set state = sqlc.arg(state), problem = sqlc.narg(problem), tries = tries + 1, settled_at = clock_timestamp()
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and state = 'waiting';

-- name: WebhookFailed :one
-- One more try that did not come through: after so many the event waits for people.
update webhook_event set problem = sqlc.arg(problem), tries = tries + 1,
  state = case when tries + 1 >= sqlc.arg(max_tries)::int then 'dead' else state end,
  settled_at = case when tries + 1 >= sqlc.arg(max_tries)::int then clock_timestamp() end
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and state = 'waiting'
returning tries, (state = 'dead')::boolean as dead;

-- name: WebhookReplay :one
-- A replay begins anew; replays is what makes its job another one.
update webhook_event set state = 'waiting', tries = 0, replays = replays + 1, settled_at = null
where tenant_id = $1 and id = $2 and state in ('dead', 'ignored', 'done')
returning replays;

-- name: JobsAdd :exec
select add_jobs(sqlc.arg(kinds)::text[], sqlc.arg(args)::text[]::jsonb[], sqlc.arg(keys)::text[], sqlc.arg(tries), sqlc.arg(run_ats)::timestamptz[]);
