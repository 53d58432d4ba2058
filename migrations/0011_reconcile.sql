-- +goose Up
-- +goose StatementBegin
-- What gateways say of their own accounts with us, how far that has been read, and what does not fit the books.
set lock_timeout = '3s';

-- One line of a gateway's account with the tenant, as the gateway lists it: what the reconciler matches to journals. Lines
-- are kept for good, so that what was moved in all and what was booked in all can be compared for one payment, whenever its parts came.
create table gateway_movement (
  tenant_id uuid not null,
  gateway_account_id uuid not null,
  gateway_ref text not null check (length(gateway_ref) between 1 and 200),
  kind text not null check (kind in ('charge', 'refund', 'dispute', 'dispute_won', 'payout', 'share', 'fee', 'other')),
  type text not null check (length(type) <= 100),      -- the gateway's own word
  source text not null default '' check (length(source) <= 200), -- the object that moved it
  payment_ref text not null default '' check (length(payment_ref) <= 200), -- the gateway's payment that it is about
  about uuid,                                       -- what of ours it is about: a payment, a payout; null while nobody knows
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount bigint not null,                           -- into the account is more than nothing
  fee bigint not null,                              -- taken by the gateway on top
  happened_at timestamptz not null,                 -- by the gateway's clock
  seen_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, gateway_account_id, gateway_ref),
  foreign key (tenant_id, gateway_account_id) references gateway_account (tenant_id, id));
create index gateway_movement_day on gateway_movement (tenant_id, gateway_account_id, happened_at);
create index gateway_movement_about on gateway_movement (tenant_id, about) where about is not null;
select isolate('gateway_movement', 'select, insert, update (about)');

-- How far each part of reconciling has come, so that the next run goes on from there: events, movements, matched days of
-- one gateway account.
create table reconciliation (
  tenant_id uuid not null,
  gateway_account_id uuid not null,
  part text not null check (part in ('events', 'movements', 'matched')),
  upto timestamptz not null,                        -- by the gateway's clock
  ran_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, gateway_account_id, part),
  foreign key (tenant_id, gateway_account_id) references gateway_account (tenant_id, id));
select isolate('reconciliation', 'select, insert, update');

-- A difference that somebody has to look at. Nothing is mended behind people's backs: a finding stays until its check passes or a
-- person says what it was. There is one of a kind about one thing at a time; seen again it counts. An explanation is of what was seen:
-- if that changes, the finding is open again.
create table finding (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null check (kind ~ '^[a-z][a-z_]{2,39}$'),
  subject text not null check (length(subject) between 1 and 200), -- payment/…, movement/…, ledger
  severity text not null check (severity in ('notice', 'warning', 'serious')),
  detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object' and length(detail::text) <= 8000), -- amounts and ids; nothing of a card
  state text not null default 'open' check (state in ('open', 'explained', 'resolved')),
  times integer not null default 1,
  first_seen timestamptz not null default clock_timestamp(),
  last_seen timestamptz not null default clock_timestamp(),
  decided_at timestamptz check ((decided_at is not null) = (state <> 'open')),
  decided_by uuid,                                  -- null: the check itself, which passes again
  reason text not null default '' check (length(reason) <= 500),
  version bigint not null default 1,
  primary key (tenant_id, id),
  check (state <> 'explained' or decided_by is not null or reason <> ''),
  foreign key (tenant_id, decided_by) references app_user (tenant_id, id));
create unique index finding_current on finding (tenant_id, kind, subject) where state <> 'resolved';
create index finding_recent on finding (tenant_id, last_seen desc, id desc);
create index finding_subject on finding (tenant_id, subject);
select isolate('finding', 'select, insert, update');

-- Across tenants: whose accounts are to be reconciled, and how much waits for people. Nothing else of them is seen.
select open_to_system('gateway_account', 'select (tenant_id, id, kind, active)');
select open_to_system('finding', 'select (tenant_id, state, severity)');
select open_to_system('webhook_event', 'select (tenant_id, state)');
-- +goose StatementEnd

-- +goose Down
select 1;
