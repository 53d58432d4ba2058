package billing

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/reconcile"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Corrections is how finance corrects what a finding says: one person prepares a journal, another approves it, and only then is it written.
type Corrections struct {
	db  *store.DB
	now func() time.Time
}

// NewCorrections makes it.
func NewCorrections(db *store.DB) *Corrections { return &Corrections{db, time.Now} }

// States of corrections.
const (
	CorrectionDraft     = "draft"
	CorrectionApproved  = "approved"
	CorrectionDiscarded = "discarded"
)

// movable is the kinds of accounts that a correction may touch. The others have verbs of their own: what organisations owe is credited or
// matched, a shift is counted, a pass is given back, taxes are what invoices say.
var movable = []string{"clearing", "bank", "transit", "dispute", "deferred", "suspense", "revenue", "fees", "loss", "difference", "wallet", "payable", "recovery"}

// fresh is the accounts that a correction may be the first to use: any other must be there, so that a name that somebody mistyped opens nothing.
var fresh = []string{"fees:bank", "loss:correction", "difference"}

// correctionKind is the kind of the journal of a correction that answers to something; "" of what nothing answers to.
func correctionKind(answers string) string {
	switch reconcile.What(answers) {
	case "":
		return "correction"
	case reconcile.Charge:
		return "correction_charge"
	case reconcile.Refund:
		return "correction_refund"
	case reconcile.Dispute:
		return "correction_dispute"
	case reconcile.DisputeWon:
		return "correction_dispute_won"
	case reconcile.Payout:
		return "correction_payout"
	case reconcile.Fee:
		return "correction_fee"
	}
	return ""
}

// Prepare drafts a correction of a finding. Nothing is written to the books yet.
func (c *Corrections) Prepare(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, x store.Correction) (id uuid.UUID, err error) {
	x.ID, x.MadeBy, x.Reason = ident.New(), by, strings.TrimSpace(x.Reason)
	if x.Reason == "" || len(x.Reason) > longestReason || !utf8.ValidString(x.Reason) || strings.ContainsRune(x.Reason, 0) {
		return id, fault.New("reason_required").At("/reason")
	}
	if correctionKind(x.Answers) == "" {
		return id, fault.New("bad_value").At("/answers")
	}
	err = c.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) {
			f, err := tx.Finding(ctx, x.Finding)
			switch {
			case store.IsNotFound(err):
				return nil, fault.New("not_found")
			case err != nil:
				return nil, err
			case f.State == store.FindingResolved:
				return nil, fault.New("finding_over").At("/finding")
			}
			x.Subject = f.Subject
			if _, err := c.entered(ctx, tx, x); err != nil {
				return nil, err
			}
			if err := tx.AddCorrection(ctx, x); err != nil {
				return nil, err
			}
			return x.ID, tx.Audit(store.Audit{Actor: by, Action: "correction.prepare", Target: "correction/" + x.ID.String(), Detail: map[string]any{"finding": x.Finding, "subject": f.Subject, "reason": x.Reason}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &id)
	})
	return id, err
}

// entered is what a correction means for the books, or why it cannot be written.
func (c *Corrections) entered(ctx context.Context, tx *store.Tx, x store.Correction) (ledger.Journal, error) {
	j := ledger.Post("correction:"+x.ID.String(), correctionKind(x.Answers)).About(strings.TrimSuffix(x.Subject, ":fee")).Because(x.Reason)
	currency, err := ledger.ParseCurrency(x.Currency)
	if err != nil {
		return j, fault.As(err).At("/currency")
	}
	if len(x.Entries) < 2 || len(x.Entries) > 20 {
		return j, fault.New("correction_unbalanced").At("/entries")
	}
	sum, seen := int64(0), map[string]bool{}
	for _, e := range x.Entries {
		m := ledger.Of(e.Amount, currency)
		if err := m.Check(); err != nil {
			return j, err
		}
		a, err := movableAccount(ctx, tx, e.Account, currency)
		if err != nil {
			return j, err
		}
		if seen[a.Code()] {
			return j, fault.New("correction_unbalanced").At("/entries")
		}
		seen[a.Code()] = true
		if e.Debit {
			sum += e.Amount
			j.Entries = append(j.Entries, ledger.Debit(a, m))
		} else {
			sum -= e.Amount
			j.Entries = append(j.Entries, ledger.Credit(a, m))
		}
	}
	if sum != 0 {
		return j, fault.New("correction_unbalanced").At("/entries")
	}
	if x.Happened.IsZero() {
		return j, nil
	}
	return c.dated(ctx, tx, j, x.Happened)
}

// movableAccount is one that a correction may touch: of a kind for it, and there already.
func movableAccount(ctx context.Context, tx *store.Tx, code string, currency ledger.Currency) (ledger.Account, error) {
	a, err := ledger.Parse(code, currency)
	if err != nil {
		return a, fault.New("account_not_found").At("/entries")
	}
	if !slices.Contains(movable, a.Kind()) {
		return a, fault.New("correction_account").At("/entries")
	}
	if slices.Contains(fresh, code) {
		return a, nil
	}
	known, err := tx.AccountKnown(ctx, a)
	if err == nil && !known {
		err = fault.New("account_not_found").At("/entries")
	}
	return a, err
}

// dated says when it happened: in an open period, and not later than today where the operator is.
func (c *Corrections) dated(ctx context.Context, tx *store.Tx, j ledger.Journal, day servicedate.Date) (ledger.Journal, error) {
	row, err := tx.TenantRow(ctx)
	if err != nil {
		return j, err
	}
	zone, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		return j, err
	}
	locked, err := tx.LockedUntil(ctx)
	if err != nil {
		return j, err
	}
	at := day.At(12*3600, zone)
	switch {
	case day > servicedate.On(c.now(), zone):
		return j, fault.New("bad_date").At("/happened")
	case at.Before(locked):
		return j, fault.New("period_locked").At("/happened")
	case at.Before(c.now()):
		j = j.On(at)
	}
	return j, nil
}

// List is a page of corrections in a state, or ("") in any, newest first.
func (c *Corrections) List(ctx context.Context, t tenant.ID, state string, before uuid.UUID, limit int) ([]store.Correction, error) {
	return c.db.Read(t).Corrections(ctx, state, before, limit)
}

// Correction is one.
func (c *Corrections) Correction(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Correction, error) {
	x, err := c.db.Read(t).Correction(ctx, id)
	if store.IsNotFound(err) {
		return x, fault.New("not_found")
	}
	return x, err
}
