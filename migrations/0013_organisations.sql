-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

insert into job_kind values
  ('withdraw_rides', 'cancels the coming programme rides of somebody who left an organisation');

-- A tenant's business customer, and what an invoice to it says: who is billed, where, in what, by when.
create table organisation (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  name text not null check (length(name) between 1 and 120),      -- what people call it
  legal_name text not null check (length(legal_name) <= 200),     -- what stands on paper; empty: the name
  address text[] not null check (cardinality(address) <= 6),      -- as it goes on an envelope
  country text not null check (country ~ '^([A-Z]{2})?$'),
  tax_ids jsonb not null default '[]' check (jsonb_typeof(tax_ids) = 'array'), -- [{name, value}]: ICE, IF, RC, TRN
  email text not null check (length(email) <= 254),               -- where invoices go
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  time_zone text not null,                                        -- whose months are billed
  locale text not null check (locale in ('en', 'fr', 'ar')),
  terms text not null check (terms ~ '^(net|eom)_[0-9]{1,3}(_eom)?$'), -- when it pays: net_30, eom_30, net_30_eom
  po_number text not null check (length(po_number) <= 60),
  active boolean not null default true,
  roster bigint not null default 1,   -- grows with every change of who belongs: what a preview was made from
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, name));
select isolate('organisation', 'select, insert, update');

-- An organisation's tree. Its root is the organisation itself under the same id. above is the unit and all over it, so that
-- who may see a unit is told without walking; a unit never moves.
create table unit (
  tenant_id uuid not null,
  id uuid not null,
  organisation_id uuid not null,
  parent_id uuid,                     -- null: the root
  above uuid[] not null check (cardinality(above) between 1 and 8),
  name text not null check (length(name) between 1 and 120),
  active boolean not null default true,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, organisation_id, id),
  unique (tenant_id, organisation_id, parent_id, name),
  check ((parent_id is null) = (id = organisation_id)),
  check (above[1] = organisation_id and above[cardinality(above)] = id),
  foreign key (tenant_id, organisation_id) references organisation (tenant_id, id),
  foreign key (tenant_id, organisation_id, parent_id) references unit (tenant_id, organisation_id, id));
select isolate('unit', 'select, insert, update');

-- Somebody who belongs to an organisation, from a day to a day. A roster names people who have no account: they belong
-- at once, and user_id is set when an account with their address is there (ADR 23). Rows stay: past rides are billed.
create table membership (
  tenant_id uuid not null,
  id uuid not null,
  organisation_id uuid not null,
  unit_id uuid not null,
  user_id uuid,                       -- null: nobody with this address has an account yet
  number text not null check (length(number) <= 200), -- the organisation's own of the employee
  name text not null check (length(name) between 1 and 200),
  email text not null check (email = lower(email) and length(email) <= 254),
  phone text not null check (length(phone) <= 40),
  joined date not null,
  left_on date check (left_on >= joined), -- the first day on which they no longer belong
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, organisation_id, id),
  check (number <> '' or email <> '' or phone <> ''),
  foreign key (tenant_id, organisation_id, unit_id) references unit (tenant_id, organisation_id, id),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id));
create unique index membership_number on membership (tenant_id, organisation_id, number) where left_on is null and number <> '';
create unique index membership_email on membership (tenant_id, organisation_id, email) where left_on is null and email <> '';
create index membership_user on membership (tenant_id, user_id) where user_id is not null;
create index membership_awaits on membership (tenant_id, email) where user_id is null and email <> '';
create index membership_organisation on membership (tenant_id, organisation_id, id);
select isolate('membership', 'select, insert, update');

-- To which cost centre somebody belongs from a day on, until the next row. Earlier days stay as they were.
create table membership_posting (
  tenant_id uuid not null,
  membership_id uuid not null,
  from_date date not null,
  cost_centre text not null check (length(cost_centre) <= 200),
  primary key (tenant_id, membership_id, from_date),
  foreign key (tenant_id, membership_id) references membership (tenant_id, id));
select isolate('membership_posting');

-- What a roster would change, kept as it was shown. Applying does exactly this, and only while organisation.roster is
-- what it was.
create table roster_preview (
  tenant_id uuid not null,
  id uuid not null,
  organisation_id uuid not null,
  unit_id uuid not null,              -- where joiners come in, and whose people were compared
  roster bigint not null,
  on_date date not null,
  file_name text not null check (length(file_name) <= 200),
  preview jsonb not null,
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  applied_by uuid,
  applied_at timestamptz,
  primary key (tenant_id, id),
  check ((applied_by is null) = (applied_at is null)),
  foreign key (tenant_id, organisation_id, unit_id) references unit (tenant_id, organisation_id, id));
create index roster_preview_organisation on roster_preview (tenant_id, organisation_id, id);
select isolate('roster_preview');

-- What an employer pays for, for whom, up to what. Null limits nothing; empty lists, days and hours are all.
create table programme (
  tenant_id uuid not null,
  id uuid not null,
  organisation_id uuid not null,
  unit_id uuid not null,              -- for the people of this unit and those under it
  name text not null check (length(name) between 1 and 120),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  percent smallint not null check (percent between 0 and 100), -- of the fare
  fixed bigint not null check (fixed >= 0),                    -- on top of it, a ride
  ride_cap bigint check (ride_cap >= 0),
  month_cap bigint check (month_cap >= 0),                     -- of one employee
  month_rides integer check (month_rides >= 0),                -- of one employee
  budget bigint check (budget >= 0),                           -- of all of them, a month
  lines uuid[] not null check (cardinality(lines) <= 200),
  stops uuid[] not null check (cardinality(stops) <= 200),
  weekdays smallint not null check (weekdays between 0 and 127), -- bit 0 is Sunday; 0: every day
  hours_from integer not null check (hours_from between 0 and 86399), -- seconds from midnight; both 0: all day
  hours_until integer not null check (hours_until between 0 and 172800),
  time_zone text not null,
  no_show text not null check (no_show in ('as_booked', 'rider_pays', 'employer_pays')),
  cost_centre text not null check (length(cost_centre) <= 200), -- where its rides go; empty: the employee's on the ride's date
  valid_from date not null,
  valid_until date check (valid_until >= valid_from),          -- the last day
  active boolean not null default true,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, organisation_id, id),
  foreign key (tenant_id, organisation_id, unit_id) references unit (tenant_id, organisation_id, id));
select isolate('programme', 'select, insert, update');

-- What a programme granted to one employee in a month of service dates, and to all of them (employee is the nil UUID):
-- the rows that a booking's transaction locks before it decides. cap and cap_rides are the limits that it decided by.
create table programme_use (
  tenant_id uuid not null,
  programme_id uuid not null,
  employee_id uuid not null,          -- the user: leaving and coming back begins no new month
  month date not null check (extract(day from month) = 1),
  used bigint not null default 0 check (used >= 0),
  rides integer not null default 0 check (rides >= 0),
  cap bigint,
  cap_rides integer,
  primary key (tenant_id, programme_id, employee_id, month),
  constraint programme_capped check (used <= cap and rides <= cap_rides), -- null, no limit, passes
  foreign key (tenant_id, programme_id) references programme (tenant_id, id)
) with (fillfactor = 80);
select isolate('programme_use', 'select, insert, update');

-- A ride that an employer pays for, whole or in part: one row a booking, written in the booking's own transaction. What is
-- billed stays here as it was on the ride's date, whatever becomes of booking, line and employee.
create table programme_ride (
  tenant_id uuid not null,
  service_date date not null,
  booking_id uuid not null,
  programme_id uuid not null,
  organisation_id uuid not null,
  unit_id uuid not null,
  membership_id uuid not null,
  employee_id uuid not null,          -- the user
  month date not null check (month = date_trunc('month', service_date)::date),
  line_id uuid not null,
  line_name text not null,
  from_name text not null,
  to_name text not null,
  pickup_at timestamptz not null,
  fare bigint not null check (fare >= 0),  -- of the employee's own seat
  subsidy bigint not null check (subsidy between 0 and fare), -- what the employer pays of it
  booked bigint not null check (booked between 0 and fare),   -- what it promised when the seat was taken
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  cost_centre text not null,          -- as of the ride's date; empty: the organisation itself
  state text not null check (state in ('reserved', 'used', 'released', 'no_show')),
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  primary key (tenant_id, service_date, booking_id),
  check ((state = 'reserved') = (settled_at is null)),
  check (state <> 'released' or subsidy = 0),
  foreign key (tenant_id, organisation_id, programme_id) references programme (tenant_id, organisation_id, id),
  foreign key (tenant_id, organisation_id, membership_id) references membership (tenant_id, organisation_id, id),
  foreign key (tenant_id, organisation_id, unit_id) references unit (tenant_id, organisation_id, id));
create index programme_ride_month on programme_ride (tenant_id, organisation_id, month, service_date, booking_id);
create index programme_ride_member on programme_ride (tenant_id, membership_id, service_date) where state = 'reserved';
select isolate('programme_ride', 'select, insert, update');

-- A month's budget of which so much is spent: once a threshold. told_at is set by whoever tells people; nobody does yet.
create table programme_alert (
  tenant_id uuid not null,
  programme_id uuid not null,
  month date not null,
  threshold smallint not null check (threshold in (50, 80, 100)),
  spent bigint not null,
  budget bigint not null,
  at timestamptz not null default clock_timestamp(),
  told_at timestamptz,
  primary key (tenant_id, programme_id, month, threshold),
  foreign key (tenant_id, programme_id) references programme (tenant_id, id));
select isolate('programme_alert', 'select, insert, update');
-- +goose StatementEnd

-- +goose Down
select 1;
