-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- The ledger: double entry that PostgreSQL itself defends (docs/money.md has every rule with who keeps it). The app role
-- inserts accounts, journals and entries and can change nothing of them; balances and open holds are written by the
-- triggers below, as the owner, who obeys row level security too.

-- Where money is. A running account keeps its balance here, and every journal that touches it waits for this row; one
-- without (revenue, clearing: what all business goes through) is summed from its entries and nobody waits for it.
create table account (
  tenant_id uuid not null,
  id uuid not null,
  code text not null check (code ~ '^[a-z]+(:[a-z0-9.%:_-]+)?$' and length(code) <= 120), -- wallet:0190…
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  class text not null check (class in ('asset', 'expense', 'liability', 'income', 'equity')),
  may_overdraw boolean not null,
  running boolean not null,
  label text not null default '' check (length(label) <= 200), -- what people call it; the one thing that may change
  posted bigint not null default 0,   -- debits less credits
  held_dr bigint not null default 0 check (held_dr >= 0), -- debits and credits that holds set aside
  held_cr bigint not null default 0 check (held_cr >= 0),
  entries bigint not null default 0,  -- how many made this balance
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, code, currency),
  foreign key (tenant_id) references tenant (id),
  constraint account_guarded check (running or may_overdraw), -- what keeps no balance cannot be kept from going below nothing
  -- People's money is never kept in an account of other rules, whoever opens it.
  constraint account_chart check (case split_part(code, ':', 1)
    when 'wallet' then class = 'liability' and not may_overdraw
    when 'pass' then class = 'liability' and not may_overdraw
    when 'payable' then class = 'liability' and not may_overdraw
    when 'float' then class = 'asset' and not may_overdraw
    else true end),
  constraint account_not_overdrawn check (may_overdraw or case when class in ('asset', 'expense')
    then posted - held_cr >= 0 else -posted - held_dr >= 0 end)
) with (fillfactor = 70); -- the balance changes in place
select isolate('account', 'select');
grant insert (tenant_id, id, code, currency, class, may_overdraw, running, label), update (label) on account to waymeet_app;

-- A balanced set of entries, written once under its key. xid and at tie its entries to this transaction.
create table journal (
  tenant_id uuid not null,
  id uuid not null,
  key text not null check (length(key) between 1 and 200),
  request_hash bytea not null check (length(request_hash) = 32), -- of what was asked under the key
  kind text not null check (kind ~ '^[a-z][a-z0-9_.]{0,59}$'),
  subject text not null default '' check (length(subject) <= 200), -- what it is about: booking/0190…
  reason text not null default '' check (length(reason) <= 500),
  phase text not null check (phase in ('posted', 'pending', 'post', 'void')),
  resolves uuid,                      -- the pending journal that a post or void ends
  expires_at timestamptz,             -- of a pending one, as it was asked; open_hold has it as it is now
  effective_at timestamptz not null default clock_timestamp(), -- when it happened
  at timestamptz not null default clock_timestamp(),           -- when it was recorded
  xid xid8 not null default pg_current_xact_id(),
  primary key (tenant_id, id),
  constraint journal_key unique (tenant_id, key),
  check ((phase in ('post', 'void')) = (resolves is not null)),
  check ((phase = 'pending') = (expires_at is not null)),
  check (expires_at > at));
create unique index journal_resolves_once on journal (tenant_id, resolves) where resolves is not null;
create index journal_subject on journal (tenant_id, subject) where subject <> '';
select isolate('journal', 'select');
grant insert (tenant_id, id, key, request_hash, kind, subject, reason, phase, resolves, expires_at, effective_at, at) on journal to waymeet_app;

-- One account, debited or credited, on one layer: P posted, H held. sign -1 takes back what a hold set aside.
-- No foreign keys: each would lock the row it names, and the hot accounts keep none so that nobody waits for them. The
-- trigger looks both up, and neither can go away: journals and accounts are never deleted.
create table entry (
  tenant_id uuid not null,
  journal_id uuid not null,
  seq smallint not null,
  account_id uuid not null,
  currency char(3) not null,
  layer char(1) not null check (layer in ('P', 'H')),
  sign smallint not null default 1 check (sign in (1, -1)),
  dr bigint not null default 0 check (dr >= 0),
  cr bigint not null default 0 check (cr >= 0),
  at timestamptz not null,            -- its journal's
  primary key (tenant_id, journal_id, seq),
  constraint entry_one_side check ((dr = 0) <> (cr = 0)),
  constraint entry_amount_sane check (dr <= 1000000000000 and cr <= 1000000000000),
  constraint entry_release_is_held check (layer = 'H' or sign = 1));
create index entry_account on entry (tenant_id, account_id, at);
select isolate('entry', 'select, insert');

-- Holds that nobody resolved yet. A row is made with the pending journal and goes with its post or void.
create table open_hold (
  tenant_id uuid not null,
  journal_id uuid not null,
  expires_at timestamptz not null,
  primary key (tenant_id, journal_id));
create index open_hold_due on open_hold (expires_at);
select isolate('open_hold', 'select');
grant update (expires_at) on open_hold to waymeet_app;
select open_to_system('open_hold', 'select');

-- All that holds for entries, once for each statement that brings some: journals of this transaction, whole and balanced,
-- with the layers of their phase, on accounts that exist; then balances and holds follow. It runs as the owner, filters the
-- tenant itself, and finds nothing, which it refuses, where row level security hides something from it. The planner is kept
-- to index look-ups: a plan made while the tables were small would be kept for hours.
create function ledger_apply() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $f$
declare
  flaw text;
  pends boolean;
  resolves bigint;
  released bigint;
begin
  -- Each journal is looked at as a whole: its entries come in one statement, so nothing can be added to it once it was found good.
  select string_agg(distinct x.flaw, '; '), bool_or(x.phase = 'pending'), count(*) filter (where x.phase in ('post', 'void'))
  into flaw, pends, resolves
  from (
    select j.phase, case
      when j.id is null then 'entries without a journal'
      when j.xid <> pg_current_xact_id() or j.at < transaction_timestamp() or j.at > clock_timestamp() then 'entries of a journal of another time'
      when g.at_first <> j.at or g.at_last <> j.at then 'entries of another time than their journal'
      when g.n <> (select count(*) from entry e where e.tenant_id = g.tenant_id and e.journal_id = g.journal_id) then 'entries added to a journal'
      when g.n < 2 then 'a journal of one entry'
      when not g.balanced then 'entries that do not balance'
      when not case j.phase when 'posted' then g.posts = g.n when 'pending' then g.holds = g.n when 'void' then g.releases = g.n
        else g.holds = 0 and g.posts > 0 and g.releases > 0 end then 'entries on a layer that a ' || j.phase || ' journal does not have'
      end as flaw
    from (
      select s.tenant_id, s.journal_id, sum(s.n) as n, bool_and(s.dr = s.cr) as balanced, min(s.at_first) as at_first, max(s.at_last) as at_last,
        coalesce(sum(s.n) filter (where s.layer = 'P'), 0) as posts, coalesce(sum(s.n) filter (where s.layer = 'H' and s.sign = 1), 0) as holds,
        coalesce(sum(s.n) filter (where s.layer = 'H' and s.sign = -1), 0) as releases
      from (
        select a.tenant_id, a.journal_id, a.layer, a.sign, a.currency, count(*) as n, sum(a.dr) as dr, sum(a.cr) as cr,
          min(a.at) as at_first, max(a.at) as at_last
        from added a group by 1, 2, 3, 4, 5) s
      group by 1, 2) g
    left join lateral (select k.* from journal k where k.tenant_id = g.tenant_id and k.id = g.journal_id limit 1) j on true) x;
  if flaw is not null then
    raise exception 'ledger: %', flaw using errcode = '23514';
  end if;

  if exists (
    select from (select distinct a.tenant_id, a.account_id, a.currency from added a) s
    left join lateral (select c.currency from account c where c.tenant_id = s.tenant_id and c.id = s.account_id limit 1) c on true
    where c.currency is distinct from s.currency) then
    raise exception 'ledger: an account that does not exist or is kept in another currency' using errcode = '23503';
  end if;

  -- Running balances, locked in the order of the accounts' ids: two batches never wait for each other.
  perform from account c
  where c.running and (c.tenant_id, c.id) in (select a.tenant_id, a.account_id from added a)
  order by c.tenant_id, c.id for no key update;
  update account c set posted = c.posted + s.posted, held_dr = c.held_dr + s.held_dr, held_cr = c.held_cr + s.held_cr, entries = c.entries + s.n
  from (
    select a.tenant_id, a.account_id, count(*) as n,
      coalesce(sum(a.dr - a.cr) filter (where a.layer = 'P'), 0) as posted,
      coalesce(sum(a.sign * a.dr) filter (where a.layer = 'H'), 0) as held_dr,
      coalesce(sum(a.sign * a.cr) filter (where a.layer = 'H'), 0) as held_cr
    from added a group by 1, 2) s
  where c.tenant_id = s.tenant_id and c.id = s.account_id and c.running;

  if pends then
    insert into open_hold (tenant_id, journal_id, expires_at)
    select j.tenant_id, j.id, j.expires_at
    from (select distinct a.tenant_id, a.journal_id from added a) s
    join journal j on j.tenant_id = s.tenant_id and j.id = s.journal_id
    where j.phase = 'pending';
  end if;

  if resolves > 0 then
    -- A hold is released as it was made, account by account.
    if exists (
      select from (select distinct a.tenant_id, a.journal_id from added a) s
      join journal j on j.tenant_id = s.tenant_id and j.id = s.journal_id and j.resolves is not null
      where exists (
        (select e.account_id, e.currency, e.dr, e.cr from entry e where e.tenant_id = j.tenant_id and e.journal_id = j.resolves
          except all select e.account_id, e.currency, e.dr, e.cr from entry e where e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'H')
        union all
        (select e.account_id, e.currency, e.dr, e.cr from entry e where e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'H'
          except all select e.account_id, e.currency, e.dr, e.cr from entry e where e.tenant_id = j.tenant_id and e.journal_id = j.resolves))) then
      raise exception 'ledger: a release that is not the mirror of its hold' using errcode = '23514';
    end if;
    -- What was held of an account bounds what it is posted for, on either side.
    if exists (
      select from (select distinct a.tenant_id, a.journal_id from added a) s
      join journal j on j.tenant_id = s.tenant_id and j.id = s.journal_id and j.phase = 'post'
      join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id
      group by j.tenant_id, j.id, e.account_id
      having bool_or(e.layer = 'H') and
        (sum(e.dr) filter (where e.layer = 'P') > coalesce(sum(e.dr) filter (where e.layer = 'H'), 0)
          or sum(e.cr) filter (where e.layer = 'P') > coalesce(sum(e.cr) filter (where e.layer = 'H'), 0))) then
      raise exception 'ledger: posted more than was held' using errcode = '23514';
    end if;
    -- The hold is open, and its time is not over if it is posted.
    delete from open_hold h
    using (select distinct a.tenant_id, a.journal_id from added a) s
    join journal j on j.tenant_id = s.tenant_id and j.id = s.journal_id and j.resolves is not null
    where h.tenant_id = j.tenant_id and h.journal_id = j.resolves and (j.phase = 'void' or h.expires_at > j.at);
    get diagnostics released = row_count;
    if released <> resolves then
      raise exception 'ledger: a hold that is not open' using errcode = '23514';
    end if;
  end if;
  return null;
end $f$;
revoke all on function ledger_apply() from public;
create trigger apply after insert on entry referencing new table as added for each statement execute function ledger_apply();

-- A journal has entries; ledger_apply has judged them by then. Asked at COMMIT, because they come after their journal.
create function journal_has_entries() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if not exists (select from entry e where e.tenant_id = new.tenant_id and e.journal_id = new.id) then
    raise exception 'ledger: a journal without entries' using errcode = '23514';
  end if;
  return null;
end $f$;
revoke all on function journal_has_entries() from public;
create constraint trigger complete after insert on journal deferrable initially deferred for each row execute function journal_has_entries();

create trigger immutable before update or delete on journal for each row execute function append_only();
create trigger immutable_all before truncate on journal for each statement execute function append_only();
create trigger immutable before update or delete on entry for each row execute function append_only();
create trigger immutable_all before truncate on entry for each statement execute function append_only();
create trigger immutable before delete on account for each row execute function append_only();
create trigger immutable_all before truncate on account for each statement execute function append_only();
create trigger immutable_all before truncate on open_hold for each statement execute function append_only();

-- What opens an account stays: its balance alone moves, and its label.
create function account_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  raise exception 'the rules of an account never change' using errcode = '42501';
end $f$;
create trigger keeps before update on account for each row
  when ((old.tenant_id, old.id, old.code, old.currency, old.class, old.may_overdraw, old.running, old.created_at)
    is distinct from (new.tenant_id, new.id, new.code, new.currency, new.class, new.may_overdraw, new.running, new.created_at))
  execute function account_keeps();
-- +goose StatementEnd

-- +goose Down
select 1;
