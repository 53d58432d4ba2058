-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- One import of a feed: what came, what was wrong with it.
create table gtfs_import (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null,
  feed_hash bytea not null,
  feed_version text,
  counts jsonb not null default '{}',
  notices jsonb not null default '[]',
  days smallint not null,
  shift_days integer not null default 0,
  capacity smallint not null,
  created_by uuid,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id));
select isolate('gtfs_import', 'select, insert');

-- Up to which date a tenant's trips have been derived from which timetable. What is missing is found
-- across tenants and done in each one's own transactions.
create table trip_horizon (
  tenant_id uuid not null references tenant (id),
  import_id uuid not null,            -- the newest
  days smallint not null,             -- for how many days trips are kept ready
  until date,                         -- the last date that is; null: not yet since that import
  primary key (tenant_id));
select isolate('trip_horizon');
select open_to_system('trip_horizon', 'select');

create table agency (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null,
  external_id text not null,
  name text not null,
  url text,
  time_zone text not null,
  lang text,
  phone text,
  active boolean not null default true,
  primary key (tenant_id, id),
  unique (tenant_id, source, external_id));
select isolate('agency');

create table stop (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null,
  external_id text not null,
  code text,
  name text not null,
  lat double precision not null check (lat between -90 and 90),
  lon double precision not null check (lon between -180 and 180),
  kind smallint not null default 0,   -- GTFS location_type
  parent_id uuid,
  wheelchair smallint not null default 0,
  folded text not null default '',    -- name and code without case and accents, for search
  served boolean not null default true, -- some line stops here
  active boolean not null default true,
  primary key (tenant_id, id),
  unique (tenant_id, source, external_id),
  foreign key (tenant_id, parent_id) references stop (tenant_id, id));
select isolate('stop');

create table line (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null,
  external_id text not null,
  agency_id uuid not null,
  short_name text not null default '',
  long_name text not null default '',
  kind smallint not null,             -- GTFS route_type
  color text check (color ~ '^[0-9a-f]{6}$'),
  text_color text check (text_color ~ '^[0-9a-f]{6}$'),
  time_zone text not null,
  sort_order integer not null default 0,
  active boolean not null default true,
  primary key (tenant_id, id),
  unique (tenant_id, source, external_id),
  foreign key (tenant_id, agency_id) references agency (tenant_id, id));
select isolate('line');

create table shape (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null,
  external_id text not null,
  polyline text not null,             -- encoded polyline, precision 5
  points integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, source, external_id));
select isolate('shape');

-- Ordered stops with times relative to the first departure. All trips that stop alike share
-- one; its external id is a hash of what it holds, so re-import finds it again.
create table pattern (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null,
  external_id text not null,
  line_id uuid not null,
  direction smallint not null default 0,
  headsign text not null default '',
  shape_id uuid,
  stops smallint not null check (stops between 2 and 500),
  primary key (tenant_id, id),
  unique (tenant_id, source, external_id),
  unique (tenant_id, id, line_id),
  foreign key (tenant_id, line_id) references line (tenant_id, id),
  foreign key (tenant_id, shape_id) references shape (tenant_id, id));
create index pattern_line on pattern (tenant_id, line_id);
select isolate('pattern');

create table pattern_stop (
  tenant_id uuid not null,
  pattern_id uuid not null,
  idx smallint not null check (idx >= 0),
  stop_id uuid not null,
  arrive_s integer not null check (arrive_s >= 0),
  depart_s integer not null check (depart_s >= arrive_s),
  pickup smallint not null default 0,  -- GTFS pickup_type
  drop_off smallint not null default 0,
  headsign text,
  primary key (tenant_id, pattern_id, idx),
  foreign key (tenant_id, pattern_id) references pattern (tenant_id, id),
  foreign key (tenant_id, stop_id) references stop (tenant_id, id));
create index pattern_stop_stop on pattern_stop (tenant_id, stop_id, pattern_id, idx);
select isolate('pattern_stop');

create table service_calendar (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null,
  external_id text not null,
  weekdays smallint not null default 0 check (weekdays between 0 and 127), -- bit 0 Monday
  first_date date,
  last_date date,
  primary key (tenant_id, id),
  unique (tenant_id, source, external_id));
select isolate('service_calendar');

create table calendar_date (
  tenant_id uuid not null,
  service_id uuid not null,
  date date not null,
  runs boolean not null,
  primary key (tenant_id, service_id, date),
  foreign key (tenant_id, service_id) references service_calendar (tenant_id, id));
select isolate('calendar_date');

-- What runs on each day of its calendar: a GTFS trip, or one that its frequencies repeat.
create table trip_template (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null,
  external_id text not null,
  pattern_id uuid not null,
  line_id uuid not null,
  service_id uuid not null,
  start_s integer not null,           -- first departure, GTFS seconds
  frequencies jsonb,                  -- [{from_s, until_s, headway_s, exact}]
  short_name text,
  block text,
  capacity smallint not null,
  active boolean not null default true,
  primary key (tenant_id, id),
  unique (tenant_id, source, external_id),
  foreign key (tenant_id, pattern_id, line_id) references pattern (tenant_id, id, line_id),
  foreign key (tenant_id, service_id) references service_calendar (tenant_id, id));
create index trip_template_pattern on trip_template (tenant_id, pattern_id);
select isolate('trip_template');

-- Fares v1: what a ride costs, and where that fare holds.
create table fare (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null,
  external_id text not null,
  amount bigint not null check (amount >= 0), -- minor units
  currency char(3) not null check (currency = upper(currency)),
  transfers smallint,                 -- null: as many as one likes
  agency_id uuid,                     -- null: any
  primary key (tenant_id, id),
  unique (tenant_id, source, external_id),
  foreign key (tenant_id, agency_id) references agency (tenant_id, id));
select isolate('fare');

create table fare_rule (
  tenant_id uuid not null,
  fare_id uuid not null,
  n integer not null,                 -- zone fares have a rule for each pair of zones
  line_id uuid,
  origin_zone text,
  destination_zone text,
  contains_zone text,
  primary key (tenant_id, fare_id, n),
  foreign key (tenant_id, fare_id) references fare (tenant_id, id),
  foreign key (tenant_id, line_id) references line (tenant_id, id));
create index fare_rule_line on fare_rule (tenant_id, line_id);
select isolate('fare_rule');

create table stop_zone (
  tenant_id uuid not null,
  stop_id uuid not null,
  zone text not null,
  primary key (tenant_id, stop_id),
  foreign key (tenant_id, stop_id) references stop (tenant_id, id));
select isolate('stop_zone');

create table vehicle (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  source text not null default 'manual',
  external_id text,
  label text not null,
  capacity smallint not null check (capacity between 0 and 500),
  active boolean not null default true,
  primary key (tenant_id, id),
  unique (tenant_id, label),
  unique (tenant_id, source, external_id));
select isolate('vehicle');
-- +goose StatementEnd

-- +goose Down
select 1;
