-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- What people handed each other in a conversation. Each is a message too, whose text is its name; the bytes are kept elsewhere, by their hash.
create table session_file (
  tenant_id uuid not null,
  session_id uuid not null,
  n integer not null,                 -- the message's
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  kind text not null check (length(kind) between 3 and 100), -- as its bytes say
  size bigint not null check (size between 1 and 26214400),
  primary key (tenant_id, session_id, n),
  foreign key (tenant_id, session_id, n) references session_message (tenant_id, session_id, n));
select isolate('session_file', 'select, insert');
-- +goose StatementEnd

-- +goose Down
select 1;
