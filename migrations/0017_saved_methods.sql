-- +goose Up
-- +goose StatementBegin
-- Cards that users keep at a gateway, so that they need not be typed again. A number is never here.
set lock_timeout = '3s';

insert into job_kind values ('forget_method', 'has a card that its owner removed forgotten by the gateway');

-- Who a user is at a gateway: one customer there, however often they pay.
create table payer (
  tenant_id uuid not null,
  gateway_account_id uuid not null,
  user_id uuid not null,
  gateway_ref text check (gateway_ref <> ''),       -- none: the gateway has not answered yet
  n smallint not null default 1 check (n > 0),      -- of the attempt to make it
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, gateway_account_id, user_id),
  foreign key (tenant_id, gateway_account_id) references gateway_account (tenant_id, id),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id));
create unique index payer_ref on payer (tenant_id, gateway_account_id, gateway_ref) where gateway_ref is not null;
select isolate('payer', 'select, insert, update');

-- A card that the gateway keeps for a user: what may be shown of it, and what it is called there. Its row stays when it is
-- gone: payments were made with it.
create table saved_method (
  tenant_id uuid not null,
  id uuid not null,
  gateway_account_id uuid not null,
  user_id uuid not null,
  gateway_customer text not null check (gateway_customer <> ''),
  gateway_ref text not null check (gateway_ref <> ''),
  brand text not null check (length(brand) between 1 and 40),
  last4 text not null check (last4 ~ '^[0-9]{4}$'),
  exp_month smallint not null check (exp_month between 1 and 12),
  exp_year smallint not null check (exp_year between 2000 and 2200),
  preferred boolean not null default false,         -- the one that is offered first
  state text not null default 'kept' check (state in ('kept', 'leaving', 'gone')), -- leaving: removed here, not yet at the gateway
  tries smallint not null default 0,                -- to have it forgotten
  added_at timestamptz not null default clock_timestamp(),
  gone_at timestamptz check ((gone_at is not null) = (state = 'gone')),
  version bigint not null default 1,
  primary key (tenant_id, id),
  check (state = 'kept' or not preferred),
  constraint saved_method_ref unique (tenant_id, gateway_account_id, gateway_ref),
  constraint saved_method_whose unique (tenant_id, gateway_account_id, user_id, id),
  foreign key (tenant_id, gateway_account_id, user_id) references payer (tenant_id, gateway_account_id, user_id));
create unique index saved_method_preferred on saved_method (tenant_id, gateway_account_id, user_id) where preferred;
select isolate('saved_method', 'select, insert, update');

-- A card on its way to being kept: what its owner fills in at the gateway. One is open at a time, and taken up again.
create table method_setup (
  tenant_id uuid not null,
  id uuid not null,
  gateway_account_id uuid not null,
  user_id uuid not null,
  gateway_ref text check (gateway_ref <> ''),       -- none: the gateway has not answered yet
  n smallint not null default 1 check (n > 0),      -- of the attempt to make it
  state text not null default 'open' check (state in ('open', 'done', 'cancelled')),
  method_id uuid check (method_id is null or state = 'done'), -- what it came to; none: it was gone again at once
  created_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz check ((settled_at is null) = (state = 'open')),
  primary key (tenant_id, id),
  foreign key (tenant_id, gateway_account_id, user_id) references payer (tenant_id, gateway_account_id, user_id),
  foreign key (tenant_id, gateway_account_id, user_id, method_id) references saved_method (tenant_id, gateway_account_id, user_id, id));
create unique index method_setup_open on method_setup (tenant_id, gateway_account_id, user_id) where state = 'open';
select isolate('method_setup', 'select, insert, update');

-- What a payment is made with: a saved card, which is its payer's own at the same gateway; or one that is typed, and kept if its payer likes.
alter table payment add column method_id uuid, add column keep boolean not null default false;
alter table payment add constraint payment_method_own foreign key (tenant_id, gateway_account_id, payer_id, method_id)
  references saved_method (tenant_id, gateway_account_id, user_id, id) not valid;
-- +goose StatementEnd

-- +goose Down
select 1;
