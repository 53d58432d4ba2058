package billing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// stuckAtOnce bounds one run; what is found first is what waits longest among the ids.
const stuckAtOnce = 200

// stuck looks at what should be over. What the look does not bring to an end is a finding.
func (r *Reconciler) stuck(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID) error {
	before := r.now().Add(-stuckAfter)
	late, err := r.db.Read(t).StuckPayments(ctx, account, before, stuckAtOnce)
	if err != nil {
		return err
	}
	for _, id := range late {
		if err := r.revisit(ctx, t, g, id, before); err != nil {
			return err
		}
	}
	// What was found stuck and is not any more.
	subjects, err := r.db.Read(t).FindingSubjects(ctx, uuid.Nil, stuckAtOnce, FindingStuck, FindingContradiction)
	if err != nil {
		return err
	}
	for _, s := range subjects {
		id, err := uuid.Parse(strings.TrimPrefix(s, "payment/"))
		if err != nil || slices.Contains(late, id) {
			continue
		}
		if pay, err := r.db.Read(t).Payment(ctx, id); err != nil || pay.Account != account {
			continue // another account's, which is asked when its turn comes
		}
		if err := r.revisit(ctx, t, g, id, before); err != nil {
			return err
		}
	}
	return nil
}

// revisit looks a payment up, has carried what waits, and says what is still wrong.
func (r *Reconciler) revisit(ctx context.Context, t tenant.ID, g gateway.Gateway, id uuid.UUID, before time.Time) error {
	pay, err := r.db.Read(t).Payment(ctx, id)
	if err != nil {
		return err
	}
	if pay.Ref != "" && g.Profile().Can(gateway.StatusQuery) {
		switch err := r.payments.look(ctx, t, g, pay.Account, pay.Ref); {
		case errors.Is(err, payment.ErrContradiction):
			return nil // found where it was drawn
		case errors.As(err, new(*gateway.NotFound)):
		case err != nil:
			return err
		}
	}
	ops, err := r.db.Read(t).Operations(ctx, id)
	if err != nil {
		return err
	}
	for _, o := range ops {
		if overdue(o, pay, before) {
			if err := r.payments.CarryNow(ctx, t, id, o.Op, o.N); err != nil {
				r.log.WarnContext(ctx, "billing: a stuck operation could not be carried", "payment", id, "op", o.Op, "cause", err)
			}
		}
	}
	return r.stillStuck(ctx, t, id, before)
}

// stillStuck says so, or that it is over.
func (r *Reconciler) stillStuck(ctx context.Context, t tenant.ID, id uuid.UUID, before time.Time) error {
	subject := "payment/" + id.String()
	pay, err := r.db.Read(t).Payment(ctx, id)
	if err != nil {
		return err
	}
	ops, err := r.db.Read(t).Operations(ctx, id)
	if err != nil {
		return err
	}
	type waits struct {
		Op      string `json:"op"`
		N       int    `json:"n"`
		Problem string `json:"problem,omitempty"`
	}
	var waiting []waits
	for _, o := range ops {
		if overdue(o, pay, before) {
			waiting = append(waiting, waits{o.Op, o.N, o.Problem})
		}
	}
	if len(waiting) == 0 && (pay.Status.Over() || !pay.ClosesAt.Before(before)) {
		return r.passed(ctx, t, subject, FindingStuck, FindingContradiction)
	}
	return r.find(ctx, t, FindingStuck, subject, store.Warning, map[string]any{"status": pay.Status.String(), "amount": pay.Amount, "currency": pay.Currency,
		"closes_at": pay.ClosesAt.UTC().Format(time.RFC3339), "waiting": waiting})
}

// overdue: an answer has been waited for since before. What calls an abandoned payment off waits for that payment's time.
func overdue(o store.Operation, pay store.Payment, before time.Time) bool {
	due := o.CreatedAt
	if o.Op == OpCancel {
		due = latest(due, pay.ClosesAt)
	}
	return o.State == store.OperationWaiting && due.Before(before)
}
