-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- Who bills: what stands at the head of the tenant's invoices. A tenant without a row bills under its name.
create table biller (
  tenant_id uuid not null references tenant (id),
  name text not null check (length(name) between 1 and 200),
  address text[] not null check (cardinality(address) <= 6),
  country text not null check (country ~ '^[A-Z]{2}$'),           -- the place of supply
  tax_ids jsonb not null default '[]' check (jsonb_typeof(tax_ids) = 'array'), -- [{name, value}]: ICE, IF, RC, TRN
  bank jsonb not null default '[]' check (jsonb_typeof(bank) = 'array'),       -- where to pay, likewise
  notes text[] not null default '{}' check (cardinality(notes) <= 6),
  prices text not null default 'gross' check (prices in ('gross', 'net')),     -- whether amounts of usage hold the tax
  version bigint not null default 1,
  primary key (tenant_id));
select isolate('biller', 'select, insert, update');

-- What a tenant's accountant says about taxes. Without rows the starting table of billing/invoice holds. Rows are added
-- with a date; none is changed, because drafts of past days are priced by it.
create table tax_rule (
  tenant_id uuid not null references tenant (id),
  country text not null check (country ~ '^[A-Z]{2}$'),
  supply text not null check (supply ~ '^[a-z][a-z_]{1,39}$'),
  from_date date not null,
  until_date date check (until_date >= from_date),                -- the last day
  code text not null check (length(code) between 1 and 20),
  rate integer not null check (rate between 0 and 10000),         -- hundredths of a per cent
  treatment text not null check (treatment in ('taxed', 'zero_rated', 'exempt', 'reverse_charge')),
  law text not null default '' check (length(law) <= 200),        -- who says so
  primary key (tenant_id, country, supply, from_date),
  check ((treatment = 'taxed') = (rate > 0)));
select isolate('tax_rule', 'select, insert');

-- The last number of each series in a year. It grows in the transaction that writes the document, and in no other: whoever takes
-- a number holds the row until COMMIT, and at COMMIT the document must be there.
create table document_series (
  tenant_id uuid not null references tenant (id),
  series text not null check (series ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$' and length(series) <= 16),
  year integer not null check (year between 1970 and 9999),
  last bigint not null check (last > 0),
  primary key (tenant_id, series, year));
select isolate('document_series', 'select');

create function take_document_number(of_series text, of_year integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  taken bigint;
begin
  insert into document_series as s (tenant_id, series, year, last) values ((select current_setting('app.tenant_id')::uuid), of_series, of_year, 1)
  on conflict (tenant_id, series, year) do update set last = s.last + 1
  returning s.last into taken;
  return taken;
end $f$;
revoke all on function take_document_number(text, integer) from public;
grant execute on function take_document_number(text, integer) to waymeet_app;

-- An invoice or a credit note, finalised: drafts have no rows, they are reckoned when somebody looks. Nothing of it ever
-- changes but what was paid and credited, which triggers alone write. xid ties its lines to this transaction.
create table invoice (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  kind text not null check (kind in ('invoice', 'credit_note')),
  organisation_id uuid not null,
  series text not null,
  year integer not null,
  seq bigint not null,
  number text not null,
  corrects uuid,                      -- of a credit note: the invoice
  month date not null check (extract(day from month) = 1),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  prices text not null check (prices in ('gross', 'net')),
  terms text not null,
  po text not null check (length(po) <= 60),
  locale text not null check (locale in ('en', 'fr', 'ar')),
  seller jsonb not null,              -- as printed, whatever becomes of biller and organisation
  buyer jsonb not null,
  issued date not null,
  due date not null check (due >= issued),
  taxes jsonb not null,               -- per tax: what its lines come to, rounded once
  net bigint not null,
  tax bigint not null,
  gross bigint not null,
  lines integer not null check (lines between 1 and 10000),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'), -- of all that it says
  finalised_by uuid not null,
  finalised_at timestamptz not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id(),
  paid bigint not null default 0 check (paid >= 0),
  credited bigint not null default 0 check (credited >= 0),
  primary key (tenant_id, id),
  constraint invoice_number unique (tenant_id, series, year, seq),
  unique (tenant_id, organisation_id, id),
  check (number = series || '-' || lpad(year::text, 4, '0') || '-' || lpad(seq::text, greatest(6, length(seq::text)), '0')),
  check (net + tax = gross),
  check (case kind when 'invoice' then corrects is null and gross >= 0 else corrects is not null and gross <= 0 and paid = 0 and credited = 0 end),
  constraint invoice_not_overcredited check (kind = 'credit_note' or credited <= gross),
  foreign key (tenant_id, organisation_id) references organisation (tenant_id, id),
  foreign key (tenant_id, organisation_id, corrects) references invoice (tenant_id, organisation_id, id));
create unique index invoice_month on invoice (tenant_id, organisation_id, month) where kind = 'invoice';
create index invoice_organisation on invoice (tenant_id, organisation_id, id);
create index invoice_corrects on invoice (tenant_id, corrects) where corrects is not null;
create index invoice_open on invoice (tenant_id, due, id) where kind = 'invoice' and gross - credited - paid <> 0;
select isolate('invoice', 'select');
grant insert (tenant_id, id, kind, organisation_id, series, year, seq, number, corrects, month, currency, prices, terms, po, locale, seller, buyer,
  issued, due, taxes, net, tax, gross, lines, digest, finalised_by) on invoice to waymeet_app;

-- One ride, session or adjustment that an organisation pays for, written once by whoever completes it: the source is unique. It
-- says what was true then. invoice_id is set once, by the invoice that bills it.
create table usage_record (
  tenant_id uuid not null,
  id uuid not null,
  source text not null check (source ~ '^(ride|session|case)/[0-9a-f-]{36}$'),
  organisation_id uuid not null,
  unit_id uuid,
  programme_id uuid,                  -- whose account holds the amount until it is invoiced
  person_id uuid,
  person text not null check (length(person) <= 200),
  cost_centre text not null check (length(cost_centre) <= 200),   -- as of the date; empty: the organisation itself
  date date not null,                 -- under which it is billed: a ride's service date
  at timestamptz not null,
  supply text not null check (supply ~ '^[a-z][a-z_]{1,39}$'),
  country text not null check (country ~ '^[A-Z]{2}$'),           -- the place of supply: with kind and date it makes the tax
  says text not null check (length(says) between 1 and 300),
  quantity bigint not null check (quantity >= 0),
  unit text not null check (length(unit) <= 20),
  amount bigint not null check (amount <> 0 and amount between -1000000000000 and 1000000000000),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  invoice_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  constraint usage_once unique (tenant_id, source),
  foreign key (tenant_id, organisation_id) references organisation (tenant_id, id),
  foreign key (tenant_id, organisation_id, unit_id) references unit (tenant_id, organisation_id, id),
  foreign key (tenant_id, organisation_id, programme_id) references programme (tenant_id, organisation_id, id),
  foreign key (tenant_id, organisation_id, invoice_id) references invoice (tenant_id, organisation_id, id));
create index usage_unbilled on usage_record (tenant_id, organisation_id, date, id) where invoice_id is null;
create index usage_invoice on usage_record (tenant_id, invoice_id) where invoice_id is not null;
select isolate('usage_record', 'select');
grant insert (tenant_id, id, source, organisation_id, unit_id, programme_id, person_id, person, cost_centre, date, at, supply, country, says, quantity, unit,
  amount, currency), update (invoice_id) on usage_record to waymeet_app;

-- A document's lines, as printed. Each opens its usage record, or the line that it takes back.
create table invoice_line (
  tenant_id uuid not null,
  invoice_id uuid not null,
  n integer not null check (n > 0),
  usage_id uuid,
  mirrors integer,                    -- on a credit note: the invoice's line
  source text not null,
  programme_id uuid,
  date date not null,
  supply text not null,
  country text not null,
  says text not null,
  person text not null,
  cost_centre text not null,
  quantity bigint not null,
  unit text not null,
  amount bigint not null check (amount <> 0),
  tax_code text not null,
  tax_rate integer not null,
  treatment text not null,
  primary key (tenant_id, invoice_id, n),
  constraint invoice_line_usage_once unique (tenant_id, usage_id),
  check ((usage_id is null) = (mirrors is not null)),
  foreign key (tenant_id, invoice_id) references invoice (tenant_id, id),
  foreign key (tenant_id, usage_id) references usage_record (tenant_id, id));
select isolate('invoice_line', 'select, insert');

-- A number belongs to the document that this transaction took it for.
create function invoice_numbered() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if new.seq is distinct from (select s.last from document_series s where s.tenant_id = new.tenant_id and s.series = new.series and s.year = new.year) then
    raise exception 'invoice: a number that was not taken' using errcode = '23514';
  end if;
  return new;
end $f$;
create trigger numbered before insert on invoice for each row execute function invoice_numbered();

create function series_without_gap() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if not exists (select from invoice i where i.tenant_id = new.tenant_id and i.series = new.series and i.year = new.year and i.seq = new.last) then
    raise exception 'invoice: a number without a document' using errcode = '23514';
  end if;
  return null;
end $f$;
create constraint trigger gapless after insert or update on document_series deferrable initially deferred for each row execute function series_without_gap();

-- All lines of a document come in one statement of the transaction that writes it, and make what its head says.
create function invoice_lines_judged() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
declare
  flaw text;
begin
  select string_agg(distinct x.flaw, '; ') into flaw from (
    select case
      when i.id is null or i.xid <> pg_current_xact_id() then 'lines added to a finalised document'
      when g.n <> i.lines or (select count(*) from invoice_line l where l.tenant_id = i.tenant_id and l.invoice_id = i.id) <> i.lines then 'other lines than the head says'
      when g.amount <> case i.prices when 'gross' then i.gross else i.net end then 'lines that do not make the total'
      when g.usages <> case i.kind when 'invoice' then i.lines else 0 end then 'lines of another kind of document'
      when exists (select from added a left join usage_record u on u.tenant_id = a.tenant_id and u.id = a.usage_id
        where a.tenant_id = i.tenant_id and a.invoice_id = i.id and a.usage_id is not null
          and (u.invoice_id, u.amount, u.currency, u.date, u.cost_centre, u.source) is distinct from (i.id, a.amount, i.currency, a.date, a.cost_centre, a.source)) then 'a line that is not its usage record'
      when exists (select from usage_record u where u.tenant_id = i.tenant_id and u.invoice_id = i.id
        and not exists (select from added a where a.tenant_id = u.tenant_id and a.usage_id = u.id)) then 'usage that is on no line'
      when i.kind = 'credit_note' and exists (select from added a left join invoice_line o on o.tenant_id = a.tenant_id and o.invoice_id = i.corrects and o.n = a.mirrors
        where a.tenant_id = i.tenant_id and a.invoice_id = i.id and (o.n is null or sign(o.amount) = sign(a.amount) or
          abs(o.amount) < (select sum(abs(b.amount)) from invoice c join invoice_line b on b.tenant_id = c.tenant_id and b.invoice_id = c.id
            where c.tenant_id = i.tenant_id and c.corrects = i.corrects and b.mirrors = a.mirrors))) then 'more credited than a line has'
      end as flaw
    from (select a.tenant_id, a.invoice_id, count(*) as n, count(a.usage_id) as usages, sum(a.amount) as amount from added a group by 1, 2) g
    left join invoice i on i.tenant_id = g.tenant_id and i.id = g.invoice_id) x;
  if flaw is not null then
    raise exception 'invoice: %', flaw using errcode = '23514';
  end if;
  return null;
end $f$;
create trigger judged after insert on invoice_line referencing new table as added for each statement execute function invoice_lines_judged();

-- At COMMIT a document has its lines and its journal.
create function invoice_complete() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if not exists (select from invoice_line l where l.tenant_id = new.tenant_id and l.invoice_id = new.id) then
    raise exception 'invoice: a document without lines' using errcode = '23514';
  end if;
  if new.gross <> 0 and not exists (select from journal j where j.tenant_id = new.tenant_id and j.key = 'invoice:' || new.id || ':finalised') then
    raise exception 'invoice: a document without its journal' using errcode = '23514';
  end if;
  return null;
end $f$;
create constraint trigger complete after insert on invoice deferrable initially deferred for each row execute function invoice_complete();

-- A credit note takes from what is open of its invoice.
create function invoice_credited() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  update invoice i set credited = i.credited - new.gross where i.tenant_id = new.tenant_id and i.id = new.corrects and i.kind = 'invoice';
  if not found then
    raise exception 'invoice: only an invoice can be credited' using errcode = '23514';
  end if;
  return null;
end $f$;
revoke all on function invoice_credited() from public;
create trigger credited after insert on invoice for each row when (new.kind = 'credit_note') execute function invoice_credited();

create function invoice_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if to_jsonb(old) - '{paid,credited}'::text[] is distinct from to_jsonb(new) - '{paid,credited}'::text[] then
    raise exception 'a finalised document never changes' using errcode = '42501';
  end if;
  return new;
end $f$;
create trigger keeps before update on invoice for each row execute function invoice_keeps();
create trigger immutable before delete on invoice for each row execute function append_only();
create trigger immutable_all before truncate on invoice for each statement execute function append_only();
create trigger immutable before update or delete on invoice_line for each row execute function append_only();
create trigger immutable_all before truncate on invoice_line for each statement execute function append_only();

create function usage_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  if old.invoice_id is not null or to_jsonb(old) - 'invoice_id' is distinct from to_jsonb(new) - 'invoice_id'
    or not exists (select from invoice i where i.tenant_id = new.tenant_id and i.id = new.invoice_id and i.xid = pg_current_xact_id()) then
    raise exception 'a usage record never changes, and is billed once' using errcode = '42501';
  end if;
  return new;
end $f$;
create trigger keeps before update on usage_record for each row execute function usage_keeps();
create trigger immutable before delete on usage_record for each row execute function append_only();
create trigger immutable_all before truncate on usage_record for each statement execute function append_only();

-- Files of bank statements, and each line of money that came, once however often its file is sent.
create table bank_import (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  account text not null check (account ~ '^[a-z][a-z0-9-]{0,39}$'),
  file_name text not null check (length(file_name) <= 200),
  lines integer not null,
  fresh integer not null,             -- that were not there before
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id));
select isolate('bank_import', 'select, insert');

create table bank_line (
  tenant_id uuid not null,
  id uuid not null,
  import_id uuid not null,
  account text not null check (account ~ '^[a-z][a-z0-9-]{0,39}$'),
  fingerprint bytea not null check (length(fingerprint) = 32), -- of what the statement says, and of which among its equals this is
  booked date not null,
  amount bigint not null check (amount between 1 and 1000000000000),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  payer text not null check (length(payer) <= 200),
  says text not null check (length(says) <= 500),
  reference text not null check (length(reference) <= 100),    -- the bank's own
  matched bigint not null default 0 check (matched between 0 and amount), -- by receipts; the rest is in suspense
  primary key (tenant_id, id),
  constraint bank_line_once unique (tenant_id, account, fingerprint),
  foreign key (tenant_id, import_id) references bank_import (tenant_id, id));
create index bank_line_open on bank_line (tenant_id, booked, id) where matched < amount;
select isolate('bank_line', 'select');
grant insert (tenant_id, id, import_id, account, fingerprint, booked, amount, currency, payer, says, reference) on bank_line to waymeet_app;

-- So much of a bank line pays so much of an invoice.
create table receipt (
  tenant_id uuid not null,
  id uuid not null,
  bank_line_id uuid not null,
  invoice_id uuid not null,
  amount bigint not null check (amount > 0),
  how text not null check (how in ('automatic', 'manual')),
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  unique (tenant_id, bank_line_id, invoice_id),
  foreign key (tenant_id, bank_line_id) references bank_line (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoice (tenant_id, id));
create index receipt_invoice on receipt (tenant_id, invoice_id);
select isolate('receipt', 'select, insert');

create function receipt_apply() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  update bank_line b set matched = b.matched + new.amount where b.tenant_id = new.tenant_id and b.id = new.bank_line_id
    and b.currency = (select i.currency from invoice i where i.tenant_id = new.tenant_id and i.id = new.invoice_id);
  if not found then
    raise exception 'receipt: money of another currency' using errcode = '23514';
  end if;
  update invoice i set paid = i.paid + new.amount
  where i.tenant_id = new.tenant_id and i.id = new.invoice_id and i.kind = 'invoice' and i.gross - i.credited - i.paid >= new.amount;
  if not found then
    raise exception 'receipt: more than is open' using errcode = '23514';
  end if;
  return null;
end $f$;
revoke all on function receipt_apply() from public;
create trigger apply after insert on receipt for each row execute function receipt_apply();
create trigger immutable before update or delete on receipt for each row execute function append_only();
create trigger immutable_all before truncate on receipt for each statement execute function append_only();
create trigger immutable before delete on bank_line for each row execute function append_only();
create trigger immutable_all before truncate on bank_line for each statement execute function append_only();

-- That a customer should be reminded, and was not before at this level. Nothing here sends it.
create table invoice_reminder (
  tenant_id uuid not null,
  invoice_id uuid not null,
  level smallint not null check (level between 1 and 3),
  due_on date not null,
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, invoice_id, level),
  foreign key (tenant_id, invoice_id) references invoice (tenant_id, id));
select isolate('invoice_reminder', 'select, insert');

-- A month is closed: no journal that happened before its end is written any more. until lies an hour back at least, and a
-- journal that is recorded within the hour after it happened cannot lie before it: only those that reach back further ask.
create table period_lock (
  tenant_id uuid not null references tenant (id),
  month date not null check (extract(day from month) = 1),
  until timestamptz not null,         -- the instant with which the next month begins, where the tenant is
  locked_by uuid not null,
  locked_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, month));
select isolate('period_lock', 'select');
grant insert (tenant_id, month, until, locked_by) on period_lock to waymeet_app;

create function period_locks() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform pg_advisory_xact_lock(hashtextextended('period/' || new.tenant_id, 0));
  if new.until > clock_timestamp() - interval '1 hour' then
    raise exception 'period: it is not over for an hour yet' using errcode = '23514';
  end if;
  if exists (select from period_lock p where p.tenant_id = new.tenant_id and (p.month >= new.month or p.until >= new.until)) then
    raise exception 'period: a later one is locked' using errcode = '23514';
  end if;
  return new;
end $f$;
create trigger locks before insert on period_lock for each row execute function period_locks();
create trigger immutable before update or delete on period_lock for each row execute function append_only();
create trigger immutable_all before truncate on period_lock for each statement execute function append_only();

create function journal_in_open_period() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('period/' || new.tenant_id, 0)); -- whoever locks a period waits for us, or we for them
  if exists (select from period_lock p where p.tenant_id = new.tenant_id and p.until > new.effective_at) then
    raise exception 'ledger: the period is locked' using errcode = '23514', constraint = 'journal_period_open';
  end if;
  return new;
end $f$;
create trigger in_open_period before insert on journal for each row when (new.effective_at < new.at - interval '1 hour') execute function journal_in_open_period();
create index journal_effective on journal (tenant_id, effective_at, id); -- lint:allow index: the ledger is not in production yet

-- Balances of a system before this one are taken over once.
create table opening_import (
  tenant_id uuid not null references tenant (id),
  body_hash bytea not null check (length(body_hash) = 32),
  rows integer not null,
  made_by uuid not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id));
select isolate('opening_import', 'select, insert');

-- Somebody says that a ride, a session or a line of an invoice is wrong. Decided once.
create table case_file (
  tenant_id uuid not null references tenant (id),
  id uuid not null,
  subject text not null check (subject ~ '^(booking/[0-9a-f-]{36}|session/[0-9a-f-]{36}|invoice/[0-9a-f-]{36}/[0-9]{1,5})$'),
  organisation_id uuid,               -- of whoever opened it for one
  user_id uuid,                       -- whose ride it was
  opened_by uuid not null,
  reason text not null check (reason in ('not_delivered', 'late', 'wrong_amount', 'not_ours', 'quality', 'other')),
  says text not null check (length(says) between 1 and 2000),
  state text not null default 'open' check (state in ('open', 'decided')),
  decision text check (decision in ('declined', 'goodwill', 'credit', 'refund')),
  amount bigint check (amount > 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  answer text check (length(answer) <= 2000),
  outcome text check (length(outcome) <= 200), -- what was written: a journal's key, a credit note, a request
  decided_by uuid,
  decided_at timestamptz,
  opened_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  check ((state = 'decided') = (decision is not null and decided_by is not null and decided_at is not null)),
  check ((amount is null) = (decision is null or decision = 'declined')),
  foreign key (tenant_id, organisation_id) references organisation (tenant_id, id));
create index case_file_open on case_file (tenant_id, state, id);
create index case_file_opener on case_file (tenant_id, opened_by, id);
select isolate('case_file', 'select');
grant insert (tenant_id, id, subject, organisation_id, user_id, opened_by, reason, says),
  update (state, decision, amount, currency, answer, outcome, decided_by, decided_at) on case_file to waymeet_app;
create function case_keeps() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
begin
  raise exception 'a decision stays' using errcode = '42501';
end $f$;
create trigger keeps before update on case_file for each row when (old.state = 'decided') execute function case_keeps();

-- What speaks for a case: words, or a file.
create table case_evidence (
  tenant_id uuid not null,
  id uuid not null,
  case_id uuid not null,
  added_by uuid not null,
  says text not null check (length(says) <= 2000),
  file_name text not null check (length(file_name) <= 200),
  content_type text not null check (content_type in ('', 'application/pdf', 'image/png', 'image/jpeg')),
  bytes bytea check (octet_length(bytes) between 1 and 2097152),
  added_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, id),
  check ((bytes is null) = (content_type = '')),
  check (bytes is not null or says <> ''),
  foreign key (tenant_id, case_id) references case_file (tenant_id, id));
create index case_evidence_case on case_evidence (tenant_id, case_id, id);
select isolate('case_evidence', 'select, insert');
create trigger immutable before update or delete on case_evidence for each row execute function append_only();

-- Money that a decision gives back the way it came. Whoever carries refunds to gateways takes it from here.
create table refund_request (
  tenant_id uuid not null,
  case_id uuid not null,
  subject text not null,              -- booking/…, session/…: what was paid
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  state text not null default 'requested' check (state in ('requested', 'done', 'refused')),
  requested_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, case_id),
  foreign key (tenant_id, case_id) references case_file (tenant_id, id));
select isolate('refund_request', 'select, insert, update');
-- +goose StatementEnd

-- +goose Down
select 1;
