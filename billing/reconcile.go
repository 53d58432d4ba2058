package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// Reconciler asks gateways what we may have missed, and compares what they moved with what is booked.
//
//	events that no webhook brought ──▶ Inbox, as if they had been received
//	payments that should be over   ──▶ looked up, carried again ──▶ still not over: a finding
//	movements, day by day          ──▶ kept, their fees booked ──▶ Match ──▶ differences: findings
//	the ledger, once a day         ──▶ derived from its entries  ──▶ a difference: a finding
//
// It mends nothing that a person has to judge: a finding stays until its check passes again or somebody explains it. Every part goes on
// where it was left (reconciliation in the schema), and may run twice, at once: what it keeps has keys.
type Reconciler struct {
	db       *store.DB
	accounts *Accounts
	inbox    *Inbox
	payments *Payments
	log      *slog.Logger
	now      func() time.Time

	missed, opened atomic.Int64
}

// ReconcilerConfig is what it is given.
type ReconcilerConfig struct {
	DB       *store.DB
	Accounts *Accounts
	Inbox    *Inbox
	Payments *Payments
	Logger   *slog.Logger
	Now      func() time.Time // nil: time.Now
}

// NewReconciler makes it.
func NewReconciler(c ReconcilerConfig) *Reconciler {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Reconciler{db: c.DB, accounts: c.Accounts, inbox: c.Inbox, payments: c.Payments, log: c.Logger, now: c.Now}
}

const (
	// settled is how old what a gateway says must be before we wonder why we were not told: webhooks need a moment.
	settled = 10 * time.Minute
	// overlap is read again each time: lists of the last minutes may be incomplete, and clocks differ.
	overlap = time.Hour
	// window bounds what one question to a gateway covers, so that a long absence is read in pieces.
	window = 24 * time.Hour
	// matchAfter is how long after its end a day is compared, and how old the last thing about a payment must be.
	matchAfter = time.Hour
	// stuckAfter is how long a payment may be late.
	stuckAfter = 15 * time.Minute
	// listed is a page of a gateway's lists; mostPages bounds one window.
	listed, mostPages = 100, 2000
)

// Due is every gateway account in use, of whichever tenant.
func (r *Reconciler) Due(ctx context.Context) ([]store.AccountOf, error) {
	return r.db.System().AccountsToReconcile(ctx)
}

// Account brings everything about one gateway account up to date. One part that fails leaves the others alone.
func (r *Reconciler) Account(ctx context.Context, t tenant.ID, account uuid.UUID) error {
	g, err := r.accounts.Open(ctx, t, account)
	if err != nil {
		return err
	}
	var failed []error
	note := func(part string, err error) {
		if err != nil {
			failed = append(failed, fmt.Errorf("billing: reconcile %s of account %s: %w", part, account, err))
		}
	}
	if g.Profile().Can(gateway.EventList) {
		note("events", r.events(ctx, t, g, account))
	}
	note("payments", r.stuck(ctx, t, g, account))
	if g.Profile().Can(gateway.EventList) {
		note("movements", r.movements(ctx, t, g, account))
		note("days", r.days(ctx, t, g, account))
	}
	return errors.Join(failed...)
}

// ReconcilerCounts is what it came upon on this node since it started.
type ReconcilerCounts struct {
	Missed int64 // events that no webhook had brought
	Opened int64 // findings, new ones
}

// Counts is read by metrics.
func (r *Reconciler) Counts() ReconcilerCounts {
	return ReconcilerCounts{r.missed.Load(), r.opened.Load()}
}

// find notes a finding in a transaction of its own.
func (r *Reconciler) find(ctx context.Context, t tenant.ID, kind, subject string, severity store.Severity, detail any) error {
	raw, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("billing: detail of finding %s about %s: %w", kind, subject, err)
	}
	var f store.Finding
	err = r.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		f, err = tx.SeeFinding(ctx, store.Finding{Kind: kind, Subject: subject, Severity: severity, Detail: raw})
		return err
	})
	if err == nil && f.Times == 1 {
		r.opened.Add(1)
		r.log.WarnContext(ctx, "billing: a finding", "finding", f.ID, "kind", kind, "about", subject, "severity", string(severity))
	}
	return err
}

// passed resolves findings whose check passes again.
func (r *Reconciler) passed(ctx context.Context, t tenant.ID, subject string, kinds ...string) error {
	return r.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, err := tx.PassFinding(ctx, subject, PassedAgain, kinds...)
		return err
	})
}

// PassedAgain is the reason of a finding that its check has resolved.
const PassedAgain = "the check passes again"

// Kinds of findings beside the differences of package reconcile.
const (
	FindingMissed        = "events_missed"         // events came that no webhook had brought
	FindingStuck         = "payment_stuck"         // a payment, or something asked about it, that is not over when it should be
	FindingContradiction = "payment_contradiction" // the gateway's object cannot be what is known of the payment
	FindingReturned      = "refund_returned"       // a payer's bank sent a refund back; their wallet has it
	FindingRefused       = "refund_refused"        // a gateway will not give money back; their wallet has it, or somebody decides again
	FindingPassEnded     = "pass_ended"            // money of a pass went back without anybody here: it ended, and what was left of it is in the wallet
	FindingShort         = "session_short"         // a session is over, and a bank let go of what was to pay it
	FindingLedger        = "ledger_difference"     // the ledger is not what its entries make
)
