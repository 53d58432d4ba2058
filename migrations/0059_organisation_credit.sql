-- +goose Up
-- +goose StatementBegin
-- What an organisation has with the operator: what its invoices were credited beyond what was open of them. It pays other invoices of theirs, or
-- goes back to their bank. Nothing is changed: each move is a row, with its journal.
-- lint:allow index: an organisation has an invoice a month, and they are read under a short lock
set lock_timeout = '3s';

alter table account add constraint account_credit check (code not like 'credit:%' or (class = 'liability' and not may_overdraw)) not valid; -- beside account_chart

alter table invoice add column from_credit bigint not null default 0; -- what it got of the credit; below nothing: what it gave. credit_move alone writes it
drop index invoice_open;
create index invoice_open on invoice (tenant_id, due, id) where kind = 'invoice' and gross - credited - paid - from_credit <> 0;

create table credit_move (
  tenant_id uuid not null,
  id uuid not null,
  invoice_id uuid not null,
  amount bigint not null check (amount <> 0), -- what the invoice gets of its organisation's credit; below nothing: what it gives
  how text not null check (how in ('surplus', 'applied', 'undone', 'restored')),
  undoes uuid,                        -- which one that applied
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  check ((how in ('applied', 'restored')) = (amount > 0)),
  check ((how = 'undone') = (undoes is not null)),
  foreign key (tenant_id, invoice_id) references invoice (tenant_id, id),
  foreign key (tenant_id, undoes) references credit_move (tenant_id, id),
  foreign key (tenant_id, made_by) references app_user (tenant_id, id));
create unique index credit_move_undone on credit_move (tenant_id, undoes) where undoes is not null;
create index credit_move_invoice on credit_move (tenant_id, invoice_id);
select isolate('credit_move', 'select, insert');

create function credit_move_apply() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  update invoice i set from_credit = i.from_credit + new.amount
  where i.tenant_id = new.tenant_id and i.id = new.invoice_id and i.kind = 'invoice' and case new.how
    when 'surplus' then i.gross - i.credited - i.paid - i.from_credit <= new.amount
    when 'undone' then i.from_credit + new.amount >= 0 and exists (select from credit_move m where m.tenant_id = new.tenant_id and m.id = new.undoes
      and m.invoice_id = new.invoice_id and m.how = 'applied' and m.amount = -new.amount)
    else i.gross - i.credited - i.paid - i.from_credit >= new.amount end;
  if not found then
    raise exception 'credit_move: the invoice has no room for it, or does not have it' using errcode = '23514';
  end if;
  return null;
end $f$;
revoke all on function credit_move_apply() from public;
create trigger apply after insert on credit_move for each row execute function credit_move_apply();
create trigger immutable before update or delete on credit_move for each row execute function append_only();
create trigger immutable_all before truncate on credit_move for each statement execute function append_only();

create or replace function invoice_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if to_jsonb(old) - '{paid,credited,from_credit}'::text[] is distinct from to_jsonb(new) - '{paid,credited,from_credit}'::text[] then
    raise exception 'a finalised document never changes' using errcode = '42501';
  end if;
  return new;
end $f$;

create or replace function receipt_apply() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  update bank_line b set matched = b.matched + new.amount where b.tenant_id = new.tenant_id and b.id = new.bank_line_id and not b.aside
    and b.currency = (select i.currency from invoice i where i.tenant_id = new.tenant_id and i.id = new.invoice_id);
  if not found then
    raise exception 'receipt: money of another currency, or set aside' using errcode = '23514';
  end if;
  update invoice i set paid = i.paid + new.amount
  where i.tenant_id = new.tenant_id and i.id = new.invoice_id and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit >= new.amount;
  if not found then
    raise exception 'receipt: more than is open' using errcode = '23514';
  end if;
  return null;
end $f$;

-- What goes back to an organisation's bank: prepared by one person, approved by another, and only then taken out of the credit.
create table credit_refund (
  tenant_id uuid not null,
  id uuid not null,
  organisation_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount bigint not null check (amount between 1 and 1000000000000),
  holder text not null check (length(holder) between 2 and 70),
  number text not null check (number ~ '^[A-Z0-9]{10,34}$'), -- an IBAN, or a national number such as Morocco's RIB
  reason text not null check (length(reason) between 1 and 500),
  state text not null default 'draft' check (state in ('draft', 'approved', 'paid', 'returned', 'discarded')),
  reference text not null default '' check (length(reference) <= 100), -- the bank's own
  problem text not null default '' check (length(problem) <= 200),     -- why it came back
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  approved_by uuid,
  approved_at timestamptz,
  ended_by uuid,                      -- who said last what became of it
  ended_at timestamptz,
  primary key (tenant_id, id),
  constraint credit_refund_four_eyes check (approved_by <> made_by),
  check ((state in ('approved', 'paid', 'returned')) = (approved_by is not null) and (approved_by is null) = (approved_at is null)),
  check ((state in ('paid', 'returned', 'discarded')) = (ended_by is not null) and (ended_by is null) = (ended_at is null)),
  check (state <> 'paid' or reference <> ''),
  foreign key (tenant_id, organisation_id) references organisation (tenant_id, id),
  foreign key (tenant_id, made_by) references app_user (tenant_id, id),
  foreign key (tenant_id, approved_by) references app_user (tenant_id, id),
  foreign key (tenant_id, ended_by) references app_user (tenant_id, id));
create index credit_refund_organisation on credit_refund (tenant_id, organisation_id, id);
create index credit_refund_open on credit_refund (tenant_id, id) where state in ('draft', 'approved');
select isolate('credit_refund', 'select');
grant insert (tenant_id, id, organisation_id, currency, amount, holder, number, reason, made_by),
  update (state, reference, problem, approved_by, approved_at, ended_by, ended_at) on credit_refund to waymeet_app;

create function credit_refund_goes_on() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if to_jsonb(old) - '{state,reference,problem,approved_by,approved_at,ended_by,ended_at}'::text[]
      is distinct from to_jsonb(new) - '{state,reference,problem,approved_by,approved_at,ended_by,ended_at}'::text[]
    or (old.approved_by is not null and new.approved_by is distinct from old.approved_by)
    or (old.state, new.state) not in (('draft', 'approved'), ('draft', 'discarded'), ('approved', 'paid'), ('approved', 'returned'), ('paid', 'returned')) then
    raise exception 'credit_refund: what was prepared never changes, and it only goes on' using errcode = '42501';
  end if;
  return new;
end $f$;
create trigger goes_on before update on credit_refund for each row execute function credit_refund_goes_on();
create trigger immutable before delete on credit_refund for each row execute function append_only();
create trigger immutable_all before truncate on credit_refund for each statement execute function append_only();

-- At COMMIT each move, and each step of a refund, has its journal over as much of that organisation's credit.
create function credit_is_booked() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
declare
  wanted text; whose uuid; out_of bigint := 0; into_it bigint := 0;
begin
  if tg_table_name = 'credit_move' then
    wanted := 'credit:' || new.id;
    select i.organisation_id into whose from invoice i where i.tenant_id = new.tenant_id and i.id = new.invoice_id;
    out_of := greatest(new.amount, 0); into_it := greatest(-new.amount, 0);
  elsif new.state in ('approved', 'returned') then
    wanted := 'credit_refund:' || new.id || ':' || new.state; whose := new.organisation_id;
    if new.state = 'approved' then out_of := new.amount; else into_it := new.amount; end if;
  elsif new.state = 'paid' and not exists (select from journal j where j.tenant_id = new.tenant_id and j.key = 'credit_refund:' || new.id || ':paid') then
    raise exception 'credit: paid without its journal' using errcode = '23514';
  else
    return null;
  end if;
  if not exists (select from journal j join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id join account a on a.tenant_id = e.tenant_id and a.id = e.account_id
    where j.tenant_id = new.tenant_id and j.key = wanted and a.code = 'credit:' || whose and e.dr = out_of and e.cr = into_it) then
    raise exception 'credit: % without its journal', wanted using errcode = '23514';
  end if;
  return null;
end $f$;
create constraint trigger booked after insert on credit_move deferrable initially deferred for each row execute function credit_is_booked();
create constraint trigger booked after update on credit_refund deferrable initially deferred for each row execute function credit_is_booked();
-- +goose StatementEnd

-- +goose Down
select 1;
