-- +goose Up
-- +goose StatementBegin
-- Supervisors in a conversation: they listen, whisper to the expert or speak with both, until they leave, lose the right, or it is over. Who takes part is
-- shown to the others by the name that they had when they came in; an expert by the one that the tenant shows.
set lock_timeout = '3s';

insert into job_kind values ('session_arrange', 'makes what carries a conversation''s media follow who takes part');

create function shown_name(_t uuid, _user uuid, _role text) returns text language plpgsql stable set search_path = pg_catalog, public, pg_temp as $f$
begin
  return (select case when _role = 'client' then u.name when _role <> 'expert' or t.settings -> 'session' ->> 'expert_name' = 'none' then '' else u.name end
  from app_user u join tenant t on t.id = u.tenant_id where u.tenant_id = _t and u.id = _user);
end $f$;
revoke all on function shown_name(uuid, uuid, text) from public;
grant execute on function shown_name(uuid, uuid, text) to waymeet_app;

alter table session add column queue_id uuid; -- its request's, when it opened: who runs that queue may supervise it; null: it opened before this
create function session_queue() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  new.queue_id := (select r.queue_id from request r where r.tenant_id = new.tenant_id and r.id = new.request_id);
  return new;
end $f$;
create trigger of_queue before insert on session for each row execute function session_queue();

alter table session_party
  add column name text not null default '',         -- as the others read it
  add column notice boolean not null default true,  -- the others are shown them; false: of an observer alone
  add column seen_at timestamptz,                   -- a supervisor's last heartbeat, by some seconds
  add column ended_at timestamptz;                  -- of a supervisor: they are none any more
alter table session_party drop constraint session_party_role_check; -- which said the same without the last
alter table session_party add constraint session_party_role check (role in ('client', 'expert', 'observer', 'whisperer', 'supervisor')) not valid;
alter table session_party add constraint session_party_seen check (notice or role = 'observer') not valid;
alter table session_party add constraint session_party_ends check (ended_at is null or role in ('observer', 'whisperer', 'supervisor')) not valid;
select open_to_system('session_party', 'select');

create function session_party_named() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  new.name := coalesce(shown_name(new.tenant_id, new.user_id, new.role), '');
  return new;
end $f$;
create trigger named before insert on session_party for each row execute function session_party_named();

-- As it was, and with the name of whoever took it.
create or replace view request_doc with (security_invoker = true) as
select r.tenant_id, r.id, json_build_object('id', r.id, 'queue', r.queue_id, 'client', r.client_id, 'modality', r.modality, 'languages', r.languages, 'ceiling', r.ceiling, 'currency', r.currency,
  'priority', r.priority, 'state', r.state, 'placed_at', r.placed_at, 'matched_at', r.matched_at, 'ended_at', r.ended_at, 'expert', r.expert_id, 'offer', r.offer_id, 'version', r.version,
  'expert_name', case when r.expert_id is not null then shown_name(r.tenant_id, r.expert_id, 'expert') end,
  'about', coalesce((select a.about from request_about a where a.tenant_id = r.tenant_id and a.request_id = r.id), ''),
  'rings', case when r.state = 'waiting' then (select coalesce(json_object_agg(o.id, json_build_object('expert', o.expert_id, 'reach', o.reach, 'made_at', o.made_at, 'deadline', o.deadline)), '{}')
    from offer o where o.tenant_id = r.tenant_id and o.request_id = r.id and o.state = 'open') else '{}' end) as doc
from request r;

-- Whoever writes: who talks stays who they are, and a supervisor never becomes one of the two.
create function session_party_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  raise exception 'session_party_keeps: who takes part keeps their side' using errcode = '23514', constraint = 'session_party_keeps';
end $f$;
create trigger keeps before update on session_party for each row
  when (old.role is distinct from new.role and (old.role in ('client', 'expert') or new.role in ('client', 'expert'))) execute function session_party_keeps();
-- +goose StatementEnd

-- +goose Down
select 1;
