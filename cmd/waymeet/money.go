package main

import (
	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/cash"
	"github.com/waymeet/waymeet/billing/gateway/redirect"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/hook"
)

// openers is every gateway that this binary speaks. stripeURL is where Stripe's test keys go, if not to Stripe.
func openers(stripeURL string) gateway.Openers {
	return gateway.Openers{stripe.New(stripe.Config{URL: stripeURL}), redirect.New(0), cash.Adapter{}}
}

// openMoney builds what takes and gives money.
func (n *node) openMoney(box *seal.Box) error {
	kms, err := keyring(box, n.cfg.credentialKeys.reveal())
	if err != nil {
		return err
	}
	n.accounts = billing.NewAccounts(n.db, kms, openers(n.cfg.stripeURL))
	n.inbox = billing.NewInbox(n.db, n.accounts, box, n.log)
	n.inbox.ServedAt(n.cfg.publicURL + hook.Prefix)
	n.behind = append(n.behind, part{"billing", billing.New(billing.Config{DB: n.db, Logger: n.log}).Run}) // holds whose time is over
	n.cash = billing.NewCash(n.db)
	n.payments = billing.NewPayments(n.db, n.accounts, n.inbox, n.log)
	n.waiting = &waiting{ask: n.db.System().Waiting}
	n.finance, n.corrections = billing.NewFinance(n.db), billing.NewCorrections(n.db)
	n.reconciler = billing.NewReconciler(billing.ReconcilerConfig{DB: n.db, Accounts: n.accounts, Inbox: n.inbox, Payments: n.payments, Logger: n.log})
	return nil
}

func (n *node) measureMoney(m *telemetry.Metrics) {
	count := func(of func(billing.InboxCounts) int64) func() float64 {
		return func() float64 { return float64(of(n.inbox.Counts())) }
	}
	m.Counters("waymeet_webhooks_total", "What gateways told, by what became of it.", "result", map[string]func() float64{
		"received": count(func(c billing.InboxCounts) int64 { return c.Received }),
		"repeated": count(func(c billing.InboxCounts) int64 { return c.Repeated }),
		"refused":  count(func(c billing.InboxCounts) int64 { return c.Refused }),
	})
	m.Counter("waymeet_reconcile_missed_events_total", "Events that the reconciler found and no webhook had brought.", func() float64 { return float64(n.reconciler.Counts().Missed) })
	m.Counter("waymeet_findings_total", "Findings that were opened.", func() float64 { return float64(n.reconciler.Counts().Opened) })
	for severity, read := range map[store.Severity]string{store.Notice: "notice", store.Warning: "warning", store.Serious: "serious"} {
		m.Gauge("waymeet_findings_open_"+read, "Findings of this severity that nobody has explained, of all tenants; -1: not known.",
			func() float64 { return n.waiting.count(func(w store.Waiting) int { return w.Findings[severity] }) })
	}
	m.Gauge("waymeet_webhook_events_dead", "Events that wait for people, of all tenants; -1: not known.",
		func() float64 { return n.waiting.count(func(w store.Waiting) int { return w.DeadEvents }) })
	m.Counters("waymeet_webhook_events_total", "Events that were applied, by how it went.", "result", map[string]func() float64{
		"applied": count(func(c billing.InboxCounts) int64 { return c.Applied }),
		"failed":  count(func(c billing.InboxCounts) int64 { return c.Failed }),
		"dead":    count(func(c billing.InboxCounts) int64 { return c.Dead }),
	})
}
