-- name: RefundRequestAdd :exec
insert into refund_request (tenant_id, case_id, subject, amount, currency, state) values ($1, $2, $3, $4, $5, $6);

-- name: RefundRequestLock :one
select * from refund_request where tenant_id = $1 and case_id = $2 for update;

-- name: RefundRequestSettle :execrows
update refund_request set state = sqlc.arg(state) where tenant_id = sqlc.arg(tenant_id) and case_id = sqlc.arg(case_id) and state <> 'done';

-- name: RefundRequestList :many
-- The newest first, with who decided and what the gateway was asked last.
select sqlc.embed(r), c.user_id, coalesce(u.name, '') as rider_name, c.answer, c.decided_by, coalesce(d.name, '') as decider_name,
  coalesce(o.payment_id, '00000000-0000-0000-0000-000000000000')::uuid as payment_id, coalesce(o.amount, 0)::bigint as asked, coalesce(o.state, '')::text as asking,
  coalesce(o.problem, '')::text as problem, coalesce(o.settled_at, 'epoch')::timestamptz as settled_at
from refund_request r
join case_file c on c.tenant_id = r.tenant_id and c.id = r.case_id
left join app_user u on u.tenant_id = c.tenant_id and u.id = c.user_id
left join app_user d on d.tenant_id = c.tenant_id and d.id = c.decided_by
left join lateral (select po.* from payment p join payment_operation po on po.tenant_id = p.tenant_id and po.payment_id = p.id and po.op = 'refund'
  where p.tenant_id = r.tenant_id and p.subject = r.subject and po.cause = 'case/' || r.case_id order by po.n desc limit 1) o on true
where r.tenant_id = sqlc.arg(tenant_id) and r.case_id < sqlc.arg(before)::uuid and r.state = any(sqlc.arg(states)::text[])
  and (sqlc.narg(one)::uuid is null or r.case_id = sqlc.narg(one)::uuid)
order by r.case_id desc limit sqlc.arg(max_rows);

-- name: PostedAbout :one
-- What journals about something have debited an account with, less what they credited.
select coalesce(sum(e.dr - e.cr), 0)::bigint as net from journal j
join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'P'
join account a on a.tenant_id = e.tenant_id and a.id = e.account_id
where j.tenant_id = sqlc.arg(tenant_id) and j.subject = any(sqlc.arg(subjects)::text[]) and j.subject <> '' and a.code = sqlc.arg(code) and a.currency = sqlc.arg(currency);

-- name: PostedUnder :many
-- What the journal with this key has posted.
select a.code, a.currency::text as currency, e.dr, e.cr from journal j
join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'P'
join account a on a.tenant_id = e.tenant_id and a.id = e.account_id
where j.tenant_id = $1 and j.key = $2 order by e.seq;
