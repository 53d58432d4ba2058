-- +goose Up
-- +goose StatementBegin
-- The lines of a document are judged by adding up: what a line has and what was credited of it side by side, and usage without a line by
-- counting. Before, each line was looked for among all others, and of 10,000 a note was not written in time. Rows that are new
-- have no statistics, so nothing here may depend on how PostgreSQL would join them. What is refused is what was.
set lock_timeout = '3s';

create or replace function invoice_lines_judged() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
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
      when i.kind = 'invoice' and (select count(*) from usage_record u where u.tenant_id = i.tenant_id and u.invoice_id = i.id) <> g.different then 'usage that is on no line'
      when i.kind = 'credit_note' and exists (select from (
          select o.n as line, o.amount as owed, null::bigint as given from invoice_line o where o.tenant_id = i.tenant_id and o.invoice_id = i.corrects
          union all select b.mirrors, null, b.amount from invoice c join invoice_line b on b.tenant_id = c.tenant_id and b.invoice_id = c.id
            where c.tenant_id = i.tenant_id and c.corrects = i.corrects) y
        group by y.line having count(y.given) > 0 and (coalesce(sum(y.owed), 0) = 0 or (sum(y.owed) > 0 and max(y.given) > 0) or (sum(y.owed) < 0 and min(y.given) < 0)
          or abs(sum(y.owed)) < sum(abs(y.given)))) then 'more credited than a line has'
      end as flaw
    from (select a.tenant_id, a.invoice_id, count(*) as n, count(a.usage_id) as usages, count(distinct a.usage_id) as different, sum(a.amount) as amount from added a group by 1, 2) g
    left join invoice i on i.tenant_id = g.tenant_id and i.id = g.invoice_id) x;
  if flaw is not null then
    raise exception 'invoice: %', flaw using errcode = '23514';
  end if;
  return null;
end $f$;
-- +goose StatementEnd

-- +goose Down
select 1;
