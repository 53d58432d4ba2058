-- name: MediaSettingGet :one
select provider, relay_only, kms_key, wrapped_key, sealed_credentials, version from media_setting where tenant_id = $1;

-- name: MediaSettingPut :execrows
-- What a tenant chose, unless it was chosen otherwise meanwhile: version is that which was read, 0 for none.
insert into media_setting (tenant_id, provider, relay_only, kms_key, wrapped_key, sealed_credentials)
values (sqlc.arg(tenant_id), sqlc.arg(provider), sqlc.arg(relay_only), sqlc.narg(kms_key), sqlc.narg(wrapped_key), sqlc.narg(sealed_credentials))
on conflict (tenant_id) do update set provider = excluded.provider, relay_only = excluded.relay_only, kms_key = excluded.kms_key,
  wrapped_key = excluded.wrapped_key, sealed_credentials = excluded.sealed_credentials, version = media_setting.version + 1, updated_at = clock_timestamp()
where media_setting.version = sqlc.arg(version)::bigint;
