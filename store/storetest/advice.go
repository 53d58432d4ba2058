package storetest

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
)

// Advice is a queue of a tenant with experts who can all be rung: available, connected for an hour, one slot, 5.00 a minute.
type Advice struct {
	Tenant  Tenant
	Skill   uuid.UUID
	Queue   uuid.UUID
	Experts []uuid.UUID
	Clients []uuid.UUID
}

// Advice makes one, past row level security. Rings last ten minutes: what is to be due is made due by the test.
func (d *DB) Advice(t testing.TB, x Tenant, experts, clients int) Advice {
	t.Helper()
	a := Advice{Tenant: x, Skill: ident.New(), Queue: ident.New()}
	id := x.ID.UUID()
	d.Exec(t, `insert into skill (tenant_id, id, n, name) values ($1, $2, 1, $3)`, id, a.Skill, "Skill "+x.Canary)
	d.Exec(t, `insert into queue (tenant_id, id, name, ring_s, push_ring_s, time_zone, most) values ($1, $2, $3, 300, 600, 'UTC', 10000)`, id, a.Queue, "Queue "+x.Canary)
	a.Experts, a.Clients = d.MoreExperts(t, x, experts), d.people(t, x, "client", clients)
	d.Exec(t, `insert into expert_skill (tenant_id, expert_id, skill_id, level) select $1, u.id, $3, 3 from unnest($2::uuid[]) as u (id)`, id, a.Experts, a.Skill)
	return a
}

// MoreExperts is experts who can be rung and have no skills.
func (d *DB) MoreExperts(t testing.TB, x Tenant, n int) []uuid.UUID {
	t.Helper()
	ids := d.people(t, x, "expert", n)
	d.Exec(t, `insert into expert (tenant_id, id, state, intent, price, currency, time_zone)
		select $1, u.id, 'approved', 'available', 500, 'MAD', 'UTC' from unnest($2::uuid[]) as u (id)`, x.ID.UUID(), ids)
	d.Exec(t, `insert into expert_presence (tenant_id, expert_id, node, until)
		select $1, u.id, gen_random_uuid(), clock_timestamp() + interval '1 hour' from unnest($2::uuid[]) as u (id)`, x.ID.UUID(), ids)
	return ids
}

// people are users without roles, made in one statement.
func (d *DB) people(t testing.TB, x Tenant, kind string, n int) []uuid.UUID {
	t.Helper()
	ids, emails := make([]uuid.UUID, n), make([]string, n)
	for i := range n {
		ids[i] = ident.New()
		emails[i] = fmt.Sprintf("%s%d-%s@%s.example", kind, i, ident.Token(4), x.Canary)
	}
	d.Exec(t, `insert into app_user (tenant_id, id, email, name) select $1, u.id, lower(u.email), u.email from unnest($2::uuid[], $3::text[]) as u (id, email)`,
		x.ID.UUID(), ids, emails)
	return ids
}
