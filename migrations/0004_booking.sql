-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- One run on one service date, and the truth of its seats. The row carries all that the
-- trip's live documents show; every writer bumps version under the row's lock.
-- free[leg] + taken = capacity + overload[leg] on every leg, always.
create table trip (
  tenant_id uuid not null,
  service_date date not null,
  id uuid not null,
  line_id uuid not null,
  pattern_id uuid not null,
  template_id uuid,                   -- null: added by a dispatcher
  start_s integer not null,           -- first departure, GTFS seconds
  departs_at timestamptz not null,
  ends_at timestamptz not null,
  dep text not null,                  -- the departure as people read it on that line: 07:10
  status text not null default 'scheduled'
    check (status in ('scheduled', 'boarding', 'departed', 'completed', 'cancelled')),
  capacity smallint not null check (capacity between 0 and 500),
  free smallint[] not null,
  overload smallint[] not null,
  held smallint not null default 0 check (held >= 0),       -- seats in holds
  booked smallint not null default 0 check (booked >= 0),   -- seats confirmed, boarded included
  boarded smallint not null default 0 check (boarded >= 0), -- seats boarded so far
  delay_s integer not null default 0 check (delay_s between -3600 and 86400),
  vehicle_id uuid,
  vehicle_label text,
  driver_id uuid,
  driver_name text,
  incident text,
  vanished boolean not null default false, -- the feed no longer has it; riders booked it
  version bigint not null default 1,
  primary key (tenant_id, service_date, id),
  foreign key (tenant_id, pattern_id, line_id) references pattern (tenant_id, id, line_id),
  constraint seats_not_oversold check (array_position(free, null) is null and 0 <= all (free) and capacity >= all (free)),
  constraint overload_sane check (cardinality(overload) = cardinality(free) and array_position(overload, null) is null and 0 <= all (overload))
) partition by range (service_date);
create unique index trip_template_start on trip (tenant_id, service_date, template_id, start_s);
create index trip_pattern on trip (tenant_id, service_date, pattern_id, departs_at);
create index trip_line on trip (tenant_id, service_date, line_id, departs_at);
create index trip_driver on trip (tenant_id, driver_id, service_date) where driver_id is not null;
select isolate('trip');
-- A trip's live times move on by the clock; the nodes find those that are due.
select open_to_system('trip', 'select');

-- Seats of legs [from_idx, to_idx) kept for a rider, from hold to ride.
create table booking (
  tenant_id uuid not null,
  service_date date not null,
  id uuid not null,
  trip_id uuid not null,
  rider_id uuid not null,
  from_idx smallint not null check (from_idx >= 0),
  to_idx smallint not null,
  party smallint not null check (party between 1 and 60),
  state text not null
    check (state in ('held', 'confirmed', 'boarded', 'completed', 'no_show', 'cancelled', 'expired')),
  expires_at timestamptz,             -- of a hold
  pay text check (pay in ('cash')),   -- declared; more with the gateway
  fare_amount bigint not null check (fare_amount >= 0), -- minor units, the whole party
  fare_currency char(3) not null check (fare_currency = upper(fare_currency)),
  refund_amount bigint check (refund_amount between 0 and fare_amount),
  cancel_until timestamptz not null,  -- full refund until then; moves with nothing
  short text not null,                -- what people say aloud: six letters, unique per trip
  line_name text not null,            -- as sold, so that a ticket still reads right later
  from_stop uuid not null,
  from_name text not null,
  from_at timestamptz not null,
  from_time text not null,
  to_stop uuid not null,
  to_name text not null,
  to_at timestamptz not null,
  to_time text not null,
  boarded_at timestamptz,
  boarded_by uuid,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, service_date, id),
  check (from_idx < to_idx),
  check ((state = 'held') <= (expires_at is not null)),
  check ((state in ('boarded', 'completed')) <= (boarded_at is not null)),
  foreign key (tenant_id, service_date, trip_id) references trip (tenant_id, service_date, id),
  foreign key (tenant_id, rider_id) references app_user (tenant_id, id)
) partition by range (service_date);
create unique index booking_short on booking (tenant_id, service_date, trip_id, short);
create index booking_rider on booking (tenant_id, rider_id, service_date);
create index booking_due on booking (expires_at) where state = 'held';
create index booking_trip_due on booking (tenant_id, service_date, trip_id, expires_at) where state = 'held';
select isolate('booking', 'select, insert, update');
select open_to_system('booking', 'select');

-- What the planner knows of tables that an import has just filled: without it, and until autovacuum comes by,
-- a booking is looked for among all of its day. Runs as the owner, because only owners may analyze.
create function refresh_statistics(first date, last date) returns void
language plpgsql security definer set search_path = public, pg_temp as $f$
declare
  m date := date_trunc('month', first)::date;
  t text;
begin
  if last < first or last - first > 800 then
    raise exception 'statistics of % to %: not a sensible range', first, last using errcode = '22023';
  end if;
  foreach t in array array['app_user', 'stop', 'stop_zone', 'line', 'pattern', 'pattern_stop', 'trip_template', 'fare', 'fare_rule'] loop
    execute format('analyze %I', t);
  end loop;
  while m <= last loop
    foreach t in array array['trip', 'booking'] loop
      if to_regclass(t || to_char(m, '_YYYYMM')) is not null then
        execute format('analyze %I', t || to_char(m, '_YYYYMM'));
      end if;
    end loop;
    m := (m + interval '1 month')::date;
  end loop;
end $f$;
revoke all on function refresh_statistics(date, date) from public;
grant execute on function refresh_statistics(date, date) to waymeet_app;
-- +goose StatementEnd

-- +goose Down
select 1;
