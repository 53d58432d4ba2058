-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- A journal by which finance corrects what a finding says: prepared by one person, approved by another, and only then written. What was
-- prepared never changes.
create table correction (
  tenant_id uuid not null,
  id uuid not null,
  finding_id uuid not null,
  reason text not null check (length(reason) between 1 and 500),
  answers text not null default '' check (answers in ('', 'charge', 'refund', 'dispute', 'dispute_won', 'payout', 'fee')), -- which movement of the gateway it stands for
  happened date,                      -- null: when it is approved
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  entries smallint not null check (entries between 2 and 20),
  state text not null default 'draft' check (state in ('draft', 'approved', 'discarded')),
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  decided_by uuid,
  decided_at timestamptz,
  primary key (tenant_id, id),
  check ((state = 'draft') = (decided_by is null) and (decided_by is null) = (decided_at is null)),
  constraint correction_four_eyes check (state <> 'approved' or decided_by <> made_by),
  foreign key (tenant_id, finding_id) references finding (tenant_id, id),
  foreign key (tenant_id, made_by) references app_user (tenant_id, id),
  foreign key (tenant_id, decided_by) references app_user (tenant_id, id));
create index correction_finding on correction (tenant_id, finding_id);
select isolate('correction', 'select');
grant insert (tenant_id, id, finding_id, reason, answers, happened, currency, entries, made_by), update (state, decided_by, decided_at) on correction to waymeet_app;

-- What it debits and credits.
create table correction_entry (
  tenant_id uuid not null,
  correction_id uuid not null,
  n smallint not null check (n between 1 and 20),
  account text not null check (account ~ '^(clearing|bank|transit|dispute|deferred|suspense|revenue|fees|loss|difference|wallet|payable|recovery)(:|$)' and length(account) <= 120),
  debit boolean not null,
  amount bigint not null check (amount between 1 and 1000000000000),
  primary key (tenant_id, correction_id, n),
  foreign key (tenant_id, correction_id) references correction (tenant_id, id));
select isolate('correction_entry', 'select, insert');
create trigger immutable before update or delete on correction_entry for each row execute function append_only();
create trigger immutable_all before truncate on correction_entry for each statement execute function append_only();

create function correction_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if old.state <> 'draft' or to_jsonb(old) - '{state,decided_by,decided_at}'::text[] is distinct from to_jsonb(new) - '{state,decided_by,decided_at}'::text[] then
    raise exception 'correction: it was decided, and what was prepared never changes' using errcode = '42501';
  end if;
  return new;
end $f$;
create trigger keeps before update on correction for each row execute function correction_keeps();
create trigger immutable before delete on correction for each row execute function append_only();
create trigger immutable_all before truncate on correction for each statement execute function append_only();

-- At COMMIT it has all its entries, and once it is approved its journal.
create function correction_complete() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if new.entries <> (select count(*) from correction_entry e where e.tenant_id = new.tenant_id and e.correction_id = new.id) then
    raise exception 'correction: other entries than it says' using errcode = '23514';
  end if;
  if new.state = 'approved' and not exists (select from journal j where j.tenant_id = new.tenant_id and j.key = 'correction:' || new.id) then
    raise exception 'correction: approved without its journal' using errcode = '23514';
  end if;
  return null;
end $f$;
create constraint trigger complete after insert or update on correction deferrable initially deferred for each row execute function correction_complete();

-- And no journal calls itself a correction that two people did not decide on, entry by entry.
create function correction_decided() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if not exists (select from correction c where c.tenant_id = new.tenant_id and 'correction:' || c.id = new.key and c.state = 'approved'
      and new.kind = case c.answers when '' then 'correction' else 'correction_' || c.answers end
      and c.entries = (select count(*) from entry e where e.tenant_id = new.tenant_id and e.journal_id = new.id))
    or exists (
      select a.code, e.dr, e.cr, a.currency::text from entry e join account a on a.tenant_id = e.tenant_id and a.id = e.account_id
      where e.tenant_id = new.tenant_id and e.journal_id = new.id
      except all
      select x.account, case when x.debit then x.amount else 0 end, case when x.debit then 0 else x.amount end, c.currency
      from correction_entry x join correction c on c.tenant_id = x.tenant_id and c.id = x.correction_id
      where x.tenant_id = new.tenant_id and 'correction:' || x.correction_id = new.key) then
    raise exception 'correction: a journal that nobody approved' using errcode = '23514';
  end if;
  return null;
end $f$;
create constraint trigger corrected after insert on journal deferrable initially deferred for each row
  when (new.kind like 'correction%' or new.key like 'correction:%') execute function correction_decided();
-- +goose StatementEnd

-- +goose Down
select 1;
