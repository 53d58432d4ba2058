-- +goose Up
-- +goose StatementBegin
-- Money of advice: what clients set aside for conversations, what experts earn by them, and how experts are paid.
-- lint:allow index: payment_at_work is made narrower in the same transaction; a chain of authorisations needs it, and payments are few until sessions exist
set lock_timeout = '3s';

insert into job_kind values
  ('open_seller', 'opens an expert''s account at the gateway'),
  ('pay_out', 'brings a payout to its gateway');

-- One thing is not paid twice at once. A session is: its authorisations are a chain, which metered_part counts.
drop index payment_at_work;
create unique index payment_at_work on payment (tenant_id, subject) where status in ('open', 'authorised') and subject not like 'session/%';

alter table payment_operation drop constraint payment_operation_kind;
alter table payment_operation add constraint payment_operation_kind
  check (op in ('pay', 'authorise', 'extend', 'capture', 'cancel', 'refund', 'transfer', 'reverse')) not valid;

-- What a client has set aside for one session, at whose price, and how much of it was used. What came of its parts is
-- the join of looks at their payments; nothing of that is kept here.
create table metered_session (
  tenant_id uuid not null,
  id uuid not null,                                 -- the session's
  client_id uuid not null,
  expert_id uuid not null check (expert_id <> client_id),
  gateway_account_id uuid,                          -- none: the client's wallet pays
  price bigint not null check (price > 0),          -- of a minute
  fee_bp smallint not null check (fee_bp between 0 and 10000), -- of it the operator's, in basis points
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  lost_by text not null default 'expert' check (lost_by in ('expert', 'operator')), -- who bears a share when a dispute is lost
  gateway_customer text check (gateway_customer <> ''), -- the client at the gateway, so that a card can be asked again
  billed bigint check (billed >= 0),                -- the metered amount, once it has ended
  ended_at timestamptz check ((ended_at is null) = (billed is null)),
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  foreign key (tenant_id, client_id) references app_user (tenant_id, id),
  foreign key (tenant_id, expert_id) references app_user (tenant_id, id),
  foreign key (tenant_id, gateway_account_id) references gateway_account (tenant_id, id));
create index metered_session_expert on metered_session (tenant_id, expert_id, created_at desc);
select isolate('metered_session', 'select, insert, update');

-- One link of the chain: an authorisation at the gateway, or a hold on the client's wallet. capture and fee are decided
-- once, when the session has ended.
create table metered_part (
  tenant_id uuid not null,
  session_id uuid not null,
  n smallint not null check (n between 1 and 200),
  amount bigint not null check (amount > 0),
  payment_id uuid,
  hold_id uuid check ((hold_id is null) <> (payment_id is null)), -- in the ledger
  destination text check (destination <> ''),       -- the expert's account at the gateway, which takes the share itself
  capture bigint check (capture between 0 and amount),
  fee bigint check (fee between 0 and capture),
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, session_id, n),
  check ((capture is null) = (fee is null)),
  foreign key (tenant_id, session_id) references metered_session (tenant_id, id),
  foreign key (tenant_id, payment_id) references payment (tenant_id, id));
create unique index metered_part_payment on metered_part (tenant_id, payment_id) where payment_id is not null;
select isolate('metered_part', 'select, insert, update');

-- Where an expert's money goes when a bank carries it.
create table beneficiary (
  tenant_id uuid not null,
  user_id uuid not null,
  holder text not null check (length(holder) between 2 and 70),
  number text not null check (number ~ '^[A-Z0-9]{10,34}$'),  -- an IBAN, or a national number such as Morocco's RIB
  version bigint not null default 1,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, user_id),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id));
select isolate('beneficiary', 'select, insert, update');

-- A run pays what is owed to experts in one currency over one rail. Whoever made it cannot approve it.
create table payout_run (
  tenant_id uuid not null,
  id uuid not null,
  rail text not null check (rail in ('bank-file', 'connect')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  minimum bigint not null check (minimum > 0),
  state text not null default 'draft' check (state in ('draft', 'approved', 'sent', 'closed', 'discarded')),
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  approved_by uuid check (approved_by <> made_by),
  approved_at timestamptz check ((approved_at is null) = (approved_by is null)),
  sent_at timestamptz check (sent_at is null or approved_by is not null),
  closed_at timestamptz check ((closed_at is not null) = (state in ('closed', 'discarded'))),
  version bigint not null default 1,
  primary key (tenant_id, id),
  check ((state in ('approved', 'sent', 'closed')) <= (approved_by is not null)),
  check ((state in ('sent', 'closed')) = (sent_at is not null)),
  foreign key (tenant_id, made_by) references app_user (tenant_id, id),
  foreign key (tenant_id, approved_by) references app_user (tenant_id, id));
create unique index payout_run_open on payout_run (tenant_id, rail, currency) where state in ('draft', 'approved', 'sent');
create index payout_run_recent on payout_run (tenant_id, made_at desc, id desc);
select isolate('payout_run', 'select, insert, update');

-- One expert's money in a run. owed leaves their account, recovered of it stays with the operator, amount goes out.
create table payout_line (
  tenant_id uuid not null,
  run_id uuid not null,
  id uuid not null,
  n smallint not null check (n > 0),
  expert_id uuid not null,
  owed bigint not null check (owed > 0),
  recovered bigint not null check (recovered >= 0),
  amount bigint not null check (amount > 0 and amount = owed - recovered),
  holder text not null,                             -- and where to, as it was when the run was made
  number text not null,
  gateway_account_id uuid,                          -- connect: whose gateway carries it
  gateway_ref text check (gateway_ref <> ''),       -- what it made
  tries smallint not null default 0,
  state text not null default 'draft' check (state in ('draft', 'sent', 'confirmed', 'returned', 'dropped')),
  problem text check (length(problem) <= 500),
  settled_at timestamptz check ((settled_at is not null) = (state in ('confirmed', 'returned', 'dropped'))),
  primary key (tenant_id, run_id, id),
  unique (tenant_id, run_id, n),
  unique (tenant_id, run_id, expert_id),
  unique (tenant_id, id),
  foreign key (tenant_id, run_id) references payout_run (tenant_id, id),
  foreign key (tenant_id, expert_id) references app_user (tenant_id, id));
select isolate('payout_line', 'select, insert, update');
-- +goose StatementEnd

-- +goose Down
select 1;
