-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- How often each of finance's lists has changed: whoever looks at one is told the number, and asks for the list again. A transaction
-- counts as the last thing before it commits, once a list: others wait for its COMMIT alone.
create table finance_mark (
  tenant_id uuid not null references tenant (id),
  topic text not null check (topic in ('payments', 'events', 'findings', 'payouts')),
  version bigint not null default 1 check (version > 0),
  primary key (tenant_id, topic));
select isolate('finance_mark', 'select, insert, update');
-- +goose StatementEnd

-- +goose Down
select 1;
