package storetest

import (
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
)

// Employer is an organisation of a tenant with one programme, which pays half of every fare, without limits.
type Employer struct {
	Tenant       Tenant
	Organisation uuid.UUID // its root unit has the same id
	Programme    uuid.UUID
	Currency     string
}

// Employer makes one, past row level security. Its name holds the tenant's canary.
func (d *DB) Employer(t testing.TB, x Tenant, name string) Employer {
	t.Helper()
	e := Employer{Tenant: x, Organisation: ident.New(), Programme: ident.New(), Currency: "MAD"}
	d.Exec(t, `insert into organisation (tenant_id, id, name, legal_name, address, country, email, currency, time_zone, locale, terms, po_number)
		values ($1, $2, $3, $3, '{"1, rue du Port","Casablanca"}', 'MA', 'billing@example.org', 'MAD', 'Africa/Casablanca', 'fr', 'net_30', '')`,
		x.ID.UUID(), e.Organisation, name+" "+x.Canary)
	d.Exec(t, `insert into unit (tenant_id, id, organisation_id, above, name) values ($1, $2, $2, array[$2::uuid], $3)`, x.ID.UUID(), e.Organisation, name+" "+x.Canary)
	d.Exec(t, `insert into programme (tenant_id, id, organisation_id, unit_id, name, currency, percent, fixed, lines, stops, weekdays, hours_from, hours_until,
			time_zone, no_show, cost_centre, valid_from)
		values ($1, $2, $3, $3, $4, 'MAD', 50, 0, '{}', '{}', 0, 0, 0, 'Africa/Casablanca', 'as_booked', '', '2020-01-01')`,
		x.ID.UUID(), e.Programme, e.Organisation, "Programme "+x.Canary)
	return e
}

// Unit adds a unit under another one of the employer's.
func (d *DB) Unit(t testing.TB, e Employer, parent uuid.UUID, name string) uuid.UUID {
	t.Helper()
	id := ident.New()
	d.Exec(t, `insert into unit (tenant_id, id, organisation_id, parent_id, above, name)
		select tenant_id, $2, organisation_id, id, above || $2::uuid, $4 from unit where tenant_id = $1 and id = $3`, e.Tenant.ID.UUID(), id, parent, name)
	return id
}

// Member lets a user belong to a unit since 2020, with the cost centre CC-1.
func (d *DB) Member(t testing.TB, e Employer, unit, user uuid.UUID) uuid.UUID {
	t.Helper()
	id := ident.New()
	d.Exec(t, `insert into membership (tenant_id, id, organisation_id, unit_id, user_id, number, name, email, phone, joined)
		select $1, $2, $3, $4, u.id, '', u.name, u.email, '', '2020-01-01' from app_user u where u.tenant_id = $1 and u.id = $5`,
		e.Tenant.ID.UUID(), id, e.Organisation, unit, user)
	d.Exec(t, `insert into membership_posting (tenant_id, membership_id, from_date, cost_centre) values ($1, $2, '2020-01-01', 'CC-1')`, e.Tenant.ID.UUID(), id)
	return id
}

// Manager makes a user of the tenant who manages a unit and everything under it, and can do nothing else.
func (d *DB) Manager(t testing.TB, e Employer, unit uuid.UUID, name string) uuid.UUID {
	t.Helper()
	id := ident.New()
	x := e.Tenant
	d.Exec(t, `insert into app_user (tenant_id, id, email, name, password_hash)
		select $1, $2, lower($3), $4, (select max(password_hash) from app_user where tenant_id = $1)`, x.ID.UUID(), id, name+"@"+x.Canary+".example", name+" "+x.Canary)
	d.Exec(t, `insert into user_role (tenant_id, user_id, role_id, scope, scope_id)
		select $1, $2, id, 'unit', $3 from role where tenant_id = $1 and name = 'manager'`, x.ID.UUID(), id, unit)
	return id
}
