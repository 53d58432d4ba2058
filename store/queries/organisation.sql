-- name: OrganisationInsert :exec
insert into organisation (tenant_id, id, name, legal_name, address, country, tax_ids, email, currency, time_zone, locale, terms, po_number)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: OrganisationGet :one
select * from organisation where tenant_id = $1 and id = $2;

-- name: OrganisationLock :one
select * from organisation where tenant_id = $1 and id = $2 for update;

-- name: OrganisationUpdate :exec
update organisation set name = $3, legal_name = $4, address = $5, country = $6, tax_ids = $7, email = $8, currency = $9, time_zone = $10,
  locale = $11, terms = $12, po_number = $13, active = $14, version = version + 1
where tenant_id = $1 and id = $2;

-- name: OrganisationMembersChanged :exec
update organisation set roster = roster + 1 where tenant_id = $1 and id = $2;

-- name: OrganisationPage :many
-- By name. Within some units: the organisations that these are of. The cursor is the last one's id.
select sqlc.embed(o), (select count(*) from membership m where m.tenant_id = o.tenant_id and m.organisation_id = o.id
    and (m.left_on is null or m.left_on > current_date)) as members
from organisation o
where o.tenant_id = sqlc.arg(tenant_id)
  and (sqlc.arg(everywhere)::boolean or exists (select from unit n where n.tenant_id = o.tenant_id and n.organisation_id = o.id and n.id = any (sqlc.arg(within)::uuid[])))
  and (o.name, o.id) > (coalesce((select c.name from organisation c where c.tenant_id = o.tenant_id and c.id = sqlc.arg(after)::uuid), ''), sqlc.arg(after)::uuid)
order by o.name, o.id limit sqlc.arg(max_rows);

-- name: UnitInsert :exec
insert into unit (tenant_id, id, organisation_id, parent_id, above, name) values ($1, $2, $3, $4, $5, $6);

-- name: UnitGet :one
select * from unit where tenant_id = $1 and id = $2;

-- name: UnitsOf :many
select * from unit where tenant_id = $1 and organisation_id = $2 order by cardinality(above), name, id limit 500;

-- name: ManagersOf :many
select u.id, u.name, u.email, n.id as unit_id, n.name as unit_name
from unit n
join user_role ur on ur.tenant_id = n.tenant_id and ur.scope = 'unit' and ur.scope_id = n.id
join role r on r.tenant_id = ur.tenant_id and r.id = ur.role_id and 'company.manage' = any (r.permissions)
join app_user u on u.tenant_id = ur.tenant_id and u.id = ur.user_id
where n.tenant_id = $1 and n.organisation_id = $2 order by u.name, u.id limit 200;

-- name: ManagerPage :many
-- By name; the cursor is the last one's user and unit.
select u.id, u.name, u.email, n.id as unit_id, n.name as unit_name, array_agg(r.name order by r.name)::text[] as roles, min(ur.created_at)::timestamptz as since
from unit n
join user_role ur on ur.tenant_id = n.tenant_id and ur.scope = 'unit' and ur.scope_id = n.id
join role r on r.tenant_id = ur.tenant_id and r.id = ur.role_id
join app_user u on u.tenant_id = ur.tenant_id and u.id = ur.user_id
where n.tenant_id = sqlc.arg(tenant_id) and n.organisation_id = sqlc.arg(organisation_id)
  and (u.name, u.id, n.id) > (coalesce((select c.name from app_user c where c.tenant_id = n.tenant_id and c.id = sqlc.arg(after_user)::uuid), ''),
    sqlc.arg(after_user)::uuid, sqlc.arg(after_unit)::uuid)
group by u.id, u.name, u.email, n.id, n.name
order by u.name, u.id, n.id limit sqlc.arg(max_rows);

-- name: UnitRoleGive :exec
insert into user_role (tenant_id, user_id, role_id, scope, scope_id)
select r.tenant_id, sqlc.arg(user_id), r.id, 'unit', sqlc.arg(unit_id) from role r where r.tenant_id = sqlc.arg(tenant_id) and r.name = sqlc.arg(role)
on conflict do nothing;

-- name: UnitRoleTake :many
-- One unit's, or with none said all of an organisation's.
delete from user_role ur using unit n
where ur.tenant_id = sqlc.arg(tenant_id) and ur.user_id = sqlc.arg(user_id) and ur.scope = 'unit' and n.tenant_id = ur.tenant_id and n.id = ur.scope_id
  and n.organisation_id = sqlc.arg(organisation_id) and (sqlc.narg(unit_id)::uuid is null or n.id = sqlc.narg(unit_id)::uuid)
returning ur.scope_id;

-- name: MemberPage :many
-- By name; the cursor is the last one's id.
select sqlc.embed(m), n.name as unit_name,
  coalesce((select g.cost_centre from membership_posting g where g.tenant_id = m.tenant_id and g.membership_id = m.id and g.from_date <= sqlc.arg(today)::date
    order by g.from_date desc limit 1), '')::text as cost_centre
from membership m join unit n on n.tenant_id = m.tenant_id and n.id = m.unit_id
where m.tenant_id = sqlc.arg(tenant_id) and m.organisation_id = sqlc.arg(organisation_id) and n.above && sqlc.arg(within)::uuid[]
  and (sqlc.arg(gone)::boolean or m.left_on is null or m.left_on > sqlc.arg(today)::date)
  and (sqlc.arg(q)::text = '' or strpos(folded(m.name), (select folded(sqlc.arg(q)::text))) > 0 or m.email ^@ sqlc.arg(q)::text or lower(m.number) = sqlc.arg(q)::text)
  and (m.name, m.id) > (coalesce((select c.name from membership c where c.tenant_id = m.tenant_id and c.id = sqlc.arg(after)::uuid), ''), sqlc.arg(after)::uuid)
order by m.name, m.id limit sqlc.arg(max_rows);

-- name: MembersPresent :many
-- Those of a unit and under it who belong on a day or will.
select m.id, m.number, m.name, m.email, m.phone, m.joined, m.left_on,
  coalesce((select jsonb_agg(jsonb_build_object('from', g.from_date, 'cost_centre', g.cost_centre) order by g.from_date)
    from membership_posting g where g.tenant_id = m.tenant_id and g.membership_id = m.id), '[]')::jsonb as postings
from membership m join unit n on n.tenant_id = m.tenant_id and n.id = m.unit_id
where m.tenant_id = sqlc.arg(tenant_id) and m.organisation_id = sqlc.arg(organisation_id) and sqlc.arg(unit_id)::uuid = any (n.above)
  and (m.left_on is null or m.left_on > sqlc.arg(today)::date)
order by m.id;

-- name: MemberGet :one
-- One of an organisation, with the unit's line to the root.
select sqlc.embed(m), n.above, n.name as unit_name,
  coalesce((select jsonb_agg(jsonb_build_object('from', g.from_date, 'cost_centre', g.cost_centre) order by g.from_date)
    from membership_posting g where g.tenant_id = m.tenant_id and g.membership_id = m.id), '[]')::jsonb as postings
from membership m join unit n on n.tenant_id = m.tenant_id and n.id = m.unit_id
where m.tenant_id = sqlc.arg(tenant_id) and m.organisation_id = sqlc.arg(organisation_id) and m.id = sqlc.arg(id);

-- name: MemberInsert :exec
insert into membership (tenant_id, id, organisation_id, unit_id, user_id, number, name, email, phone, joined)
values (sqlc.arg(tenant_id), sqlc.arg(id), sqlc.arg(organisation_id), sqlc.arg(unit_id),
  (select u.id from app_user u where u.tenant_id = sqlc.arg(tenant_id) and u.email = sqlc.arg(email) and u.email <> ''),
  sqlc.arg(number), sqlc.arg(name), sqlc.arg(email), sqlc.arg(phone), sqlc.arg(joined));

-- name: MemberChange :exec
-- Who has another address is somebody else's account, or nobody's yet.
update membership m set number = sqlc.arg(number), name = sqlc.arg(name), phone = sqlc.arg(phone), joined = sqlc.arg(joined), left_on = sqlc.narg(left_on),
  user_id = case when m.email = sqlc.arg(email) then m.user_id
    else (select u.id from app_user u where u.tenant_id = m.tenant_id and u.email = sqlc.arg(email) and u.email <> '') end,
  email = sqlc.arg(email), version = m.version + 1
where m.tenant_id = sqlc.arg(tenant_id) and m.id = sqlc.arg(id);

-- name: MemberLeave :exec
update membership set left_on = greatest(joined, sqlc.arg(left_on)::date), version = version + 1
where tenant_id = sqlc.arg(tenant_id) and id = sqlc.arg(id) and (left_on is null or left_on > sqlc.arg(left_on)::date);

-- name: MemberMatch :exec
-- An account with this address is there now.
update membership set user_id = $2, version = version + 1 where tenant_id = $1 and user_id is null and email = $3 and email <> '';

-- name: PostingsClear :exec
delete from membership_posting where tenant_id = $1 and membership_id = $2;

-- name: PostingInsert :exec
insert into membership_posting (tenant_id, membership_id, from_date, cost_centre) values ($1, $2, $3, $4);

-- name: RosterPreviewInsert :exec
insert into roster_preview (tenant_id, id, organisation_id, unit_id, roster, on_date, file_name, preview, made_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: RosterPreviewGet :one
select * from roster_preview where tenant_id = $1 and id = $2;

-- name: RosterPreviewApplied :exec
update roster_preview set applied_by = $3, applied_at = clock_timestamp() where tenant_id = $1 and id = $2;

-- name: RosterPreviewForget :exec
-- What nobody applied within a week, and all but the newest: they hold people's names.
delete from roster_preview p where p.tenant_id = $1 and p.organisation_id = $2 and p.applied_at is null
  and (p.made_at < clock_timestamp() - interval '7 days' or p.id not in (select n.id from roster_preview n where n.tenant_id = p.tenant_id
    and n.organisation_id = p.organisation_id order by n.id desc limit 5));

-- name: RidesOfLeavers :many
select distinct r.membership_id from programme_ride r
where r.tenant_id = sqlc.arg(tenant_id) and r.membership_id = any (sqlc.arg(memberships)::uuid[]) and r.service_date >= sqlc.arg(from_date)::date and r.state = 'reserved';

-- name: RidesToWithdraw :many
-- The coming rides of somebody who has left by then.
select r.booking_id, r.employee_id from programme_ride r
join membership m on m.tenant_id = r.tenant_id and m.id = r.membership_id and m.left_on is not null and r.service_date >= m.left_on
where r.tenant_id = $1 and r.membership_id = $2 and r.state = 'reserved'
order by r.service_date, r.booking_id;

-- name: ProgrammeInsert :exec
insert into programme (tenant_id, id, organisation_id, unit_id, name, currency, percent, fixed, ride_cap, month_cap, month_rides, budget, lines, stops,
  weekdays, hours_from, hours_until, time_zone, no_show, cost_centre, valid_from, valid_until, active)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23);

-- name: ProgrammeUpdate :exec
update programme set name = $3, currency = $4, percent = $5, fixed = $6, ride_cap = $7, month_cap = $8, month_rides = $9, budget = $10, lines = $11, stops = $12,
  weekdays = $13, hours_from = $14, hours_until = $15, time_zone = $16, no_show = $17, cost_centre = $18, valid_from = $19, valid_until = $20, active = $21,
  version = version + 1
where tenant_id = $1 and id = $2;

-- name: ProgrammeGet :one
select sqlc.embed(p), n.above from programme p join unit n on n.tenant_id = p.tenant_id and n.id = p.unit_id
where p.tenant_id = $1 and p.id = $2 for update of p;

-- name: ProgrammesOf :many
select sqlc.embed(p) from programme p join unit n on n.tenant_id = p.tenant_id and n.id = p.unit_id
where p.tenant_id = sqlc.arg(tenant_id) and p.organisation_id = sqlc.arg(organisation_id) and n.above && sqlc.arg(within)::uuid[]
order by p.active desc, p.name, p.id limit 200;

-- name: LinesKnown :many
select id from line where tenant_id = $1 and id = any (sqlc.arg(ids)::uuid[]);

-- name: StopsKnown :many
select id from stop where tenant_id = $1 and id = any (sqlc.arg(ids)::uuid[]);

-- name: SpendByCentre :many
select r.programme_id, r.cost_centre, r.currency, count(*) as rides, sum(r.fare)::bigint as fare, sum(r.subsidy)::bigint as subsidy,
  coalesce(sum(r.subsidy) filter (where r.state = 'reserved'), 0)::bigint as reserved
from programme_ride r join unit n on n.tenant_id = r.tenant_id and n.id = r.unit_id
where r.tenant_id = sqlc.arg(tenant_id) and r.organisation_id = sqlc.arg(organisation_id) and r.month = sqlc.arg(month)::date
  and n.above && sqlc.arg(within)::uuid[] and r.state <> 'released'
group by r.programme_id, r.cost_centre, r.currency order by sum(r.subsidy) desc, r.cost_centre limit 1000;

-- name: SpendByMonth :many
select r.month, r.currency, count(*) as rides, sum(r.subsidy)::bigint as subsidy
from programme_ride r join unit n on n.tenant_id = r.tenant_id and n.id = r.unit_id
where r.tenant_id = sqlc.arg(tenant_id) and r.organisation_id = sqlc.arg(organisation_id) and r.month > sqlc.arg(month)::date - 366
  and r.month <= sqlc.arg(month)::date and n.above && sqlc.arg(within)::uuid[] and r.state <> 'released'
group by r.month, r.currency order by r.month desc limit 60;

-- name: SpendRides :many
select r.service_date, r.booking_id, r.programme_id, p.name as programme, r.membership_id, m.name as member, m.number, r.line_name, r.from_name, r.to_name,
  r.fare, r.subsidy, r.currency, r.cost_centre, r.state
from programme_ride r
join programme p on p.tenant_id = r.tenant_id and p.id = r.programme_id
join membership m on m.tenant_id = r.tenant_id and m.id = r.membership_id
join unit n on n.tenant_id = r.tenant_id and n.id = r.unit_id
where r.tenant_id = sqlc.arg(tenant_id) and r.organisation_id = sqlc.arg(organisation_id) and r.month = sqlc.arg(month)::date
  and n.above && sqlc.arg(within)::uuid[] and r.state <> 'released'
  and (r.service_date, r.booking_id) > (sqlc.arg(after_date)::date, sqlc.arg(after)::uuid)
order by r.service_date, r.booking_id limit sqlc.arg(max_rows);

-- name: AlertsOf :many
select a.programme_id, a.month, a.threshold, a.spent, a.budget, a.at, a.told_at
from programme_alert a join programme p on p.tenant_id = a.tenant_id and p.id = a.programme_id
join unit n on n.tenant_id = p.tenant_id and n.id = p.unit_id
where a.tenant_id = sqlc.arg(tenant_id) and p.organisation_id = sqlc.arg(organisation_id) and a.month = sqlc.arg(month)::date and n.above && sqlc.arg(within)::uuid[]
order by a.at limit 600;

-- name: AlertsOfAll :many
-- The highest threshold that each programme has reached in a month, of all organisations: the newest first.
select a.programme_id, p.name as programme, o.id as organisation_id, o.name as organisation, p.currency, a.month, a.threshold, a.spent, a.budget, a.at, a.told_at
from programme_alert a join programme p on p.tenant_id = a.tenant_id and p.id = a.programme_id
join organisation o on o.tenant_id = p.tenant_id and o.id = p.organisation_id
where a.tenant_id = sqlc.arg(tenant_id) and (a.at, a.programme_id) < (sqlc.arg(before)::timestamptz, sqlc.arg(before_id)::uuid)
  and not exists (select from programme_alert h where h.tenant_id = a.tenant_id and h.programme_id = a.programme_id and h.month = a.month and h.threshold > a.threshold)
order by a.at desc, a.programme_id desc limit sqlc.arg(max_rows);

-- name: AlertsTold :execrows
update programme_alert set told_at = clock_timestamp()
where tenant_id = sqlc.arg(tenant_id) and programme_id = sqlc.arg(programme_id) and month = sqlc.arg(month)::date and threshold <= sqlc.arg(threshold) and told_at is null;

-- name: BudgetsOf :many
-- What programmes have granted of their month's budget, to everybody.
select u.programme_id, u.used from programme_use u
where u.tenant_id = sqlc.arg(tenant_id) and u.programme_id = any (sqlc.arg(programmes)::uuid[]) and u.month = sqlc.arg(month)::date
  and u.employee_id = '00000000-0000-0000-0000-000000000000';

-- name: CurrencySold :one
-- Whether the operator keeps its books or asks fares in a currency.
select (exists (select from tenant t where t.id = sqlc.arg(tenant_id) and t.currency = sqlc.arg(currency)::text)
  or exists (select from fare f where f.tenant_id = sqlc.arg(tenant_id) and f.currency = sqlc.arg(currency)::text))::boolean as sold;

-- name: OrganisationWaitsIn :one
-- Whether something of an organisation is in another currency and not billed: rides, seats that were promised, programmes that go on.
select (exists (select from usage_record u where u.tenant_id = sqlc.arg(tenant_id) and u.organisation_id = sqlc.arg(organisation_id) and u.invoice_id is null and u.currency <> sqlc.arg(currency)::text)
  or exists (select from programme_ride r where r.tenant_id = sqlc.arg(tenant_id) and r.organisation_id = sqlc.arg(organisation_id) and r.state = 'reserved' and r.currency <> sqlc.arg(currency)::text)
  or exists (select from programme p where p.tenant_id = sqlc.arg(tenant_id) and p.organisation_id = sqlc.arg(organisation_id) and p.active and p.currency <> sqlc.arg(currency)::text))::boolean as waits;
