-- +goose Up
-- +goose StatementBegin
-- Days on which a queue is not open as usual: holidays, or other hours. They count for whoever asks whether it takes requests.
set lock_timeout = '3s';

create table queue_day (
  tenant_id uuid not null,
  queue_id uuid not null,
  on_date date not null,
  n smallint not null default 1 check (n between 1 and 6),
  from_minute smallint check (from_minute between 0 and 1439), -- without minutes: closed
  until_minute smallint check (until_minute between 1 and 1440),
  primary key (tenant_id, queue_id, on_date, n),
  check ((from_minute is null) = (until_minute is null)),
  check (from_minute < until_minute),
  foreign key (tenant_id, queue_id) references queue (tenant_id, id));
select isolate('queue_day');

-- A day's hours: those of the day where it is one of these, else those of its weekday; and where a queue has none, all of it.
create function queue_stretches(_t uuid, _queue uuid, _date date) returns table (from_minute smallint, until_minute smallint) language sql stable set search_path = pg_catalog, public, pg_temp as $f$
  select d.from_minute, d.until_minute from queue_day d where d.tenant_id = _t and d.queue_id = _queue and d.on_date = _date and d.from_minute is not null
  union all
  select h.from_minute, h.until_minute from queue_hours h where h.tenant_id = _t and h.queue_id = _queue and h.weekday = extract(isodow from _date)
    and not exists (select from queue_day d where d.tenant_id = _t and d.queue_id = _queue and d.on_date = _date)
  union all
  select 0::smallint, 1440::smallint where not exists (select from queue_hours h where h.tenant_id = _t and h.queue_id = _queue)
    and not exists (select from queue_day d where d.tenant_id = _t and d.queue_id = _queue and d.on_date = _date)
$f$;

create or replace function queue_takes_at(_t uuid, _queue uuid, _zone text, _at timestamptz) returns boolean language plpgsql stable set search_path = pg_catalog, public, pg_temp as $f$
declare
  there timestamp := _at at time zone _zone;
begin
  return exists (select from queue_stretches(_t, _queue, there::date) s
    where extract(hour from there) * 60 + extract(minute from there) >= s.from_minute and extract(hour from there) * 60 + extract(minute from there) < s.until_minute);
end $f$;

-- As it was: at once, or when hours begin. Half a year ahead, since holidays may close all of a week.
create or replace function queue_opens(_t uuid, _queue uuid, _zone text, _at timestamptz) returns timestamptz language plpgsql stable set search_path = pg_catalog, public, pg_temp as $f$
begin
  if queue_takes_at(_t, _queue, _zone, _at) then
    return _at;
  end if;
  return (select (d.there + s.from_minute * interval '1 minute') at time zone _zone as opens
    from (select date_trunc('day', _at at time zone _zone) + i * interval '1 day' as there from generate_series(0, 190) i) d
    cross join lateral queue_stretches(_t, _queue, d.there::date) s
    where (d.there + s.from_minute * interval '1 minute') at time zone _zone > _at order by 1 limit 1);
end $f$;
revoke all on function queue_stretches(uuid, uuid, date) from public;
grant execute on function queue_stretches(uuid, uuid, date) to waymeet_app;
-- +goose StatementEnd

-- +goose Down
select 1;
