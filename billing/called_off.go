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

var errUnderWay = errors.New("the order that makes this payment is under way")

// begin notes, before the gateway is asked, that it may have been. What makes a payment is never sent once the payment is over, or
// somebody has begun to call it off: whether it was sent before, a look says. Both are decided behind the payment's row, so that
// whoever calls it off knows what was sent. o then says how often it may have been sent before.
func (p *Payments) begin(ctx context.Context, t tenant.ID, pay *store.Payment, o *store.Operation) (called bool, err error) {
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		called = false // the closure may run twice
		if makes(o.Op) || o.Op == OpCancel {
			now, err := tx.LockPayment(ctx, o.Payment)
			if err != nil {
				return err
			}
			*pay = now
		}
		if makes(o.Op) {
			called = pay.Status.Over()
		}
		if o.Op == OpPay && !called {
			all, err := tx.Operations(ctx, o.Payment)
			if err != nil {
				return err
			}
			called = slices.ContainsFunc(all, callsOff)
		}
		o.Tries, err = tx.TryOperation(ctx, *o)
		return err
	})
	return called, err
}

// callsOff is an operation that has begun to call its payment off.
func callsOff(o store.Operation) bool {
	return o.Op == OpCancel && o.State != store.OperationRefused && (o.Tries > 0 || o.N > 1)
}

// stillMade says that the gateway may make a payment yet, or has: the order was sent, and nobody knows what came of it. It is not sent
// again (begin), so its own job finds out. A session's holds are let go whenever they come (letGoAgain).
func stillMade(ctx context.Context, tx *store.Tx, pay store.Payment) (bool, error) {
	if isSession(pay) || pay.Ref != "" {
		return pay.Ref != "", nil
	}
	all, err := tx.Operations(ctx, pay.ID)
	return slices.ContainsFunc(all, func(o store.Operation) bool {
		return o.Op == OpPay && o.State == store.OperationWaiting && o.Tries > 0
	}), err
}

// notThere says that the gateway has no such object, or keeps none that could be looked for.
func notThere(err error) bool {
	var missing *gateway.NotFound
	var mute *gateway.NotSupported
	return errors.As(err, &missing) || errors.As(err, &mute)
}

// decidesFor is how long after its end a payment is waited for that its payer is at the acquirer's page with.
const decidesFor = time.Hour

// askHowItEnded is for a gateway that calls nothing off. What its payer has paid is paid; what they have not is over here: the
// acquirer takes no money without our answer to its callback, and that is no from then on (Inbox.Receive). Money that was on its way is late money.
func (p *Payments) askHowItEnded(ctx context.Context, g gateway.Gateway, pay store.Payment) (gateway.Payment, error) {
	seen, err := p.findMade(ctx, g, pay)
	none := gateway.Payment{ID: pay.Ref, Status: gateway.Cancelled} // without an object, what makes it may be on its way: stillMade
	switch {
	case notThere(err):
		return none, nil
	case err != nil || lookOf(seen).Status.Over():
		return seen, err
	case seen.Status == gateway.Processing && p.now().Before(pay.ClosesAt.Add(decidesFor)):
		return gateway.Payment{}, &gateway.Unreachable{Cause: errUnderWay}
	}
	none.ID = seen.ID
	return none, nil
}

// objectOf looks at a payment's object. Not every acquirer says the currency: what was asked says it.
func objectOf(pay store.Payment) gateway.Lookup {
	return gateway.Lookup{ID: pay.Ref, Amount: gateway.Amount{Minor: pay.Amount, Currency: pay.Currency}}
}

// madeBy looks for what an operation has made, whichever attempt it was.
func madeBy(pay store.Payment, op string, since time.Time) gateway.Lookup {
	return gateway.Lookup{Key: gateway.Attempts(pay.ID.String(), op), Since: since, Amount: gateway.Amount{Minor: pay.Amount, Currency: pay.Currency}}
}

// takenLate says that a payment was called off here, and the gateway has taken its money all the same.
func takenLate(pay store.Payment, l payment.Look) bool {
	return !isSession(pay) && pay.Status == payment.Cancelled && l.Status == payment.Paid && l.Captured > 0
}

// giveLateBack gives back what was taken after its end. A seat's money goes to its booking, which keeps it or gives it back.
func (p *Payments) giveLateBack(ctx context.Context, tx *store.Tx, pay *store.Payment) error {
	if strings.HasPrefix(pay.Subject, "booking/") || pay.Left() <= 0 {
		return nil
	}
	if _, err := p.refund(ctx, tx, uuid.Nil, Refund{Payment: pay.ID, Why: "called off before it was taken", Cause: lateCause(pay.ID)}); err != nil {
		return err
	}
	now, err := tx.LockPayment(ctx, pay.ID)
	*pay = now
	return err
}

func lateCause(pay uuid.UUID) string { return "late/" + pay.String() }
