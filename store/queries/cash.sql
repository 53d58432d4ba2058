-- name: CashShiftOpen :exec
insert into cash_shift (tenant_id, id, holder_id, currency) values ($1, $2, $3, $4)
on conflict (tenant_id, holder_id) where closed_at is null do nothing;

-- name: CashShiftLock :one
select s.*, clock_timestamp()::timestamptz as now from cash_shift s where s.tenant_id = $1 and s.holder_id = $2 and s.closed_at is null for update;

-- name: CashShiftCurrent :one
select * from cash_shift where tenant_id = $1 and holder_id = $2 and closed_at is null;

-- name: CashShiftLockByID :one
select * from cash_shift where tenant_id = $1 and id = $2 for update;

-- name: CashShiftGet :one
select sqlc.embed(s), h.name as holder_name, coalesce(c.name, '')::text as confirmed_name from cash_shift s
join app_user h on h.tenant_id = s.tenant_id and h.id = s.holder_id
left join app_user c on c.tenant_id = s.tenant_id and c.id = s.confirmed_by
where s.tenant_id = $1 and s.id = $2;

-- name: CashShiftClose :exec
update cash_shift set closed_at = clock_timestamp(), expected = sqlc.arg(expected)::bigint, counted = sqlc.arg(counted)::bigint,
  place = sqlc.arg(place)::text, note = sqlc.arg(note), version = version + 1
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: CashShiftConfirm :exec
update cash_shift set confirmed_at = clock_timestamp(), confirmed_by = sqlc.arg(confirmed_by)::uuid, received = sqlc.arg(received)::bigint, version = version + 1
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id);

-- name: CashShiftPage :many
-- Newest first. What holds who closed none yet is told by the float.
select sqlc.embed(s), h.name as holder_name, coalesce(c.name, '')::text as confirmed_name, coalesce(a.posted, 0)::bigint as held from cash_shift s
join app_user h on h.tenant_id = s.tenant_id and h.id = s.holder_id
left join app_user c on c.tenant_id = s.tenant_id and c.id = s.confirmed_by
left join account a on a.tenant_id = s.tenant_id and a.code = 'float:' || s.holder_id::text and a.currency = s.currency and s.closed_at is null
where s.tenant_id = sqlc.arg(tenant_id) and s.id < sqlc.arg(before)
  and case sqlc.arg(state)::text when 'open' then s.closed_at is null when 'closed' then s.closed_at is not null and s.confirmed_at is null
    when 'confirmed' then s.confirmed_at is not null else true end
order by s.id desc limit sqlc.arg(max_rows);

-- name: CashTakingAdd :one
insert into cash_taking (tenant_id, id, shift_id, rider_id, amount, currency) values ($1, $2, $3, $4, $5, $6) returning at;

-- name: CashTakingLock :one
-- With its shift, which whoever closes it locks first.
select k.*, s.holder_id, (s.closed_at is not null)::boolean as closed, clock_timestamp()::timestamptz as now from cash_taking k
join cash_shift s on s.tenant_id = k.tenant_id and s.id = k.shift_id
where k.tenant_id = $1 and k.id = $2 for update of s, k;

-- name: CashTakingUndo :one
update cash_taking set undone_at = clock_timestamp() where tenant_id = $1 and id = $2 and undone_at is null returning undone_at::timestamptz;

-- name: CashTakings :many
select k.id, k.rider_id, u.name as rider_name, k.amount, k.currency, k.at, k.undone_at from cash_taking k
join app_user u on u.tenant_id = k.tenant_id and u.id = k.rider_id
where k.tenant_id = sqlc.arg(tenant_id) and k.shift_id = sqlc.arg(shift_id) and k.id < sqlc.arg(before)
order by k.id desc limit sqlc.arg(max_rows);

-- name: CashTaken :one
-- What a shift's takings make, those undone not counted.
select count(*) as n, coalesce(sum(amount), 0)::bigint as amount from cash_taking
where tenant_id = $1 and shift_id = $2 and undone_at is null;

-- name: RiderGet :one
-- Somebody who can ride, and so has a wallet.
select u.id, u.name, u.email, coalesce(u.phone, '')::text as phone from app_user u
where u.tenant_id = $1 and u.id = $2 and u.status = 'active' and exists (
  select from user_role ur join role r on r.tenant_id = ur.tenant_id and r.id = ur.role_id
  where ur.tenant_id = u.tenant_id and ur.user_id = u.id and 'booking.hold' = any (r.permissions));

-- name: RiderFind :many
-- By the beginning of an address, a part of the name or of the phone's digits.
select u.id, u.name, u.email, coalesce(u.phone, '')::text as phone from app_user u
where u.tenant_id = sqlc.arg(tenant_id) and u.status = 'active'
  and (u.email ^@ sqlc.arg(q)::text or strpos(folded(u.name), (select folded(sqlc.arg(q)::text))) > 0
    or (length(sqlc.arg(digits)::text) >= 5 and regexp_replace(u.phone, '[^0-9]', '', 'g') like '%' || sqlc.arg(digits)::text || '%'))
  and exists (select from user_role ur join role r on r.tenant_id = ur.tenant_id and r.id = ur.role_id
    where ur.tenant_id = u.tenant_id and ur.user_id = u.id and 'booking.hold' = any (r.permissions))
order by u.email limit sqlc.arg(max_rows);
