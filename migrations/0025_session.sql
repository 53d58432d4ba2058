-- +goose Up
-- +goose StatementBegin
-- Conversations, from the accepted offer to the receipt (docs/sessions.md has who owns which truth, docs/adr/0041 why).
set lock_timeout = '3s';

insert into job_kind values
  ('session_open', 'opens the conversation of an accepted offer'),
  ('session_extend', 'sets more money aside for a conversation'),
  ('session_settle', 'takes what a conversation cost, or lets all of it go'),
  ('session_close', 'gives an expert''s slot back when a conversation is over');

-- Money is set aside before anybody knows who will take the request: at the price that the client would pay at most. Who
-- takes it, and at which price, is said when the conversation opens.
alter table metered_session alter expert_id drop not null;

-- What was agreed on stays. Its expert is named while nobody has talked and no link of the chain is theirs already; a price
-- that was agreed on only falls.
create function metered_session_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if (old.tenant_id, old.id, old.client_id, old.gateway_account_id, old.fee_bp, old.currency, old.lost_by)
      is distinct from (new.tenant_id, new.id, new.client_id, new.gateway_account_id, new.fee_bp, new.currency, new.lost_by)
    or new.price > old.price or old.billed is distinct from coalesce(new.billed, -1) and old.billed is not null
    or (old.expert_id, old.price) is distinct from (new.expert_id, new.price)
      and (new.expert_id is null or old.billed is not null or exists (select from metered_part p
        where p.tenant_id = old.tenant_id and p.session_id = old.id and p.destination is not null)) then
    raise exception 'metered_session_keeps: the money of a session keeps what was agreed on' using errcode = '23514', constraint = 'metered_session_keeps';
  end if;
  return new;
end $f$;
create trigger keeps before update on metered_session for each row execute function metered_session_keeps();

-- One conversation. Its id is the accepted offer's: whoever knows the one knows the other. meter is session/meter.Session, and
-- what stands beside it is what constraints and lists need of it.
create table session (
  tenant_id uuid not null,
  id uuid not null,                   -- the offer's
  request_id uuid not null,
  funds_id uuid not null,             -- metered_session: what pays for it
  client_id uuid not null,
  expert_id uuid not null check (expert_id <> client_id),
  provider text not null default 'builtin' check (provider in ('builtin', 'daily', 'livekit')),
  modality text not null check (modality in ('audio', 'video', 'chat')),
  price bigint not null check (price > 0), -- of a minute
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  policy jsonb not null check (jsonb_typeof(policy) = 'object'), -- the tenant's, as it was when it opened
  state text not null check (state in ('connecting', 'live', 'reconnecting', 'interrupted', 'wrap_up', 'completed', 'connect_failed', 'no_show', 'cancelled')),
  reason text check (length(reason) between 1 and 20),
  meter jsonb not null check (jsonb_typeof(meter) = 'object'),
  billed_s bigint not null default 0 check (billed_s >= 0), -- seconds for which both vouched, the free ones among them
  funded_s bigint not null check (funded_s >= 0),
  free_s bigint not null check (free_s >= 0),
  charged_s bigint,                   -- once it has ended: seconds that are paid
  cost bigint,                        -- what they cost
  shown_s bigint not null default 0,  -- billed when the document last changed: people count on from there
  running_since timestamptz,          -- and since when; null: the meter stands
  generation integer not null default 1 check (generation > 0), -- of the media: a new one when somebody joins anew
  messages integer not null default 0 check (messages between 0 and 500),
  said_at timestamptz not null default clock_timestamp(), -- the last word: whom nobody hears is ticked
  version bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (tenant_id, id),
  constraint session_billed check (billed_s <= funded_s + free_s),
  constraint session_charged check (charged_s between 0 and funded_s),
  check ((charged_s is null) = (cost is null) and cost >= 0),
  constraint session_ended check ((charged_s is not null) = (state in ('wrap_up', 'completed', 'connect_failed', 'no_show', 'cancelled')) and (ended_at is null) = (charged_s is null)),
  constraint session_running check (running_since is null or state = 'live'),
  foreign key (tenant_id, id) references offer (tenant_id, id),
  foreign key (tenant_id, request_id) references request (tenant_id, id),
  foreign key (tenant_id, funds_id) references metered_session (tenant_id, id),
  foreign key (tenant_id, client_id) references app_user (tenant_id, id),
  foreign key (tenant_id, expert_id) references expert (tenant_id, id)
) with (fillfactor = 50);
-- A request is talked about once at a time, and what was set aside pays one conversation: who never met spent nothing.
create unique index session_of_request on session (tenant_id, request_id) where state in ('connecting', 'live', 'reconnecting', 'interrupted');
create unique index session_of_funds on session (tenant_id, funds_id) where state not in ('connect_failed', 'no_show');
create index session_client on session (tenant_id, client_id, created_at desc);
create index session_expert on session (tenant_id, expert_id, created_at desc);
create index session_quiet on session (said_at) where state not in ('completed', 'connect_failed', 'no_show', 'cancelled'); -- all tenants' at once
select isolate('session', 'select, insert, update');
select open_to_system('session', 'select');

-- Whoever writes: seconds that were billed stay billed, what was funded stays funded, and what is over stays over.
create function session_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  raise exception 'session_keeps: a session keeps whose it is, what was billed, and its end' using errcode = '23514', constraint = 'session_keeps';
end $f$;
create trigger keeps before update on session for each row when (
  (old.tenant_id, old.id, old.request_id, old.funds_id, old.client_id, old.expert_id, old.modality, old.price, old.currency, old.policy, old.free_s, old.created_at)
    is distinct from (new.tenant_id, new.id, new.request_id, new.funds_id, new.client_id, new.expert_id, new.modality, new.price, new.currency, new.policy, new.free_s, new.created_at)
  or new.billed_s < old.billed_s or new.funded_s < old.funded_s or new.generation < old.generation or new.messages < old.messages or new.version < old.version
  or old.state in ('completed', 'connect_failed', 'no_show', 'cancelled') and new.state <> old.state
  or old.state = 'wrap_up' and new.state not in ('wrap_up', 'completed')
  or old.ended_at is not null and (old.billed_s, old.funded_s, old.charged_s, old.cost, old.ended_at) is distinct from (new.billed_s, new.funded_s, new.charged_s, new.cost, new.ended_at))
execute function session_keeps();

-- Who takes part. A new connection raises the epoch, and the one before it cannot speak any more.
create table session_party (
  tenant_id uuid not null,
  session_id uuid not null,
  user_id uuid not null,
  role text not null check (role in ('client', 'expert', 'observer', 'whisperer')),
  epoch bigint not null default 0 check (epoch >= 0), -- 0: was never here
  joined_at timestamptz,
  left_at timestamptz,                -- the newest connection said goodbye
  primary key (tenant_id, session_id, user_id),
  foreign key (tenant_id, session_id) references session (tenant_id, id),
  foreign key (tenant_id, user_id) references app_user (tenant_id, id)
) with (fillfactor = 70);
create unique index session_party_two on session_party (tenant_id, session_id, role) where role in ('client', 'expert');
select isolate('session_party', 'select, insert, update');

-- What was written beside the talk. It is the transcript: nobody rewrites it.
create table session_message (
  tenant_id uuid not null,
  session_id uuid not null,
  n integer not null check (n between 1 and 500),
  by_user uuid not null,
  body text not null check (length(body) between 1 and 2000),
  at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, session_id, n),
  foreign key (tenant_id, session_id, by_user) references session_party (tenant_id, session_id, user_id));
select isolate('session_message', 'select, insert');

-- What the two say of it afterwards, once each.
create table session_rating (
  tenant_id uuid not null,
  session_id uuid not null,
  by_user uuid not null,
  stars smallint not null check (stars between 1 and 5),
  words text not null default '' check (length(words) <= 1000),
  at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, session_id, by_user),
  foreign key (tenant_id, session_id, by_user) references session_party (tenant_id, session_id, user_id));
select isolate('session_rating', 'select, insert');
-- +goose StatementEnd

-- +goose Down
select 1;
