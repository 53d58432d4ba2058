-- +goose Up
-- +goose StatementBegin
-- Nobody is in two conversations at once: the quarters of an hour that a client's booked times take. What was booked before overlaps as it did, until it is moved.
set lock_timeout = '3s';

create table appointment_quarter (
  tenant_id uuid not null,
  client_id uuid not null,
  at timestamptz not null,
  appointment_id uuid not null,
  constraint appointment_apart primary key (tenant_id, client_id, at),
  foreign key (tenant_id, appointment_id) references appointment (tenant_id, id));
create index appointment_quarter_of on appointment_quarter (tenant_id, appointment_id);
select isolate('appointment_quarter', 'select, insert, delete');

-- Whoever writes an appointment takes its quarters and gives them back, nodes of the version before as well. A callback takes none: it is a place in a line.
create function appointment_takes() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if tg_op = 'UPDATE' then
    if (old.kind, old.due_at, old.minutes, old.state in ('booked', 'funded', 'unfunded')) = (new.kind, new.due_at, new.minutes, new.state in ('booked', 'funded', 'unfunded')) then
      return null;
    end if;
    delete from appointment_quarter q where q.tenant_id = new.tenant_id and q.appointment_id = new.id;
  end if;
  if new.kind = 'appointment' and new.state in ('booked', 'funded', 'unfunded') then
    insert into appointment_quarter (tenant_id, client_id, at, appointment_id)
    select new.tenant_id, new.client_id, at, new.id from generate_series(new.due_at, new.due_at + (new.minutes - 1) * interval '1 minute', interval '15 minutes') at order by at;
  end if;
  return null;
end $f$;
revoke all on function appointment_takes() from public;
grant execute on function appointment_takes() to waymeet_app;
create trigger takes after insert or update on appointment for each row execute function appointment_takes();
-- +goose StatementEnd

-- +goose Down
select 1;
