-- +goose Up
-- +goose StatementBegin
-- Cash in people's hands, and rides that were paid before they were taken.
set lock_timeout = '3s';

-- From the first cash that an agent or a driver takes to what they handed in. What they hold is the account float:HOLDER,
-- whoever filled it; closing empties it to the unit.
create table cash_shift (
  tenant_id uuid not null,
  id uuid not null,
  holder_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  opened_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  expected bigint check (expected >= 0),            -- what the float held when it was closed
  counted bigint check (counted >= 0),              -- what was counted, and handed in
  place text check (place ~ '^[a-z0-9-]{1,40}$'),   -- where: bank:PLACE
  confirmed_by uuid,
  confirmed_at timestamptz,
  received bigint check (received >= 0),            -- what somebody else found there
  note text not null default '' check (length(note) <= 300),
  version bigint not null default 1,
  primary key (tenant_id, id),
  check ((closed_at is null) = (expected is null) and (closed_at is null) = (counted is null) and (closed_at is null) = (place is null)),
  check ((confirmed_at is null) = (confirmed_by is null) and (confirmed_at is null) = (received is null)),
  check (confirmed_at is null or closed_at is not null),
  constraint cash_shift_two_people check (confirmed_by <> holder_id),
  foreign key (tenant_id, holder_id) references app_user (tenant_id, id),
  foreign key (tenant_id, confirmed_by) references app_user (tenant_id, id));
create unique index cash_shift_open on cash_shift (tenant_id, holder_id) where closed_at is null;
create index cash_shift_recent on cash_shift (tenant_id, id desc);
create index cash_shift_unconfirmed on cash_shift (tenant_id, id desc) where closed_at is not null and confirmed_at is null;
select isolate('cash_shift', 'select, insert, update');

-- Cash that became a rider's money.
create table cash_taking (
  tenant_id uuid not null,
  id uuid not null,
  shift_id uuid not null,
  rider_id uuid not null,
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  at timestamptz not null default clock_timestamp(),
  undone_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, shift_id) references cash_shift (tenant_id, id),
  foreign key (tenant_id, rider_id) references app_user (tenant_id, id));
create index cash_taking_shift on cash_taking (tenant_id, shift_id, id desc);
select isolate('cash_taking', 'select, insert, update');

-- What an operator sells: so many rides within so many days, or a period with as many rides as one likes, or so many a day.
create table pass_product (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  name text not null check (length(name) between 1 and 80),
  rides smallint check (rides between 1 and 1000),  -- null: a period
  days smallint not null check (days between 1 and 400),
  per_day smallint check (per_day between 1 and 100), -- of a period; null: as many as one likes
  price bigint not null check (price > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  lines uuid[] not null default '{}' check (cardinality(lines) <= 100), -- none: all
  stops uuid[] not null default '{}' check (cardinality(stops) <= 100), -- none: all; else where the ride begins or ends
  refund_days smallint not null default 14 check (refund_days between 0 and 400), -- after the purchase: so long one that was not used is taken back
  on_sale boolean not null default true,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  check (rides is null or per_day is null),
  check (rides is null or price >= rides));         -- a ride is worth something
select isolate('pass_product', 'select, insert, update');

-- A pass as it was sold: its terms are its own, whatever becomes of the product. The account pass:ID holds what is left of its price.
create table pass (
  tenant_id uuid not null,
  id uuid not null,
  product_id uuid not null,
  rider_id uuid not null,
  name text not null,
  rides smallint check (rides > 0),
  days smallint not null check (days > 0),
  per_day smallint check (per_day > 0),
  price bigint not null check (price > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  lines uuid[] not null,
  stops uuid[] not null,
  refund_days smallint not null,
  paid_with text not null check (paid_with in ('wallet', 'card')),
  state text not null check (state in ('open', 'active', 'used_up', 'expired', 'refunded', 'abandoned')),
  first_day date,                                   -- service dates, both included
  last_day date,
  used smallint not null default 0 check (used >= 0), -- rides, those given back not counted
  spent bigint not null default 0,                  -- of the price: by rides, or earned by days
  due_at timestamptz,                               -- when a day of it has passed, or all of it
  activated_at timestamptz,
  ended_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  constraint pass_rides_left check (used <= rides),
  constraint pass_price_left check (spent between 0 and price),
  check ((state in ('open', 'abandoned')) = (activated_at is null)),
  check ((activated_at is null) = (first_day is null) and (activated_at is null) = (last_day is null)),
  check (first_day <= last_day),
  foreign key (tenant_id, product_id) references pass_product (tenant_id, id),
  foreign key (tenant_id, rider_id) references app_user (tenant_id, id));
create index pass_rider on pass (tenant_id, rider_id, id desc);
create index pass_due on pass (due_at) where due_at is not null;
select isolate('pass', 'select, insert, update');
select open_to_system('pass', 'select');

-- What a pass was used for: a booking once, by whichever pass.
create table pass_use (
  tenant_id uuid not null,
  booking_id uuid not null,
  pass_id uuid not null,
  service_date date not null,
  rides smallint not null check (rides > 0),        -- people
  value bigint not null check (value >= 0),         -- that went from the pass to the seat
  at timestamptz not null default clock_timestamp(),
  returned_at timestamptz,
  returned_to text check (returned_to in ('pass', 'wallet', 'kept')), -- kept: the pass has ended, or the policy gives nothing back
  primary key (tenant_id, booking_id),
  check ((returned_at is null) = (returned_to is null)),
  foreign key (tenant_id, pass_id) references pass (tenant_id, id),
  foreign key (tenant_id, service_date, booking_id) references booking (tenant_id, service_date, id) deferrable initially deferred);
create index pass_use_pass on pass_use (tenant_id, pass_id, at desc);
create index pass_use_day on pass_use (tenant_id, pass_id, service_date) where returned_at is null;
select isolate('pass_use', 'select, insert, update');
-- +goose StatementEnd

-- +goose Down
select 1;
