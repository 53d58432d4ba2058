-- +goose Up
-- +goose StatementBegin
-- What two people are to each other after they have talked: a favourite, somebody not to be met again, somebody who is reported.
set lock_timeout = '3s';

-- Whom a client would talk to again: they count like somebody whom they have just talked to.
create table favourite_expert (
  tenant_id uuid not null,
  client_id uuid not null,
  expert_id uuid not null check (expert_id <> client_id),
  at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, client_id, expert_id),
  foreign key (tenant_id, client_id) references app_user (tenant_id, id),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id));
select isolate('favourite_expert', 'select, insert, delete');

-- What somebody says of another with whom they talked. The conversation is the evidence: what was written in it does not change.
create table person_report (
  tenant_id uuid not null,
  id uuid not null,
  session_id uuid not null,
  by_user uuid not null,
  about_user uuid not null check (about_user <> by_user),
  reason text not null check (reason in ('abuse', 'fraud', 'unqualified', 'other')),
  words text not null check (length(words) <= 2000),
  at timestamptz not null default clock_timestamp(),
  outcome text check (outcome in ('dismissed', 'warned', 'suspended')),
  note text not null default '' check (length(note) <= 2000),
  decided_by uuid check (decided_by not in (by_user, about_user)),
  decided_at timestamptz check ((decided_at is null) = (outcome is null)),
  check ((decided_by is null) = (outcome is null)),
  primary key (tenant_id, id),
  unique (tenant_id, session_id, by_user),
  foreign key (tenant_id, session_id) references session (tenant_id, id),
  foreign key (tenant_id, by_user) references app_user (tenant_id, id),
  foreign key (tenant_id, about_user) references app_user (tenant_id, id));
create index person_report_open on person_report (tenant_id, id) where outcome is null;
select isolate('person_report', 'select, insert');
grant update (outcome, note, decided_by, decided_at) on person_report to waymeet_app;

-- Two do not meet again. In the order in which offers are made and decided (requests, then experts), so that whoever is just ringing the one for the other is waited
-- for, or waits and is refused: what this answers is all that rings between them, and there will be no more.
create function block_person(_t uuid, _by uuid, _other uuid) returns uuid[]
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  ringing uuid[];
begin
  perform from request r where r.tenant_id = _t and r.client_id in (_by, _other) and r.state = 'waiting' order by r.id for no key update;
  perform from expert e where e.tenant_id = _t and e.id in (_by, _other) order by e.id for no key update;
  insert into person_block (tenant_id, user_id, other_id) values (_t, _by, _other) on conflict do nothing;
  delete from favourite_expert f where f.tenant_id = _t and ((f.client_id = _by and f.expert_id = _other) or (f.client_id = _other and f.expert_id = _by));
  select array_agg(o.id order by o.request_id) into ringing from offer o join request r on r.tenant_id = o.tenant_id and r.id = o.request_id
  where o.tenant_id = _t and o.state = 'open' and ((r.client_id = _by and o.expert_id = _other) or (r.client_id = _other and o.expert_id = _by));
  return coalesce(ringing, '{}');
end $f$;
revoke all on function block_person(uuid, uuid, uuid) from public;
grant execute on function block_person(uuid, uuid, uuid) to waymeet_app;
-- +goose StatementEnd

-- +goose Down
select 1;
