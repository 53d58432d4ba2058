package main

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/store"
)

// openAdvice has this node ring experts for those who wait.
func (n *node) openAdvice(talks session.Config) {
	n.match = matching.New(matching.Config{DB: n.db, Logger: n.log, Funds: setAside{n.db, n.payments}, Means: setAside{n.db, n.payments}, Tell: n.showWait, Files: talks.Files, FileKey: talks.FileKey})
	n.behind = append(n.behind, part{"matching", n.match.Run})
}

// measureAdvice shows matching's numbers.
func (n *node) measureAdvice(m *telemetry.Metrics) {
	stat := func(of func(matching.Stats) float64) func() float64 {
		return func() float64 { return of(n.match.Stats()) }
	}
	m.Gauge("waymeet_matching_owned_queues", "Queues that this node makes the offers of.", stat(func(s matching.Stats) float64 { return float64(s.Queues) }))
	m.Histogram("waymeet_matching_decisions_seconds", "What a decision about one request took, without PostgreSQL.",
		func() (uint64, time.Duration, map[time.Duration]uint64) {
			d := n.match.Stats().Decisions
			return d.Count, d.Sum, d.Classes
		})
	m.Counter("waymeet_matching_rings_total", "Offers that this node made.", stat(func(s matching.Stats) float64 { return float64(s.Rung) }))
	ended := map[string]func() float64{}
	for end := range n.match.Stats().Ended {
		ended[end] = stat(func(s matching.Stats) float64 { return float64(s.Ended[end]) })
	}
	m.Counters("waymeet_matching_offers_total", "Offers that were decided on this node, by what became of them.", "end", ended)
	m.Counter("waymeet_matching_wait_shown_total", "Waits that ended in service and that somebody had been shown a range of.", stat(func(s matching.Stats) float64 { return float64(s.Shown) }))
	m.Counter("waymeet_matching_wait_inside_total", "Those that fell inside the range that was shown first: four of five should.", stat(func(s matching.Stats) float64 { return float64(s.Inside) }))
}

// setAside is billing as matching asks it: what a client agreed to, if money stands for it and nobody has taken it.
type setAside struct {
	db       *store.DB
	payments *billing.Payments
}

func (a setAside) Funded(ctx context.Context, by matching.By, reference string) (ceiling ledger.Money, funded bool, err error) {
	id, named := store.FundsOf(reference)
	if !named {
		return ceiling, false, nil
	}
	m, err := a.db.Read(by.Tenant).Metered(ctx, id)
	if store.IsNotFound(err) {
		return ceiling, false, nil
	}
	if err != nil || m.Client != by.User || m.Ended || m.Expert != uuid.Nil {
		return ceiling, false, err
	}
	f, err := a.payments.Funds(ctx, by.Tenant, id)
	return m.Terms.Price, f.Authorised.Amount > 0, err
}

func (a setAside) May(ctx context.Context, by matching.By, amount ledger.Money, method uuid.UUID, at time.Time) error {
	return a.payments.MayHold(ctx, by.Tenant, by.User, amount, method, at)
}

func (a setAside) SetAside(ctx context.Context, by matching.By, claim idem.Claim, terms advice.Terms, minutes int, method uuid.UUID) error {
	_, err := a.payments.AuthoriseAway(ctx, by.Tenant, claim, matching.FundsOf(claim), by.User, terms, minutes, method)
	return err
}

// attend keeps who gives advice reachable for as long as they have a socket.
func (n *node) attend(a policy.Actor, conn uuid.UUID, here bool) {
	gives := slices.ContainsFunc(a.Grants, func(g policy.Grant) bool { return g.Permission == policy.AdviceGivePermission })
	by := matching.By{Tenant: a.Tenant, User: a.User}
	switch {
	case !here: // whatever they may do by now
		n.match.Went(by, conn)
	case gives:
		n.match.Came(by, conn)
	}
}

// showWait shows somebody who waits where they are.
func (n *node) showWait(t tenant.ID, request uuid.UUID, w matching.Wait) {
	if err := n.hub.Tell(t.UUID(), "request:"+request.String(), "wait", "wait", w); err != nil {
		n.log.Error("a wait is not shown", "error", err)
	}
}
