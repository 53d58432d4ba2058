-- +goose Up
-- +goose StatementBegin
-- Matching: who can be asked, who waits, who is rung (docs/matching.md has who owns which truth, docs/adr/0033 why).
-- Offers are written by two functions alone, as the owner, who obeys row level security too: make_offers and decide_offer.
-- Both lock in one order, the request and then experts by id, and ask the clock when they have their locks.
set lock_timeout = '3s';

-- What experts can do and requests ask for.
create table skill (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  n integer not null check (n between 0 and 65535), -- how the solver calls it: small, never used again
  name text not null check (length(name) between 1 and 80),
  licensed boolean not null default false, -- only who holds a document that has not expired is asked for it
  active boolean not null default true,
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, n),
  unique (tenant_id, name));
select isolate('skill', 'select, insert, update');

-- Somebody who gives advice. The id is the user's own; what a gateway keeps for them is connected_account's, by the same id.
create table expert (
  tenant_id uuid not null,
  id uuid not null,
  state text not null default 'applied' check (state in ('applied', 'approved', 'refused')),
  intent text not null default 'off' check (intent in ('available', 'break', 'off')),
  asked_at timestamptz,               -- "are you there?": they let a ring pass, and are not rung again until they say so
  price bigint not null check (price > 0), -- of a minute
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  slots smallint not null default 1 check (slots between 1 and 20), -- conversations at once
  modalities text[] not null default '{audio,video,chat}'
    check (modalities <@ array['audio', 'video', 'chat'] and cardinality(modalities) > 0),
  rating smallint not null default 0 check (rating between 0 and 500), -- hundredths of a star
  rated integer not null default 0 check (rated >= 0),
  time_zone text not null,            -- of their schedule
  suspended_at timestamptz,
  suspended_by uuid check ((suspended_by is null) = (suspended_at is null)),
  idle_since timestamptz not null default clock_timestamp(), -- when a slot last came back
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  foreign key (tenant_id, id) references app_user (tenant_id, id)
) with (fillfactor = 70);
select isolate('expert', 'select, insert, update');

create table expert_skill (
  tenant_id uuid not null,
  expert_id uuid not null,
  skill_id uuid not null,
  level smallint not null check (level between 1 and 5),
  primary key (tenant_id, expert_id, skill_id),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id),
  foreign key (tenant_id, skill_id) references skill (tenant_id, id));
create index expert_skill_who on expert_skill (tenant_id, skill_id, level);
select isolate('expert_skill');

create table expert_language (
  tenant_id uuid not null,
  expert_id uuid not null,
  language text not null check (language ~ '^[a-z]{2,3}$'),
  primary key (tenant_id, expert_id, language),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id));
select isolate('expert_language');

-- What proves that an expert may practise a licensed skill. When it expires, they are not asked for that skill any more.
create table expert_document (
  tenant_id uuid not null,
  id uuid not null,
  expert_id uuid not null,
  skill_id uuid not null,
  number text not null check (length(number) between 1 and 80),
  file text not null default '' check (length(file) <= 200), -- where it is kept
  state text not null default 'submitted' check (state in ('submitted', 'accepted', 'refused')),
  expires_at timestamptz not null,
  decided_by uuid check (decided_by <> expert_id),
  decided_at timestamptz check ((decided_at is null) = (state = 'submitted')),
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  check ((decided_by is null) = (decided_at is null)),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id),
  foreign key (tenant_id, skill_id) references skill (tenant_id, id));
create index expert_document_valid on expert_document (tenant_id, expert_id, skill_id, expires_at) where state = 'accepted';
select isolate('expert_document', 'select, insert, update');

-- When an expert usually works, in their own zone: what appointments and forecasts go by. Who is rung goes by intent.
create table expert_hours (
  tenant_id uuid not null,
  expert_id uuid not null,
  weekday smallint not null check (weekday between 1 and 7), -- 1 is Monday
  from_minute smallint not null check (from_minute between 0 and 1439),
  until_minute smallint not null check (until_minute between 1 and 2880), -- beyond 1440: the next morning
  primary key (tenant_id, expert_id, weekday, from_minute),
  check (from_minute < until_minute),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id));
select isolate('expert_hours');

-- A day that is not as usual. Without minutes: away.
create table expert_day (
  tenant_id uuid not null,
  expert_id uuid not null,
  on_date date not null,
  n smallint not null default 1 check (n between 1 and 6),
  from_minute smallint check (from_minute between 0 and 1439),
  until_minute smallint check (until_minute between 1 and 2880),
  primary key (tenant_id, expert_id, on_date, n),
  check ((from_minute is null) = (until_minute is null)),
  check (from_minute < until_minute),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id));
select isolate('expert_day');

-- Whether an expert can be reached: a lease, never a flag. A new connection raises the epoch, and the one before it cannot
-- speak any more. What it comes to at an instant is reach_of.
create table expert_presence (
  tenant_id uuid not null,
  expert_id uuid not null,
  epoch bigint not null default 1,
  node uuid not null,                 -- where the socket is
  until timestamptz not null,         -- the lease: beats move it on
  closed_at timestamptz,              -- the socket closed: suspect until the lease runs out
  push_until timestamptz,             -- may be rung by push until then
  beat_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, expert_id),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id)
) with (fillfactor = 50);
select isolate('expert_presence', 'select, insert, update');
select open_to_system('expert_presence', 'select');

create function reach_of(until timestamptz, closed_at timestamptz, push_until timestamptz, at timestamptz) returns text
language sql immutable as $f$
  select case when until > at and closed_at is null then 'connected' when push_until > at then 'push' when until > at then 'suspect' else 'gone' end
$f$;

-- Who does not want to meet whom. It counts both ways.
create table person_block (
  tenant_id uuid not null,
  user_id uuid not null,
  other_id uuid not null check (other_id <> user_id),
  at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, user_id, other_id),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id),
  foreign key (tenant_id, other_id) references app_user (tenant_id, id));
select isolate('person_block', 'select, insert, delete');

-- Where requests of a kind wait, and by which rules.
create table queue (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  name text not null check (length(name) between 1 and 80),
  modalities text[] not null default '{audio,video,chat}'
    check (modalities <@ array['audio', 'video', 'chat'] and cardinality(modalities) > 0),
  sla_s integer not null default 60 check (sla_s between 1 and 86400), -- by when somebody should be served
  ring_s integer not null default 15 check (ring_s between 1 and 300), -- how long an expert has to answer
  push_ring_s integer not null default 40 check (push_ring_s between 1 and 600), -- and one who must be woken first
  fan_out smallint not null default 1 check (fan_out between 1 and 10), -- rung at once, the first to answer has it
  rings jsonb not null default '[{"after_s": 0, "lower": 0, "drop": 0}, {"after_s": 10, "lower": 1, "drop": 0}, {"after_s": 25, "lower": 2, "drop": 1}, {"after_s": 45, "lower": 4, "drop": 2}]'
    check (jsonb_typeof(rings) = 'array' and jsonb_array_length(rings) between 1 and 10), -- how requirements are relaxed
  weights jsonb not null default '{}' check (jsonb_typeof(weights) = 'object'), -- of a score's parts
  overflow_id uuid check (overflow_id <> id), -- where requests go after the last ring
  callback boolean not null default true, -- afterwards they may be called back
  open boolean not null default true,
  most smallint not null default 500 check (most between 1 and 10000), -- waiting at once
  time_zone text not null,            -- of its hours
  version bigint not null default 1,  -- of these rules; what waits has versions of its own
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, overflow_id) references queue (tenant_id, id));
select isolate('queue', 'select, insert, update');
select open_to_system('queue', 'select');

-- What every request in a queue asks for, whatever else it says.
create table queue_skill (
  tenant_id uuid not null,
  queue_id uuid not null,
  skill_id uuid not null,
  level smallint not null check (level between 1 and 5),
  primary key (tenant_id, queue_id, skill_id),
  foreign key (tenant_id, queue_id) references queue (tenant_id, id),
  foreign key (tenant_id, skill_id) references skill (tenant_id, id));
select isolate('queue_skill');

-- When a queue takes requests, in its zone. None: always.
create table queue_hours (
  tenant_id uuid not null,
  queue_id uuid not null,
  weekday smallint not null check (weekday between 1 and 7),
  from_minute smallint not null check (from_minute between 0 and 1439),
  until_minute smallint not null check (until_minute between 1 and 1440),
  primary key (tenant_id, queue_id, weekday, from_minute),
  check (from_minute < until_minute),
  foreign key (tenant_id, queue_id) references queue (tenant_id, id));
select isolate('queue_hours');

-- Which node makes the offers of a queue, by lease. The epoch grows with every change of owner and is asked for by every
-- write; it is part of a key, so that the share that make_offers takes stands in the way of a new owner and not of a renewal.
create table queue_owner (
  tenant_id uuid not null,
  queue_id uuid not null,
  epoch bigint not null default 1,
  node uuid not null,
  expires_at timestamptz not null,
  primary key (tenant_id, queue_id),
  constraint queue_owner_epoch unique (tenant_id, queue_id, epoch),
  foreign key (tenant_id, queue_id) references queue (tenant_id, id)
) with (fillfactor = 50);
select isolate('queue_owner', 'select, insert, update');
select open_to_system('queue_owner', 'select');

-- Somebody waits. Its place is (priority, placed_at, id), kept through every offer that comes to nothing.
create table request (
  tenant_id uuid not null,
  id uuid not null,
  queue_id uuid not null,
  client_id uuid not null,
  organisation_id uuid,               -- whose bill it goes on
  modality text not null check (modality in ('audio', 'video', 'chat')),
  languages text[] not null default '{}' check (cardinality(languages) <= 8), -- any of them will do; none: any language
  ceiling bigint not null check (ceiling > 0), -- of a minute's price
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  priority smallint not null default 0 check (priority between 0 and 9),
  funding text not null check (length(funding) between 1 and 200), -- what was set aside for it: no hold, no queue
  state text not null default 'waiting' check (state in ('waiting', 'matched', 'cancelled')),
  placed_at timestamptz not null default clock_timestamp(), -- never changes
  expert_id uuid,
  offer_id uuid check ((offer_id is null) = (expert_id is null)),
  matched_at timestamptz check ((matched_at is null) = (offer_id is null)),
  ended_at timestamptz check ((ended_at is not null) = (state = 'cancelled')),
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  check ((state = 'matched') = (offer_id is not null)),
  foreign key (tenant_id, queue_id) references queue (tenant_id, id),
  foreign key (tenant_id, client_id) references app_user (tenant_id, id),
  foreign key (tenant_id, organisation_id) references organisation (tenant_id, id)
) with (fillfactor = 70);
create index request_waiting on request (tenant_id, queue_id, priority desc, placed_at, id) where state = 'waiting';
create index request_client on request (tenant_id, client_id, created_at desc);
select isolate('request', 'select');
grant insert (tenant_id, id, queue_id, client_id, organisation_id, modality, languages, ceiling, currency, priority, funding) on request to waymeet_app;
select open_to_system('request', 'select');

create function request_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  raise exception 'a request keeps its place and what it asked for, and what was cancelled stays so' using errcode = '23514';
end $f$;
create trigger keeps before update on request for each row
  when ((old.state = 'cancelled' and new.state <> 'cancelled') or (old.tenant_id, old.id, old.client_id, old.placed_at, old.ceiling, old.currency, old.funding)
    is distinct from (new.tenant_id, new.id, new.client_id, new.placed_at, new.ceiling, new.currency, new.funding))
  execute function request_keeps();

create table request_skill (
  tenant_id uuid not null,
  request_id uuid not null,
  n smallint not null check (n between 1 and 8), -- the most important first: rings let go of the last
  skill_id uuid not null,
  level smallint not null check (level between 1 and 5),
  primary key (tenant_id, request_id, n),
  unique (tenant_id, request_id, skill_id),
  foreign key (tenant_id, request_id) references request (tenant_id, id),
  foreign key (tenant_id, skill_id) references skill (tenant_id, id));
select isolate('request_skill', 'select, insert');

-- One expert is rung for one request. While it is open or accepted it has the expert's slot.
create table offer (
  tenant_id uuid not null,
  id uuid not null,
  request_id uuid not null,
  queue_id uuid not null,
  expert_id uuid not null,
  slot smallint not null,
  epoch bigint not null,              -- of the owner that made it
  ring smallint not null check (ring >= 0), -- how far the request's requirements were relaxed
  score jsonb not null check (jsonb_typeof(score) = 'object'), -- why this expert
  reach text not null check (reach in ('connected', 'push')),
  state text not null default 'open'
    check (state in ('open', 'accepted', 'done', 'declined', 'missed', 'cancelled', 'rescinded', 'dropped', 'lost')),
  deadline timestamptz not null,
  accepted boolean not null default false, -- once: a repeat is told so, whatever came after
  made_at timestamptz not null default clock_timestamp(),
  answered_at timestamptz check ((answered_at is null) = (state = 'open')),
  ended_at timestamptz,               -- of an accepted one: the slot came back
  version bigint not null default 1,
  primary key (tenant_id, id),
  check ((state in ('accepted', 'done')) <= accepted),
  check ((ended_at is not null) = (accepted and state <> 'accepted')),
  foreign key (tenant_id, request_id) references request (tenant_id, id),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id)
) with (fillfactor = 70);
-- An expert's slot is taken once, a request is taken once, and nobody is rung twice for the same.
create unique index offer_slot on offer (tenant_id, expert_id, slot) where state in ('open', 'accepted');
create unique index offer_taken on offer (tenant_id, request_id) where state in ('accepted', 'done');
create unique index offer_rings_once on offer (tenant_id, request_id, expert_id) where state = 'open';
create index offer_of on offer (tenant_id, request_id, made_at);
create index offer_due on offer (deadline) where state = 'open'; -- the sweep takes all tenants' at once
select isolate('offer', 'select');
select open_to_system('offer', 'select');

-- Rings of this request that were let pass: their experts are asked whether they are there. Call it behind the locks.
create function settle_missed(_t uuid, _request uuid, _at timestamptz) returns uuid[]
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  who uuid[];
begin
  with missed as (
    update offer o set state = 'missed', answered_at = _at, version = o.version + 1
    where o.tenant_id = _t and o.request_id = _request and o.state = 'open' and o.deadline <= _at returning o.expert_id)
  select array_agg(m.expert_id) into who from missed m;
  update expert e set asked_at = _at, version = e.version + 1 where e.tenant_id = _t and e.id = any (who);
  return coalesce(who, '{}');
end $f$;
revoke all on function settle_missed(uuid, uuid, timestamptz) from public;

-- Rings experts for a request, if whoever asks for it still owns the queue. What cannot be is said for each expert; an
-- offer that was made under this id before is answered again.
create function make_offers(_t uuid, _queue uuid, _epoch bigint, _request uuid, _ring smallint, _ids uuid[], _experts uuid[], _scores jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $f$
declare
  r request; q queue; e expert; o offer;
  at timestamptz;
  reach text; refusal text;
  free smallint; out_now integer; made integer := 0;
  answers jsonb := '[]';
begin
  if cardinality(_ids) is distinct from cardinality(_experts) or jsonb_array_length(_scores) is distinct from cardinality(_ids) or cardinality(_ids) not between 1 and 10 then
    raise exception 'matching: % offers to % experts', cardinality(_ids), cardinality(_experts) using errcode = '22023';
  end if;
  -- No other owner comes before this transaction ends.
  perform from queue_owner w where w.tenant_id = _t and w.queue_id = _queue and w.epoch = _epoch and w.expires_at > clock_timestamp() for key share;
  if not found then
    return jsonb_build_object('outcome', 'owner_lost');
  end if;
  select * into r from request x where x.tenant_id = _t and x.id = _request for no key update;
  if not found then
    return jsonb_build_object('outcome', 'request_not_found');
  end if;
  perform from expert x where x.tenant_id = _t and x.id in (
    select unnest(_experts) union all select y.expert_id from offer y where y.tenant_id = _t and y.request_id = _request and y.state = 'open')
  order by x.id for no key update;
  at := clock_timestamp();
  perform settle_missed(_t, _request, at);
  select * into q from queue x where x.tenant_id = _t and x.id = r.queue_id;
  for i in 1 .. cardinality(_ids) loop
    select * into o from offer x where x.tenant_id = _t and x.id = _ids[i];
    if found then
      refusal := case when o.request_id <> _request or o.expert_id <> _experts[i] then 'offer_not_found' end;
      answers := answers || jsonb_build_object('offer', o.id, 'expert', o.expert_id, 'refused', refusal, 'deadline', o.deadline, 'repeated', true);
      continue;
    end if;
    select * into e from expert x where x.tenant_id = _t and x.id = _experts[i];
    select reach_of(p.until, p.closed_at, p.push_until, at) into reach from expert_presence p where p.tenant_id = _t and p.expert_id = _experts[i];
    select count(*) into out_now from offer x where x.tenant_id = _t and x.request_id = _request and x.state = 'open';
    select min(s) into free from generate_series(1, e.slots) s
    where not exists (select from offer x where x.tenant_id = _t and x.expert_id = e.id and x.slot = s and x.state in ('open', 'accepted'));
    refusal := case
      when r.state <> 'waiting' then 'request_over'
      when r.queue_id <> _queue then 'request_moved'
      when e.id is null or e.state <> 'approved' then 'expert_not_found'
      when e.suspended_at is not null then 'expert_suspended'
      when e.intent <> 'available' or e.asked_at is not null then 'expert_unavailable'
      when reach is null or reach not in ('connected', 'push') then 'expert_unreachable'
      when not r.modality = any (e.modalities) then 'expert_unfit'
      when e.currency <> r.currency or e.price > r.ceiling then 'expert_too_dear'
      when e.id = r.client_id or exists (select from person_block b where b.tenant_id = _t
        and ((b.user_id = e.id and b.other_id = r.client_id) or (b.user_id = r.client_id and b.other_id = e.id))) then 'expert_blocked'
      when exists (select from request_skill n join skill k on k.tenant_id = n.tenant_id and k.id = n.skill_id
        where n.tenant_id = _t and n.request_id = _request and k.licensed and not exists (select from expert_document d
          where d.tenant_id = _t and d.expert_id = e.id and d.skill_id = k.id and d.state = 'accepted' and d.expires_at > at)) then 'expert_unlicensed'
      when exists (select from offer x where x.tenant_id = _t and x.request_id = _request and x.expert_id = e.id and x.state = 'open') then 'expert_rung'
      when out_now >= q.fan_out then 'request_rung'
      when free is null or e.slots <= (select count(*) from offer x where x.tenant_id = _t and x.expert_id = e.id and x.state in ('open', 'accepted')) then 'expert_busy'
      end;
    if refusal is null then
      insert into offer (tenant_id, id, request_id, queue_id, expert_id, slot, epoch, ring, score, reach, deadline, made_at)
      values (_t, _ids[i], _request, _queue, e.id, free, _epoch, _ring, _scores -> (i - 1), reach,
        at + case reach when 'push' then q.push_ring_s else q.ring_s end * interval '1 second', at)
      returning * into o;
      update expert x set version = x.version + 1 where x.tenant_id = _t and x.id = e.id;
      made := made + 1;
    end if;
    answers := answers || jsonb_build_object('offer', _ids[i], 'expert', _experts[i], 'refused', refusal, 'deadline', case when refusal is null then o.deadline end, 'repeated', false);
  end loop;
  if made > 0 then
    update request x set version = x.version + 1 where x.tenant_id = _t and x.id = _request;
  end if;
  return jsonb_build_object('outcome', 'decided', 'at', at, 'offers', answers);
end $f$;
revoke all on function make_offers(uuid, uuid, bigint, uuid, smallint, uuid[], uuid[], jsonb) from public;
grant execute on function make_offers(uuid, uuid, bigint, uuid, smallint, uuid[], uuid[], jsonb) to waymeet_app;

-- All that can become of an offer is decided here:
--   accept, decline   by its expert (_by)
--   timeout           its deadline is over, by this clock
--   rescind           taken back by who made it
--   drop              its expert is gone, or off
--   done, requeue     of an accepted one: the slot comes back; with requeue the request waits again, in its place
--   cancel            of a request (_offer is null), by its client: _by, or nobody to do it for them
-- A verb that was decided before is answered as it was then; one that comes too late is refused, and says what had become of it.
create function decide_offer(_t uuid, _verb text, _request uuid, _offer uuid, _by uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $f$
declare
  r request; o offer; e expert;
  at timestamptz;
  to_state text;
  code text;            -- why not
  again boolean := false;
  freed uuid[] := '{}'; -- whose slots came back
  more uuid[];
begin
  if _verb not in ('accept', 'decline', 'timeout', 'rescind', 'drop', 'done', 'requeue', 'cancel') or (_verb = 'cancel') <> (_offer is null) then
    raise exception 'matching: no verb %', _verb using errcode = '22023';
  end if;
  if _offer is not null then
    select x.request_id into _request from offer x where x.tenant_id = _t and x.id = _offer and (_by is null or x.expert_id = _by);
    if not found then
      return jsonb_build_object('refused', 'offer_not_found');
    end if;
  end if;
  select * into r from request x where x.tenant_id = _t and x.id = _request for no key update;
  if not found or (_verb = 'cancel' and r.client_id is distinct from coalesce(_by, r.client_id)) then
    return jsonb_build_object('refused', 'request_not_found');
  end if;
  perform from expert x where x.tenant_id = _t and x.id in (
    select y.expert_id from offer y where y.tenant_id = _t and y.request_id = _request and (y.state = 'open' or y.id = _offer))
  order by x.id for no key update;
  at := clock_timestamp();
  freed := settle_missed(_t, _request, at);
  select * into o from offer x where x.tenant_id = _t and x.id = _offer;
  select * into e from expert x where x.tenant_id = _t and x.id = o.expert_id;

  to_state := case _verb when 'accept' then 'accepted' when 'decline' then 'declined' when 'timeout' then 'missed' when 'rescind' then 'rescinded'
    when 'drop' then 'dropped' when 'done' then 'done' when 'requeue' then 'dropped' when 'cancel' then 'cancelled' end;
  again := case _verb when 'cancel' then r.state = 'cancelled' when 'accept' then o.accepted
    when 'requeue' then o.accepted and o.state = 'dropped' when 'drop' then not o.accepted and o.state = 'dropped' else o.state = to_state end;
  code := case
    when again then null
    when _verb = 'cancel' then case when r.state = 'matched' then 'request_matched' end
    when _verb in ('done', 'requeue') then case when o.state <> 'accepted' then 'offer_not_accepted' end
    when o.state = 'missed' then 'offer_expired'
    when o.state in ('lost', 'done', 'accepted') then 'offer_taken'
    when o.state = 'declined' then 'offer_declined'
    when o.state <> 'open' then 'offer_withdrawn'
    when _verb = 'timeout' then 'offer_not_due'
    when _verb = 'accept' and e.suspended_at is not null then 'expert_suspended'
    when _verb = 'drop' and e.intent <> 'off' and coalesce((select reach_of(p.until, p.closed_at, p.push_until, at) <> 'gone'
      from expert_presence p where p.tenant_id = _t and p.expert_id = e.id), false) then 'expert_present'
    end;

  if code is null and not again then
    if _verb = 'cancel' then
      update request x set state = 'cancelled', ended_at = at where x.tenant_id = _t and x.id = _request;
    else
      update offer x set state = to_state, accepted = x.accepted or _verb = 'accept', answered_at = coalesce(x.answered_at, at),
        ended_at = case when _verb in ('done', 'requeue') then at end, version = x.version + 1
      where x.tenant_id = _t and x.id = _offer;
      if _verb <> 'accept' then
        freed := freed || e.id;
      end if;
    end if;
    if _verb in ('accept', 'cancel') then
      -- The others who are rung for it may stop.
      with others as (
        update offer x set state = case _verb when 'accept' then 'lost' else 'cancelled' end, answered_at = at, version = x.version + 1
        where x.tenant_id = _t and x.request_id = _request and x.state = 'open' returning x.expert_id)
      select array_agg(y.expert_id) into more from others y;
      freed := freed || coalesce(more, '{}');
    end if;
    if _verb = 'accept' then
      update request x set state = 'matched', expert_id = e.id, offer_id = _offer, matched_at = at where x.tenant_id = _t and x.id = _request;
    elsif _verb = 'requeue' then
      update request x set state = 'waiting', expert_id = null, offer_id = null, matched_at = null where x.tenant_id = _t and x.id = _request;
    end if;
    update expert x set version = x.version + 1, idle_since = case when _verb in ('done', 'requeue') then at else x.idle_since end
    where x.tenant_id = _t and (x.id = any (freed) or x.id = e.id);
  end if;
  if cardinality(freed) > 0 or (code is null and not again) then
    update request x set version = x.version + 1 where x.tenant_id = _t and x.id = _request;
  end if;
  select * into o from offer x where x.tenant_id = _t and x.id = _offer;
  select * into r from request x where x.tenant_id = _t and x.id = _request;
  return jsonb_build_object('refused', code, 'repeated', again, 'at', at, 'offer', o.id, 'state', o.state, 'expert', o.expert_id, 'deadline', o.deadline,
    'request', r.id, 'request_state', r.state, 'version', r.version, 'queue', r.queue_id, 'freed', to_jsonb(freed));
end $f$;
revoke all on function decide_offer(uuid, text, uuid, uuid, uuid) from public;
grant execute on function decide_offer(uuid, text, uuid, uuid, uuid) to waymeet_app;
-- +goose StatementEnd

-- +goose Down
select 1;
