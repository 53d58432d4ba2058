-- name: BeneficiarySave :one
insert into beneficiary (tenant_id, user_id, holder, number) values ($1, $2, $3, $4)
on conflict (tenant_id, user_id) do update set holder = excluded.holder, number = excluded.number, version = beneficiary.version + 1, updated_at = clock_timestamp()
returning version;

-- name: BeneficiaryGet :one
select holder, number, version from beneficiary where tenant_id = $1 and user_id = $2;

-- name: PayoutOwedByBank :many
-- Who may be paid by a bank: an account number of theirs is known, and something is owed to them.
select b.user_id, b.holder, b.number
from beneficiary b join account a on a.tenant_id = b.tenant_id and a.code = 'payable:' || b.user_id::text and a.currency = sqlc.arg(currency)
where b.tenant_id = sqlc.arg(tenant_id) order by b.user_id limit sqlc.arg(max_rows);

-- name: PayoutOwedByGateway :many
select c.user_id, c.gateway_account_id, c.gateway_ref, u.name as holder
from connected_account c join app_user u on u.tenant_id = c.tenant_id and u.id = c.user_id
join account a on a.tenant_id = c.tenant_id and a.code = 'payable:' || c.user_id::text || ':stripe' and a.currency = sqlc.arg(currency)
where c.tenant_id = sqlc.arg(tenant_id) and (c.state ->> 'CanPayOut')::boolean order by c.user_id limit sqlc.arg(max_rows);

-- name: PayoutRunAdd :execrows
insert into payout_run (tenant_id, id, rail, currency, minimum, made_by) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, rail, currency) where state in ('draft', 'approved', 'sent') do nothing;

-- name: PayoutLineAdd :exec
insert into payout_line (tenant_id, run_id, id, n, expert_id, owed, recovered, amount, holder, number, gateway_account_id)
values (sqlc.arg(tenant_id), sqlc.arg(run_id), sqlc.arg(id), sqlc.arg(n), sqlc.arg(expert_id), sqlc.arg(owed), sqlc.arg(recovered), sqlc.arg(amount),
  sqlc.arg(holder), sqlc.arg(number), sqlc.narg(gateway_account_id));

-- name: PayoutRunGet :one
select * from payout_run where tenant_id = $1 and id = $2;

-- name: PayoutRunLock :one
select * from payout_run where tenant_id = $1 and id = $2 for update;

-- name: PayoutRuns :many
select r.*, coalesce(l.lines, 0)::bigint as lines, coalesce(l.amount, 0)::bigint as amount, coalesce(l.open, 0)::bigint as open
from payout_run r left join lateral (
  select count(*) as lines, sum(x.amount) as amount, count(*) filter (where x.state = 'sent') as open
  from payout_line x where x.tenant_id = r.tenant_id and x.run_id = r.id and x.state <> 'dropped') l on true
where r.tenant_id = sqlc.arg(tenant_id) and (r.made_at, r.id) < (sqlc.arg(before)::timestamptz, sqlc.arg(before_id)::uuid)
order by r.made_at desc, r.id desc limit sqlc.arg(max_rows);

-- name: PayoutLines :many
select l.*, u.name as expert_name from payout_line l join app_user u on u.tenant_id = l.tenant_id and u.id = l.expert_id
where l.tenant_id = $1 and l.run_id = $2 order by l.n;

-- name: PayoutLineGet :one
select * from payout_line where tenant_id = $1 and id = $2;

-- name: PayoutLineLock :one
select * from payout_line where tenant_id = $1 and id = $2 for update;

-- name: PayoutRunMove :execrows
update payout_run set state = sqlc.arg(state), version = version + 1,
  approved_by = coalesce(sqlc.narg(approved_by), approved_by),
  approved_at = case when sqlc.narg(approved_by)::uuid is not null then clock_timestamp() else approved_at end,
  sent_at = case when sqlc.arg(state)::text = 'sent' then clock_timestamp() else sent_at end,
  closed_at = case when sqlc.arg(state)::text in ('closed', 'discarded') then clock_timestamp() end
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: PayoutLineMove :execrows
update payout_line set state = sqlc.arg(state), problem = sqlc.narg(problem), gateway_ref = coalesce(sqlc.narg(gateway_ref), gateway_ref),
  settled_at = case when sqlc.arg(state)::text in ('confirmed', 'returned', 'dropped') then clock_timestamp() end
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and state <> 'returned';

-- name: PayoutLineTry :exec
update payout_line set tries = tries + 1 where tenant_id = $1 and id = $2;

-- name: PayoutLineNote :exec
update payout_line set problem = sqlc.narg(problem), gateway_ref = coalesce(sqlc.narg(gateway_ref), gateway_ref) where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: PayoutLinesOpen :one
select count(*) from payout_line where tenant_id = $1 and run_id = $2 and state = 'sent';

-- name: PayoutLineNews :many
-- Of a run that a bank carries: lines whose money goes another way than the last that was paid to them, with who set that since, and lines whose number
-- belongs to others too. A row for each who set it.
select l.id, (p.number is null)::boolean as first, (p.number is null or p.number <> l.number or p.holder <> l.holder)::boolean as changed,
  coalesce((select string_agg(distinct u.name, ', ') from app_user u where u.tenant_id = l.tenant_id and u.id <> l.expert_id
    and (u.id in (select b.user_id from beneficiary b where b.tenant_id = l.tenant_id and b.number = l.number)
      or u.id in (select o.expert_id from payout_line o where o.tenant_id = l.tenant_id and o.run_id = l.run_id and o.number = l.number))), '')::text as shared,
  a.actor, coalesce(w.name, '')::text as actor_name, a.at
from payout_line l
join payout_run r on r.tenant_id = l.tenant_id and r.id = l.run_id and r.rail = 'bank-file'
left join lateral (
  select x.number, x.holder, y.made_at from payout_line x join payout_run y on y.tenant_id = x.tenant_id and y.id = x.run_id
  where x.tenant_id = l.tenant_id and x.expert_id = l.expert_id and x.run_id <> l.run_id and y.rail = 'bank-file' and x.state in ('sent', 'confirmed') and y.made_at < r.made_at
  order by y.made_at desc, x.id limit 1) p on true
left join audit a on a.tenant_id = l.tenant_id and a.target = 'user/' || l.expert_id::text and a.action = 'beneficiary.set' and a.at <= r.made_at
  and a.at > coalesce(p.made_at, '-infinity') and (p.number is null or p.number <> l.number or p.holder <> l.holder)
left join app_user w on w.tenant_id = a.tenant_id and w.id = a.actor
where l.tenant_id = sqlc.arg(tenant_id) and l.run_id = sqlc.arg(run_id)
order by l.n, a.at desc;
