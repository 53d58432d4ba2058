-- name: Experts :many
-- Whom the tenant pays or is about to: something was owed to them once, or it is known where their money goes. With a search: anybody whose name has it,
-- because the first step for a new one is to be found.
select u.id, u.name, coalesce(b.holder, '') as holder, coalesce(b.number, '') as number, b.updated_at as number_since,
  coalesce(c.gateway_ref, '') as gateway_ref, coalesce(c.state, '{}')::jsonb as account_state, c.seen_at,
  coalesce(l.run_id, '00000000-0000-0000-0000-000000000000')::uuid as run_id, coalesce(l.amount, 0)::bigint as paid, coalesce(r.currency, '') as paid_in,
  coalesce(l.state, '')::text as paid_state, r.sent_at as paid_at
from app_user u
left join beneficiary b on b.tenant_id = u.tenant_id and b.user_id = u.id
left join connected_account c on c.tenant_id = u.tenant_id and c.user_id = u.id and c.gateway_account_id = sqlc.narg(gateway_account_id)::uuid
left join lateral (
  select x.run_id, x.amount, x.state, x.settled_at from payout_line x join payout_run y on y.tenant_id = x.tenant_id and y.id = x.run_id
  where x.tenant_id = u.tenant_id and x.expert_id = u.id and y.sent_at is not null and x.state <> 'dropped' order by y.sent_at desc, x.id limit 1) l on true
left join payout_run r on r.tenant_id = u.tenant_id and r.id = l.run_id
where u.tenant_id = sqlc.arg(tenant_id) and (sqlc.narg(id)::uuid is null or u.id = sqlc.narg(id))
  and (sqlc.narg(id)::uuid is not null or (u.name, u.id) > (sqlc.arg(after_name)::text, sqlc.arg(after_id)::uuid))
  and case when sqlc.narg(id)::uuid is not null then true
    when sqlc.arg(search)::text <> '' then strpos(folded(u.name), (select folded(sqlc.arg(search)::text))) > 0
    else b.user_id is not null or c.user_id is not null or u.id in (
      select substring(a.code, 9, 36)::uuid from account a where a.tenant_id = sqlc.arg(tenant_id) and a.code ~ '^payable:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}') end
order by u.name, u.id limit sqlc.arg(max_rows);

-- name: ExpertsOwed :many
-- What may be paid to them now, by currency: over a bank, out of their own accounts at the gateway, and what they owe back.
select u.id::uuid as id, a.currency::text as currency, split_part(a.code, ':', 1)::text as kind, (split_part(a.code, ':', 3) <> '')::boolean as at_gateway,
  (case when a.class = 'asset' then a.posted else -a.posted - a.held_dr end)::bigint as amount
from unnest(sqlc.arg(ids)::uuid[]) as u (id)
join account a on a.tenant_id = sqlc.arg(tenant_id) and a.code in ('payable:' || u.id::text, 'payable:' || u.id::text || ':stripe', 'recovery:' || u.id::text)
where a.posted <> 0 order by u.id, a.currency, a.code;

-- name: ExpertPayouts :many
select l.run_id, l.id, l.amount, r.currency, r.rail, l.holder, l.number, l.state, coalesce(l.problem, '') as problem, r.made_at, l.settled_at
from payout_line l join payout_run r on r.tenant_id = l.tenant_id and r.id = l.run_id
where l.tenant_id = $1 and l.expert_id = $2 order by r.made_at desc, l.id limit $3;
