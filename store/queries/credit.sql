-- name: CreditMoveAdd :exec
insert into credit_move (tenant_id, id, invoice_id, amount, how, undoes, made_by)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(invoice_id), sqlc.arg(amount), sqlc.arg(how), sqlc.narg(undoes), sqlc.arg(made_by));

-- name: CreditMoves :many
-- What an organisation's invoices gave and got, or one move alone: the newest first.
select m.id, m.invoice_id, i.organisation_id, i.number, i.currency, m.amount, m.how, u.name as made_by_name, m.made_at,
  exists (select from credit_move x where x.tenant_id = m.tenant_id and x.undoes = m.id)::boolean as undone
from invoice i join credit_move m on m.tenant_id = i.tenant_id and m.invoice_id = i.id join app_user u on u.tenant_id = m.tenant_id and u.id = m.made_by
where i.tenant_id = sqlc.arg(tenant_id) and (sqlc.narg(organisation_id)::uuid is null or i.organisation_id = sqlc.narg(organisation_id)::uuid)
  and (sqlc.narg(id)::uuid is null or m.id = sqlc.narg(id)::uuid)
order by m.made_at desc, m.id desc limit 200;

-- name: Credits :many
-- What organisations have, by currency: on their accounts, and beside it what invoices were credited beyond what was open and did not give yet.
select o.id, o.name, c.currency::text as currency, sum(c.amount)::bigint as amount, sum(c.surplus)::bigint as surplus, sum(c.leaving)::bigint as leaving
from organisation o join (
  select g.id as organisation_id, a.currency::text as currency, -a.posted as amount, 0 as surplus, 0 as leaving
  from organisation g join account a on a.tenant_id = g.tenant_id and a.code = 'credit:' || g.id
  where g.tenant_id = sqlc.arg(tenant_id) and (sqlc.narg(organisation_id)::uuid is null or g.id = sqlc.narg(organisation_id)::uuid)
  union all
  select i.organisation_id, i.currency, 0, i.paid + i.credited + i.from_credit - i.gross, 0 from invoice i
  where i.tenant_id = sqlc.arg(tenant_id) and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0 and i.gross - i.credited - i.paid - i.from_credit < 0
    and (sqlc.narg(organisation_id)::uuid is null or i.organisation_id = sqlc.narg(organisation_id)::uuid)
  union all
  select r.organisation_id, r.currency, 0, 0, r.amount from credit_refund r
  where r.tenant_id = sqlc.arg(tenant_id) and r.state = 'approved' and (sqlc.narg(organisation_id)::uuid is null or r.organisation_id = sqlc.narg(organisation_id)::uuid)) c
  on c.organisation_id = o.id
where o.tenant_id = sqlc.arg(tenant_id)
group by o.id, o.name, c.currency having sum(c.amount + c.surplus + c.leaving) > 0 order by o.name, o.id, c.currency limit 2000;

-- name: InvoicesUnsettledOf :many
-- Of an organisation: what waits for money, and what was credited beyond that; the oldest due first.
select i.*, o.name as organisation_name, o.time_zone as organisation_zone from invoice i join organisation o on o.tenant_id = i.tenant_id and o.id = i.organisation_id
where i.tenant_id = sqlc.arg(tenant_id) and i.organisation_id = sqlc.arg(organisation_id) and i.kind = 'invoice' and i.gross - i.credited - i.paid - i.from_credit <> 0
order by i.due, i.id limit 2000;

-- name: CreditRefundAdd :exec
insert into credit_refund (tenant_id, id, organisation_id, currency, amount, holder, number, reason, made_by) values
  (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(organisation_id), sqlc.arg(currency), sqlc.arg(amount), sqlc.arg(holder), sqlc.arg(number), sqlc.arg(reason), sqlc.arg(made_by));

-- name: CreditRefundLock :one
select id from credit_refund where tenant_id = $1 and id = $2 for update;

-- name: CreditRefundMove :exec
update credit_refund set state = sqlc.arg(state), reference = case sqlc.arg(reference)::text when '' then reference else sqlc.arg(reference)::text end, problem = sqlc.arg(problem),
  approved_by = case sqlc.arg(state)::text when 'approved' then sqlc.arg(by)::uuid else approved_by end,
  approved_at = case sqlc.arg(state)::text when 'approved' then clock_timestamp() else approved_at end,
  ended_by = case sqlc.arg(state)::text when 'approved' then null else sqlc.arg(by)::uuid end,
  ended_at = case sqlc.arg(state)::text when 'approved' then null else clock_timestamp() end
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: CreditRefunds :many
-- An organisation's, one alone, or (waiting) all that are drafts or on their way: the newest first.
select r.*, o.name as organisation_name, m.name as made_by_name, coalesce(a.name, '')::text as approved_by_name, coalesce(e.name, '')::text as ended_by_name
from credit_refund r join organisation o on o.tenant_id = r.tenant_id and o.id = r.organisation_id
join app_user m on m.tenant_id = r.tenant_id and m.id = r.made_by
left join app_user a on a.tenant_id = r.tenant_id and a.id = r.approved_by
left join app_user e on e.tenant_id = r.tenant_id and e.id = r.ended_by
where r.tenant_id = sqlc.arg(tenant_id) and (not sqlc.arg(waiting)::boolean or r.state in ('draft', 'approved'))
  and (sqlc.narg(organisation_id)::uuid is null or r.organisation_id = sqlc.narg(organisation_id)::uuid) and (sqlc.narg(id)::uuid is null or r.id = sqlc.narg(id)::uuid)
order by r.id desc limit 200;
