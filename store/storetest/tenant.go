package storetest

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
)

// Tenant is an operator with one user for each built-in role, and a second rider. All its
// texts hold its Canary, so that a leak into the other tenant's world can be seen.
type Tenant struct {
	ID     tenant.ID
	Slug   string
	Canary string
	Rider  uuid.UUID
	Rider2 uuid.UUID
	Users  map[string]uuid.UUID // by the name of the built-in role: "rider", "driver", …
}

// Actor is a user of the tenant with what the built-in role of that name grants.
func (t Tenant) Actor(role string) policy.Actor {
	a := policy.Actor{Tenant: t.ID, User: t.Users[role], Session: ident.New()}
	for _, r := range policy.BuiltIn() {
		if r.Name != role {
			continue
		}
		for _, p := range r.Permissions {
			a.Grants = append(a.Grants, policy.Grant{Permission: p})
		}
	}
	return a
}

// tenant is made in one round trip: every test makes two, with all their users.
func (d *DB) tenant(t testing.TB, slug, zone, currency string) Tenant {
	t.Helper()
	x := Tenant{ID: tenant.ID(ident.New()), Slug: slug, Canary: "canary-" + slug + "-" + ident.Token(6), Users: map[string]uuid.UUID{}}
	b := &pgx.Batch{}
	b.Queue(`insert into tenant (id, slug, name, time_zone, currency, locale, settings) values ($1, $2, $3, $4, $5, 'en',
		'{"booking":{"board_ahead_s":2678400}}')`,
		x.ID.UUID(), slug, "Operator "+x.Canary, zone, currency)
	for _, r := range policy.BuiltIn() {
		role := ident.New()
		permissions := make([]string, len(r.Permissions))
		for i, p := range r.Permissions {
			permissions[i] = string(p)
		}
		b.Queue(`insert into role (tenant_id, id, name, permissions, built_in) values ($1, $2, $3, $4, true)`,
			x.ID.UUID(), role, r.Name, permissions)
		x.Users[r.Name] = user(b, x, r.Name, role)
		if r.Name == "rider" {
			x.Rider, x.Rider2 = x.Users[r.Name], user(b, x, "rider2", role)
		}
	}
	b.Queue(`delete from outbox where tenant_id = $1`, x.ID.UUID()) // that they were given roles is nobody's news
	if err := d.past.SendBatch(context.Background(), b).Close(); err != nil {
		t.Fatalf("storetest: %v", err)
	}
	return x
}

func user(b *pgx.Batch, x Tenant, name string, role uuid.UUID) uuid.UUID {
	id := ident.New()
	b.Queue(`insert into app_user (tenant_id, id, email, name) values ($1, $2, lower($3), $4)`,
		x.ID.UUID(), id, name+"@"+x.Canary+".example", name+" "+x.Canary)
	b.Queue(`insert into user_role (tenant_id, user_id, role_id) values ($1, $2, $3)`, x.ID.UUID(), id, role)
	return id
}
