-- +goose Up
-- +goose StatementBegin
-- Who writes with the role that serves changes nothing of what a gateway has told, and no name that reads as another one.
set lock_timeout = '3s';

-- What the service writes of an event, column by column; the rest has its defaults. What it was about stays.
revoke insert, update on webhook_event from waymeet_app;
grant insert (tenant_id, id, gateway_account_id, gateway_ref, endpoint, account, kind, object_kind, object_id, happened_at),
  update (state, tries, replays, problem, settled_at) on webhook_event to waymeet_app;

-- An event is tried, over, and perhaps replayed: nothing else becomes of it.
create function event_goes_on() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if old.state = 'waiting' and new.tries = old.tries + 1 and new.replays = old.replays
    or old.state <> 'waiting' and new.state = 'waiting' and new.tries = 0 and new.replays = old.replays + 1 and new.problem is not distinct from old.problem then
    return new;
  end if;
  raise exception 'what became of an event stays' using errcode = '23514', constraint = 'event_goes_on';
end $f$;
-- Whoever owns the tables mends them by hand, and is not stopped.
create trigger goes_on before update on webhook_event for each row when (current_user = 'waymeet_app') execute function event_goes_on();

-- A name holds no control characters and nothing that turns the direction of what stands after it. Edges say so in words (text_unreadable); this
-- is for whoever is none of them. What timetables name may have lines of its own.
create function unreadable() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  raise exception 'a name of % holds characters that nobody sees', tg_table_name using errcode = '23514', constraint = 'name_is_readable';
end $f$;
do $do$
declare
  w record;
  hidden text;
begin
  for w in select split_part(x, '.', 1) as place, split_part(x, '.', 2) as said from unnest(string_to_array('tenant.name app_user.name organisation.name '
    'organisation.legal_name unit.name membership.name programme.name biller.name pass_product.name skill.name queue.name gateway_account.merchant '
    'agency.name stop.name line.short_name line.long_name', ' ')) x
  loop
    hidden := case when w.place in ('agency', 'stop', 'line') then '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202d\u202e]'
      else '[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]' end;
    execute format('create trigger readable_%s_new before insert on %I for each row when (new.%I ~ %L) execute function unreadable()', w.said, w.place, w.said, hidden);
    execute format('create trigger readable_%s before update of %I on %I for each row when (new.%I is distinct from old.%I and new.%I ~ %L) execute function unreadable()',
      w.said, w.said, w.place, w.said, w.said, w.said, hidden);
  end loop;
end $do$;
-- +goose StatementEnd

-- +goose Down
select 1;
