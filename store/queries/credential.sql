-- name: SignInInsert :exec
insert into sign_in (tenant_id, id, user_id, token_hash, expires_at) values ($1, $2, $3, $4, clock_timestamp() + sqlc.arg(ttl_s)::float8 * interval '1 second');

-- name: SignInForUpdate :one
select s.id, user_id, token_hash, coalesce(previous_hash, ''::bytea)::bytea as previous_hash,
  (rotated_at > clock_timestamp() - sqlc.arg(grace_s)::float8 * interval '1 second')::boolean as fresh,
  (ended_at is not null or expires_at <= clock_timestamp())::boolean as over,
  coalesce((select t.status <> 'active' from tenant t where t.id = s.tenant_id), true)::boolean as suspended
from sign_in s where s.tenant_id = $1 and s.id = $2 for update;

-- name: SignInRotate :exec
update sign_in set token_hash = $3, previous_hash = token_hash, rotated_at = clock_timestamp(),
  expires_at = clock_timestamp() + sqlc.arg(ttl_s)::float8 * interval '1 second'
where tenant_id = $1 and id = $2;

-- name: SignInEnd :execrows
update sign_in set ended_at = clock_timestamp(), ended_why = $3 where tenant_id = $1 and id = $2 and ended_at is null;

-- name: SignInEndAll :execrows
update sign_in set ended_at = clock_timestamp(), ended_why = $3 where tenant_id = $1 and user_id = $2 and ended_at is null;

-- name: SocketTicketInsert :exec
insert into socket_ticket (tenant_id, token_hash, user_id, sign_in_id, expires_at)
values ($1, $2, $3, $4, clock_timestamp() + sqlc.arg(ttl_s)::float8 * interval '1 second');

-- name: SocketTicketTake :one
-- Single use: whoever deletes the row has the ticket.
delete from socket_ticket where tenant_id = $1 and token_hash = $2
returning user_id, sign_in_id, (expires_at > clock_timestamp())::boolean as good;

-- name: SweepSignIns :execrows
delete from sign_in where expires_at < clock_timestamp() - interval '7 days';

-- name: SweepSocketTickets :execrows
delete from socket_ticket where expires_at < clock_timestamp() - interval '1 minute';

-- name: SigningKeys :many
-- Newest first; one is good to verify until it retires.
select kid, public_key, sealed_private_key, created_at, retires_at from signing_key
where retires_at > clock_timestamp() order by created_at desc, kid;

-- name: SigningKeyInsert :exec
insert into signing_key (kid, public_key, sealed_private_key, retires_at) values ($1, $2, $3, clock_timestamp() + sqlc.arg(ttl_s)::float8 * interval '1 second');

-- name: SweepSigningKeys :execrows
delete from signing_key where retires_at < clock_timestamp() - interval '1 day';
