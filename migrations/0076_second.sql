-- +goose Up
-- +goose StatementBegin
-- A second expert beside the first (docs/adr/0053): who was asked for last stands in the conversation's row with the meter of their minutes, and their part is one of the conversation's. What they earned
-- is a row of its own once they are done: the operator pays it, the client's bill does not know them.
set lock_timeout = '3s';

insert into job_kind values ('session_second', 'has a second expert rung for, or lets them go and pays them');

alter table session add column second jsonb; -- who was asked for last, as session/second.go has it; null: nobody
alter table session add constraint session_second check (second is null or second ->> 'state' in ('asked', 'taken', 'here', 'done', 'off')) not valid;

alter table session_party drop constraint session_party_role; -- which said the same without the last
alter table session_party add constraint session_party_role check (role in ('client', 'expert', 'observer', 'whisperer', 'supervisor', 'second')) not valid;
alter table session_party drop constraint session_party_ends; -- the same
alter table session_party add constraint session_party_ends check (ended_at is null or role in ('observer', 'whisperer', 'supervisor', 'second')) not valid;

-- As it was, and a second expert is shown as the first is.
create or replace function shown_name(_t uuid, _user uuid, _role text) returns text language plpgsql stable set search_path = pg_catalog, public, pg_temp as $f$
begin
  return (select case when _role = 'client' then u.name when _role not in ('expert', 'second') or t.settings -> 'session' ->> 'expert_name' = 'none' then '' else u.name end
  from app_user u join tenant t on t.id = u.tenant_id where u.tenant_id = _t and u.id = _user);
end $f$;

-- What a second expert's minutes came to: once for each offer that they accepted.
create table session_second (
  tenant_id uuid not null,
  offer_id uuid not null,
  session_id uuid not null,
  expert_id uuid not null,
  price bigint not null check (price > 0), -- of a minute: theirs, and never above the client's
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  seconds bigint not null check (seconds > 0), -- that they and the client both vouched for, while the conversation was billed
  cost bigint not null check (cost >= 0),      -- what they come to
  fee bigint not null check (fee between 0 and cost), -- of which the operator keeps
  ended_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, offer_id),
  foreign key (tenant_id, offer_id) references offer (tenant_id, id),
  foreign key (tenant_id, session_id) references session (tenant_id, id),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id));
create index session_second_of on session_second (tenant_id, session_id);
create index session_second_expert on session_second (tenant_id, expert_id, ended_at desc);
select isolate('session_second', 'select, insert');

-- At COMMIT, when the conversation is as the same transaction leaves it: nobody beside it has more seconds than it.
create function session_second_counts() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if (select sum(x.seconds) from session_second x where x.tenant_id = new.tenant_id and x.session_id = new.session_id)
    > (select s.billed_s from session s where s.tenant_id = new.tenant_id and s.id = new.session_id) then
    raise exception 'session_second_counts: a second expert has seconds that the conversation has not' using errcode = '23514', constraint = 'session_second_counts';
  end if;
  return null;
end $f$;
create constraint trigger counts after insert on session_second deferrable initially deferred for each row execute function session_second_counts();

-- As it was, and nobody is rung for as a second who was not asked for.
create or replace function request_follows() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform from session s where s.tenant_id = new.tenant_id and s.id = new.follows and s.client_id = new.client_id and s.currency = new.currency and s.price >= new.ceiling
    and (case when new.funding = 'second/' || new.id then s.second else s.transfer end) @> jsonb_build_object('id', new.id, 'state', 'asked');
  if not found then
    raise exception 'request_follows: nobody asked for this handover' using errcode = '23514', constraint = 'request_follows';
  end if;
  return new;
end $f$;

-- What an expert's conversations that are over brought them: as the one whose they were, once it is settled, and beside another.
create view expert_earned with (security_invoker = true) as
select s.tenant_id, s.id, s.expert_id, false as beside, s.state, s.modality, s.created_at, s.ended_at, coalesce(s.charged_s, 0)::bigint as charged_s, coalesce(s.cost, 0)::bigint as cost, s.currency, p.part
from session s left join lateral (select sum(m.capture - m.fee)::bigint as part from metered_part m where m.tenant_id = s.tenant_id and m.session_id = s.funds_id) p on true
where s.ended_at is not null
union all
select x.tenant_id, x.offer_id, x.expert_id, true, s.state, s.modality, s.created_at, x.ended_at, x.seconds, x.cost, x.currency, x.cost - x.fee
from session_second x join session s on s.tenant_id = x.tenant_id and s.id = x.session_id;
grant select on expert_earned to waymeet_app;
-- +goose StatementEnd

-- +goose Down
select 1;
