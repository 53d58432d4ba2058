-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- What carries a tenant's voices and pictures. Who has no row has the built-in provider, browser to browser. Credentials are sealed; the
-- built-in one needs none.
create table media_setting (
  tenant_id uuid primary key references tenant (id),
  provider text not null check (provider in ('peer', 'livekit', 'daily')),
  relay_only boolean not null default false,       -- the parties' browsers never learn each other's addresses
  kms_key text,                                    -- wraps the record's own key
  wrapped_key bytea,
  sealed_credentials bytea,
  version bigint not null default 1 check (version > 0),
  updated_at timestamptz not null default clock_timestamp(),
  check (num_nulls(kms_key, wrapped_key, sealed_credentials) = case provider when 'peer' then 3 else 0 end));
select isolate('media_setting', 'select, insert, update');
-- +goose StatementEnd

-- +goose Down
select 1;
