-- +goose Up
-- +goose StatementBegin
-- Browsers that may be woken by a push message, and the job that wakes them.
set lock_timeout = '3s';

create table push_subscription (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  endpoint text not null check (length(endpoint) between 10 and 1000),
  p256dh text not null check (length(p256dh) between 80 and 100), -- the browser's key
  auth text not null check (length(auth) between 20 and 30),
  locale text not null check (locale in ('en', 'fr', 'ar')),       -- in which it speaks
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, endpoint),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id));
create index push_subscription_of on push_subscription (tenant_id, user_id, id desc);
select isolate('push_subscription');

insert into job_kind values ('push', 'wakes somebody''s browsers by a push message');
-- +goose StatementEnd

-- +goose Down
select 1;
