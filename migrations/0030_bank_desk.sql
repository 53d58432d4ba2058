-- +goose Up
-- +goose StatementBegin
-- What people do with money in a statement: a line is what a gateway paid out, is set aside, pays an invoice more than once, or was
-- matched wrongly. Nothing is changed: each act is a row.
-- lint:allow index: a tenant's lines are some hundred a month, and read under a short lock
set lock_timeout = '3s';

-- A line pays an invoice in more than one part.
alter table receipt drop constraint receipt_tenant_id_bank_line_id_invoice_id_key;
create index receipt_line on receipt (tenant_id, bank_line_id);

alter table bank_line add column aside boolean not null default false; -- by the last of bank_aside, which alone writes it
create index bank_line_aside on bank_line (tenant_id, booked, id) where aside;
create index bank_line_matched on bank_line (tenant_id, booked, id) where matched > 0;

-- That a line waits no more, and why; or that it waits again.
create table bank_aside (
  tenant_id uuid not null,
  id uuid not null,
  bank_line_id uuid not null,
  aside boolean not null,
  reason text not null check (length(reason) <= 500 and (reason <> '' or not aside)),
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  foreign key (tenant_id, bank_line_id) references bank_line (tenant_id, id),
  foreign key (tenant_id, made_by) references app_user (tenant_id, id));
create index bank_aside_line on bank_aside (tenant_id, bank_line_id, made_at);
select isolate('bank_aside', 'select, insert');

create function bank_aside_apply() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  update bank_line b set aside = new.aside where b.tenant_id = new.tenant_id and b.id = new.bank_line_id and b.aside <> new.aside and (b.matched < b.amount or not new.aside);
  if not found then
    raise exception 'bank_aside: it is so already, or nothing of it waits' using errcode = '23514';
  end if;
  return null;
end $f$;
revoke all on function bank_aside_apply() from public;
create trigger apply after insert on bank_aside for each row execute function bank_aside_apply();
create trigger immutable before update or delete on bank_aside for each row execute function append_only();
create trigger immutable_all before truncate on bank_aside for each statement execute function append_only();

-- That a whole line is what a gateway paid out, which was booked when it left: the journal of that is journal_id, and one line is it.
create table bank_payout (
  tenant_id uuid not null,
  id uuid not null,
  bank_line_id uuid not null,
  journal_id uuid not null,
  amount bigint not null check (amount > 0),
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  undone boolean not null default false, -- by unmatch, which alone writes it
  primary key (tenant_id, id),
  foreign key (tenant_id, bank_line_id) references bank_line (tenant_id, id),
  foreign key (tenant_id, journal_id) references journal (tenant_id, id),
  foreign key (tenant_id, made_by) references app_user (tenant_id, id));
create unique index bank_payout_once on bank_payout (tenant_id, journal_id) where not undone;
create index bank_payout_line on bank_payout (tenant_id, bank_line_id);
select isolate('bank_payout', 'select');
grant insert (tenant_id, id, bank_line_id, journal_id, amount, made_by) on bank_payout to waymeet_app;

create function bank_payout_apply() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  update bank_line b set matched = b.amount
  where b.tenant_id = new.tenant_id and b.id = new.bank_line_id and b.matched = 0 and not b.aside and b.amount = new.amount
    and exists (select from journal j join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id
      join account a on a.tenant_id = e.tenant_id and a.id = e.account_id
      where j.tenant_id = new.tenant_id and j.id = new.journal_id and j.kind = 'gateway_payout' and a.code like 'bank:%' and e.dr = new.amount and a.currency = b.currency);
  if not found then
    raise exception 'bank_payout: it is not this line' using errcode = '23514';
  end if;
  return null;
end $f$;
revoke all on function bank_payout_apply() from public;
create trigger apply after insert on bank_payout for each row execute function bank_payout_apply();

create function bank_payout_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if old.undone or to_jsonb(old) - 'undone' is distinct from to_jsonb(new) - 'undone' then
    raise exception 'bank_payout is append-only' using errcode = '42501';
  end if;
  return new;
end $f$;
create trigger keeps before update on bank_payout for each row execute function bank_payout_keeps();
create trigger immutable before delete on bank_payout for each row execute function append_only();
create trigger immutable_all before truncate on bank_payout for each statement execute function append_only();

-- That a line does not pay what it was matched with: each receipt, or payout, once.
create table unmatch (
  tenant_id uuid not null,
  match_id uuid not null,             -- whichever of the two it is
  receipt_id uuid,
  bank_payout_id uuid,
  reason text not null check (length(reason) between 1 and 500),
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, match_id),
  check (num_nonnulls(receipt_id, bank_payout_id) = 1 and match_id = coalesce(receipt_id, bank_payout_id)),
  foreign key (tenant_id, receipt_id) references receipt (tenant_id, id),
  foreign key (tenant_id, bank_payout_id) references bank_payout (tenant_id, id),
  foreign key (tenant_id, made_by) references app_user (tenant_id, id));
select isolate('unmatch', 'select, insert');

create function unmatch_apply() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if new.receipt_id is not null then
    update bank_line b set matched = b.matched - r.amount from receipt r
    where r.tenant_id = new.tenant_id and r.id = new.receipt_id and b.tenant_id = r.tenant_id and b.id = r.bank_line_id;
    update invoice i set paid = i.paid - r.amount from receipt r
    where r.tenant_id = new.tenant_id and r.id = new.receipt_id and i.tenant_id = r.tenant_id and i.id = r.invoice_id;
  else
    update bank_payout p set undone = true where p.tenant_id = new.tenant_id and p.id = new.bank_payout_id;
    update bank_line b set matched = b.matched - p.amount from bank_payout p
    where p.tenant_id = new.tenant_id and p.id = new.bank_payout_id and b.tenant_id = p.tenant_id and b.id = p.bank_line_id;
  end if;
  return null;
end $f$;
revoke all on function unmatch_apply() from public;
create trigger apply after insert on unmatch for each row execute function unmatch_apply();
create trigger immutable before update or delete on unmatch for each row execute function append_only();
create trigger immutable_all before truncate on unmatch for each statement execute function append_only();

-- At COMMIT what was matched or unmatched has its journal.
create function bank_desk_complete() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
declare
  wanted text;
begin
  wanted := case tg_table_name when 'bank_payout' then 'bank_payout:' || (to_jsonb(new) ->> 'id')
    else coalesce('receipt:' || (to_jsonb(new) ->> 'receipt_id'), 'bank_payout:' || (to_jsonb(new) ->> 'bank_payout_id')) || ':undone' end;
  if not exists (select from journal j where j.tenant_id = new.tenant_id and j.key = wanted) then
    raise exception 'bank desk: % without its journal', wanted using errcode = '23514';
  end if;
  return null;
end $f$;
create constraint trigger complete after insert on bank_payout deferrable initially deferred for each row execute function bank_desk_complete();
create constraint trigger complete after insert on unmatch deferrable initially deferred for each row execute function bank_desk_complete();

-- A line that was set aside pays nothing until it is brought back.
create or replace function receipt_apply() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  update bank_line b set matched = b.matched + new.amount where b.tenant_id = new.tenant_id and b.id = new.bank_line_id and not b.aside
    and b.currency = (select i.currency from invoice i where i.tenant_id = new.tenant_id and i.id = new.invoice_id);
  if not found then
    raise exception 'receipt: money of another currency, or set aside' using errcode = '23514';
  end if;
  update invoice i set paid = i.paid + new.amount
  where i.tenant_id = new.tenant_id and i.id = new.invoice_id and i.kind = 'invoice' and i.gross - i.credited - i.paid >= new.amount;
  if not found then
    raise exception 'receipt: more than is open' using errcode = '23514';
  end if;
  return null;
end $f$;
-- +goose StatementEnd

-- +goose Down
select 1;
