-- name: PaymentList :many
-- Newest first. refunded and disputed are not states of their own: money has gone back, or is in dispute.
select sqlc.embed(p), u.name as payer_name, a.kind as gateway from payment p
join app_user u on u.tenant_id = p.tenant_id and u.id = p.payer_id
join gateway_account a on a.tenant_id = p.tenant_id and a.id = p.gateway_account_id
where p.tenant_id = sqlc.arg(tenant_id)
  and (case sqlc.arg(state)::text when '' then true when 'refunded' then p.refunded > 0 when 'disputed' then p.disputed > 0 when 'lost' then p.lost > 0 else p.status = sqlc.arg(state)::text end)
  and (sqlc.arg(subject_kind)::text = '' or split_part(p.subject, '/', 1) = sqlc.arg(subject_kind)::text)
  and (sqlc.narg(payer)::uuid is null or p.payer_id = sqlc.narg(payer)::uuid)
  and p.created_at >= sqlc.arg(since)::timestamptz and p.created_at < sqlc.arg(until)::timestamptz
  and (sqlc.arg(amount)::bigint = 0 or p.amount = sqlc.arg(amount)::bigint)
  and (sqlc.arg(search)::text = '' or p.gateway_ref = sqlc.arg(search)::text or p.id::text = lower(sqlc.arg(search)::text)
    or split_part(p.subject, '/', 2) = lower(sqlc.arg(search)::text)
    or p.payer_id in (select x.id from app_user x where x.tenant_id = sqlc.arg(tenant_id) and strpos(folded(x.name), (select folded(sqlc.arg(search)::text))) > 0 limit 500))
  and (p.created_at, p.id) < (sqlc.arg(before)::timestamptz, sqlc.arg(before_id)::uuid)
order by p.created_at desc, p.id desc
limit sqlc.arg(max_rows);

-- name: AccountOwners :many
-- What those are called whom accounts belong to, whatever they are.
select u.id, u.name from app_user u where u.tenant_id = sqlc.arg(tenant_id) and u.id = any(sqlc.arg(ids)::uuid[])
union all select o.id, o.name from organisation o where o.tenant_id = sqlc.arg(tenant_id) and o.id = any(sqlc.arg(ids)::uuid[])
union all select p.id, p.name from programme p where p.tenant_id = sqlc.arg(tenant_id) and p.id = any(sqlc.arg(ids)::uuid[])
union all select s.id, u.name from pass s join app_user u on u.tenant_id = s.tenant_id and u.id = s.rider_id
  where s.tenant_id = sqlc.arg(tenant_id) and s.id = any(sqlc.arg(ids)::uuid[]);

-- name: PaymentOf :one
select u.name as payer_name, a.kind as gateway from payment p
join app_user u on u.tenant_id = p.tenant_id and u.id = p.payer_id
join gateway_account a on a.tenant_id = p.tenant_id and a.id = p.gateway_account_id
where p.tenant_id = $1 and p.id = $2;

-- name: WebhooksAbout :many
select * from webhook_event where tenant_id = sqlc.arg(tenant_id) and object_id = any(sqlc.arg(objects)::text[]) order by received_at, id limit sqlc.arg(max_rows);

-- name: EntriesAbout :many
-- What journals about something have posted, oldest first.
select j.id, j.key, j.kind, j.reason, j.at, a.code, a.currency::text as currency, e.dr, e.cr from journal j
join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'P'
join account a on a.tenant_id = e.tenant_id and a.id = e.account_id
where j.tenant_id = sqlc.arg(tenant_id) and j.subject = sqlc.arg(subject) and j.subject <> ''
order by j.at, j.id, e.seq
limit sqlc.arg(max_rows);
