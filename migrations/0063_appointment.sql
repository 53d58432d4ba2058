-- +goose Up
-- +goose StatementBegin
-- A time that a client has booked in a queue: of their choice, or when it opens. At that time money is set aside and a request with its id enters the queue.
set lock_timeout = '3s';

alter table queue
  add column appointment_days smallint not null default 14 check (appointment_days between 0 and 90),    -- how far ahead; 0: none are taken
  add column appointment_each smallint not null default 4 check (appointment_each between 1 and 1000);   -- at one quarter of an hour

create table appointment (
  tenant_id uuid not null,
  id uuid not null,                   -- its request has the same
  queue_id uuid not null,
  client_id uuid not null,
  kind text not null check (kind in ('appointment', 'callback')), -- callback: when the queue opens
  modality text not null check (modality in ('audio', 'video', 'chat')),
  languages text[] not null default '{}' check (cardinality(languages) <= 8),
  needs jsonb not null check (jsonb_typeof(needs) = 'array'), -- as requests.place takes them
  about text not null default '' check (length(about) <= 2000),
  ceiling bigint not null check (ceiling > 0), -- of a minute's price
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  minutes smallint not null check (minutes between 1 and 240), -- for which money is set aside then
  method_id uuid,                     -- of a card that they keep; null: of their wallet
  due_at timestamptz not null,
  n integer not null default 1,       -- grows when it is moved: money is set aside for one time
  time_zone text not null check (length(time_zone) between 1 and 60), -- the client's
  state text not null default 'booked' check (state in ('booked', 'funded', 'unfunded', 'entered', 'cancelled', 'lapsed')),
  funds_id uuid check ((funds_id is not null) = (state in ('funded', 'entered'))),
  refused text not null default '',   -- why nothing was set aside, or it came to nothing: a code
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz check ((ended_at is not null) = (state in ('entered', 'cancelled', 'lapsed'))),
  primary key (tenant_id, id),
  foreign key (tenant_id, queue_id) references queue (tenant_id, id),
  foreign key (tenant_id, client_id) references app_user (tenant_id, id)
) with (fillfactor = 70);
create index appointment_at on appointment (tenant_id, queue_id, due_at) where state in ('booked', 'funded', 'unfunded');
create index appointment_of on appointment (tenant_id, client_id, due_at) where state in ('booked', 'funded', 'unfunded');
create index appointment_due on appointment (due_at) where state in ('booked', 'funded', 'unfunded'); -- the sweep takes all tenants' at once
select isolate('appointment', 'select, insert, update');
select open_to_system('appointment', 'select');
grant insert (placed_at, callback_at) on request to waymeet_app; -- of an appointment: its time

insert into job_kind values ('appointment_fund', 'sets money aside for an appointment whose time comes');

-- Whether a queue takes requests at an instant, by its hours.
create function queue_takes_at(_t uuid, _queue uuid, _zone text, _at timestamptz) returns boolean language plpgsql stable set search_path = pg_catalog, public, pg_temp as $f$
declare
  there timestamp := _at at time zone _zone;
begin
  return not exists (select from queue_hours h where h.tenant_id = _t and h.queue_id = _queue)
    or exists (select from queue_hours h where h.tenant_id = _t and h.queue_id = _queue and h.weekday = extract(isodow from there)
      and extract(hour from there) * 60 + extract(minute from there) >= h.from_minute and extract(hour from there) * 60 + extract(minute from there) < h.until_minute);
end $f$;

-- When it takes them next: at once, or when its hours begin. A beginning that clocks leave out that night is as much later.
create function queue_opens(_t uuid, _queue uuid, _zone text, _at timestamptz) returns timestamptz language plpgsql stable set search_path = pg_catalog, public, pg_temp as $f$
begin
  if queue_takes_at(_t, _queue, _zone, _at) then
    return _at;
  end if;
  return (select min(x.opens) from (
      select (d.there + h.from_minute * interval '1 minute') at time zone _zone as opens
      from (select date_trunc('day', _at at time zone _zone) + i * interval '1 day' as there from generate_series(0, 8) i) d
      join queue_hours h on h.tenant_id = _t and h.queue_id = _queue and h.weekday = extract(isodow from d.there)) x
    where x.opens > _at);
end $f$;
revoke all on function queue_takes_at(uuid, uuid, text, timestamptz), queue_opens(uuid, uuid, text, timestamptz) from public;
grant execute on function queue_takes_at(uuid, uuid, text, timestamptz), queue_opens(uuid, uuid, text, timestamptz) to waymeet_app;
-- +goose StatementEnd

-- +goose Down
select 1;
