-- +goose Up
-- +goose StatementBegin
-- At COMMIT money that came to the bank, and what it paid, has its journal: over as much of that bank account, or of what that organisation owes.
set lock_timeout = '3s';

create function bank_is_booked() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
declare
  wanted text; its uuid; over text; of_currency text; into_it bigint := 0; out_of bigint := 0;
begin
  if tg_table_name = 'bank_line' then
    wanted := 'bank_line:' || new.id || ':came'; over := 'bank:' || new.account; of_currency := new.currency; into_it := new.amount;
  else
    wanted := 'receipt:' || new.id; out_of := new.amount;
    select 'receivable:' || i.organisation_id, i.currency into over, of_currency from invoice i where i.tenant_id = new.tenant_id and i.id = new.invoice_id;
  end if;
  -- By its journal's two entries, one step after the other: a plan that began at the bank's account would read all that ever went through it, a line at a time.
  select j.id into its from journal j where j.tenant_id = new.tenant_id and j.key = wanted;
  if not exists (select from (select e.account_id from entry e where e.tenant_id = new.tenant_id and e.journal_id = its and e.dr = into_it and e.cr = out_of offset 0) e
    join account a on a.tenant_id = new.tenant_id and a.id = e.account_id where a.code = over and a.currency = of_currency) then
    raise exception 'bank: % without its journal', wanted using errcode = '23514';
  end if;
  return null;
end $f$;
create constraint trigger booked after insert on bank_line deferrable initially deferred for each row execute function bank_is_booked();
create constraint trigger booked after insert on receipt deferrable initially deferred for each row execute function bank_is_booked();
-- +goose StatementEnd

-- +goose Down
select 1;
