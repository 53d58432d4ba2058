package bench

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
)

// Practice is experts who can all be rung, and queues that ask for one of them.
type Practice struct {
	Skill   uuid.UUID
	Queues  []uuid.UUID
	Experts []uuid.UUID
}

// Practice makes n experts who take one call at a time, at prices of their own, and some queues. The experts are there as if their
// sockets were.
func (s *Stage) Practice(ctx context.Context, n, queues int) (p Practice, err error) {
	experts, err := s.Users(ctx, "expert", n)
	if err == nil {
		p, err = s.PracticeOf(ctx, experts, queues)
	}
	if err == nil {
		err = s.exec(ctx, `insert into expert_presence (tenant_id, expert_id, node, until) select $1, id, $3, '2100-01-01' from unnest($2::uuid[]) u (id)`, s.Tenant.UUID(), experts, ident.New())
	}
	return p, err
}

// PracticeOf makes experts of users, who can be rung once their sockets are there.
func (s *Stage) PracticeOf(ctx context.Context, experts []uuid.UUID, queues int) (p Practice, err error) {
	t := s.Tenant.UUID()
	p.Skill, p.Experts = ident.New(), experts
	for range queues {
		p.Queues = append(p.Queues, ident.New())
	}
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{`insert into skill (tenant_id, id, n, name) values ($1, $2, 1, 'Skill')`, []any{t, p.Skill}},
		{`insert into queue (tenant_id, id, name, time_zone, most) select $1, id, 'Queue ' || n, 'UTC', 1000 from unnest($2::uuid[]) with ordinality u (id, n)`, []any{t, p.Queues}},
		{`insert into expert (tenant_id, id, state, intent, price, currency, slots, time_zone)
			select $1, id, 'approved', 'available', 400 + n % 97, 'KES', 1, 'UTC' from unnest($2::uuid[]) with ordinality u (id, n)`, []any{t, p.Experts}},
		{`insert into expert_skill (tenant_id, expert_id, skill_id, level)
			select $1, id, $3, 2 + n % 4 from unnest($2::uuid[]) with ordinality u (id, n)`, []any{t, p.Experts, p.Skill}},
	} {
		if err := s.exec(ctx, q.sql, q.args...); err != nil {
			return p, err
		}
	}
	return p, nil
}

// Present is how many experts can be reached.
func (s *Stage) Present(ctx context.Context) (n int, err error) {
	if err = s.super.QueryRow(ctx, `select count(*) from expert_presence where tenant_id = $1 and until > clock_timestamp()`, s.Tenant.UUID()).Scan(&n); err != nil {
		err = fmt.Errorf("bench: count who is there: %w", err)
	}
	return n, err
}

// Rung is an offer that an expert has not answered.
type Rung struct{ Offer, Request, Expert uuid.UUID }

// DoubleAssigned is how many requests were taken by two experts, and slots by two requests, that were asked for again by counting.
func (s *Stage) DoubleAssigned(ctx context.Context) (assigned, double int, err error) {
	err = s.super.QueryRow(ctx, `select count(*) filter (where accepted),
		count(*) filter (where accepted) - count(distinct request_id) filter (where accepted)
			+ count(*) filter (where state = 'accepted') - count(distinct (expert_id, slot)) filter (where state = 'accepted') from offer`).Scan(&assigned, &double)
	if err != nil {
		err = fmt.Errorf("bench: count what was assigned: %w", err)
	}
	return assigned, double, err
}
