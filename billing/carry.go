package billing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// carryAfter is when the job takes up what the request that committed it did not bring to an end.
const carryAfter = 20 * time.Second

// queue commits to asking the gateway, in tx, and to asking again if this process dies.
func (p *Payments) queue(ctx context.Context, tx *store.Tx, o store.Operation, after time.Duration) error {
	if _, err := tx.AddOperation(ctx, o); err != nil {
		return err
	}
	return p.again(ctx, tx, o, after)
}

func (p *Payments) again(ctx context.Context, tx *store.Tx, o store.Operation, after time.Duration) error {
	return tx.AddJob(ctx, store.NewJob{Kind: CarryJob, Args: Carried{Payment: o.Payment, Op: o.Op, N: o.N},
		Key: fmt.Sprintf("%s/%s/%d/%d", o.Payment, o.Op, o.N, o.Tries), Tries: jobTries, At: p.now().Add(after)})
}

// Carry brings an operation to the gateway and keeps what it answered. It may run twice at once: the key is one, so the gateway does
// it once. What it answers for is what is known of the payment afterwards; Next is what the payer has to do.
//
// An outcome that nobody knows leaves the operation waiting: the job looks the object up by its key before it asks again.
func (p *Payments) Carry(ctx context.Context, t tenant.ID, id uuid.UUID, op string, n int) (store.Payment, gateway.Next, error) {
	pay, err := p.db.Read(t).Payment(ctx, id)
	if err != nil {
		return pay, gateway.Next{}, err
	}
	o, err := p.db.Read(t).Operation(ctx, id, op, n)
	if err != nil {
		return pay, gateway.Next{}, err
	}
	g, err := p.accounts.Open(ctx, t, pay.Account)
	if err != nil {
		return pay, gateway.Next{}, err
	}
	if o.State != store.OperationWaiting {
		if pay.Ref == "" || pay.Status.Over() {
			return pay, gateway.Next{}, nil
		}
		seen, err := g.LookUp(ctx, gateway.Lookup{ID: pay.Ref}) // the page was loaded again: the payer goes on
		return pay, seen.Next, err
	}
	if err := p.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.TryOperation(ctx, o) }); err != nil {
		return pay, gateway.Next{}, err
	}
	seen, ref, err := p.ask(ctx, g, pay, o)
	var auth *gateway.NeedsAuthentication
	if errors.As(err, &auth) {
		err = nil // the payment is made; its payer has something to do
	}
	if err != nil && unsettled(err) {
		return pay, gateway.Next{}, p.later(ctx, t, o, err)
	}
	ctx = context.WithoutCancel(ctx) // the answer is kept even if whoever waited for it is gone
	refused := err
	err = p.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		if pay, err = tx.LockPayment(ctx, id); err != nil {
			return err
		}
		state, problem := store.OperationDone, ""
		if refused != nil {
			state, problem = store.OperationRefused, problemOf(refused)
		}
		if _, err := tx.SettleOperation(ctx, o, state, problem, ref); err != nil {
			return err
		}
		if seen.ID == "" {
			return p.refused(ctx, tx, &pay, o, refused)
		}
		return p.draw(ctx, tx, g, &pay, lookOf(seen), seen)
	})
	if err == nil {
		err = refused
	}
	return pay, seen.Next, err
}

// ask puts the question, or finds the answer of one who asked before.
func (p *Payments) ask(ctx context.Context, g gateway.Gateway, pay store.Payment, o store.Operation) (seen gateway.Payment, ref string, err error) {
	key := gateway.Key(pay.ID.String(), o.Op, o.N)
	amount := gateway.Amount{Minor: o.Amount, Currency: pay.Currency}
	since := o.CreatedAt.Add(-time.Minute) // clocks differ
	switch o.Op {
	case OpPay:
		if o.Tries > 0 {
			seen, err = g.LookUp(ctx, gateway.Lookup{Key: key, Since: since})
			if !missing(err) {
				return seen, "", err
			}
		}
		seen, err = g.Pay(ctx, gateway.PayOrder{Key: key, Payment: pay.ID.String(), Amount: amount, Group: pay.Subject})
		return seen, "", err
	case OpCancel:
		if pay.Ref == "" {
			return seen, "", nil // it was never made: there is nothing to cancel
		}
		seen, err = g.Cancel(ctx, gateway.CancelOrder{Key: key, ID: pay.Ref, Reason: o.Why})
		var refused *gateway.Refused
		if errors.As(err, &refused) { // it is over already: how, a look says
			seen, err = g.LookUp(ctx, gateway.Lookup{ID: pay.Ref})
		}
		return seen, "", err
	case OpRefund:
		var made gateway.Refund
		if o.Tries > 0 {
			made, err = g.LookUpRefund(ctx, gateway.Lookup{Key: key, Since: since, Payment: pay.Ref})
		}
		if o.Tries == 0 || missing(err) {
			made, err = g.Refund(ctx, gateway.RefundOrder{Key: key, ID: pay.Ref, Amount: amount, TakeBack: true, WaiveFee: true, Description: o.Why})
		}
		if err != nil {
			return seen, "", err
		}
		seen, err = g.LookUp(ctx, gateway.Lookup{ID: pay.Ref})
		return seen, made.ID, err
	}
	return seen, "", fmt.Errorf("billing: no operation is called %q", o.Op)
}

func missing(err error) bool {
	var none *gateway.NotFound
	return errors.As(err, &none)
}

// unsettled says that asking again under the same key may still be answered.
func unsettled(err error) bool {
	var unknown *gateway.Unknown
	var away *gateway.Unreachable
	var hasty *gateway.RateLimited
	switch {
	case errors.As(err, &unknown):
		return !unknown.Replayed
	case errors.As(err, &away), errors.As(err, &hasty), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return true
	}
	return false
}

// later leaves an operation to the job, and says why to whoever waits.
func (p *Payments) later(ctx context.Context, t tenant.ID, o store.Operation, cause error) error {
	ctx = context.WithoutCancel(ctx)
	o.Tries++
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		if _, err := tx.SettleOperation(ctx, o, store.OperationWaiting, problemOf(cause), ""); err != nil {
			return err
		}
		return p.again(ctx, tx, o, pauseAfter(o.Tries))
	})
	p.log.WarnContext(ctx, "billing: a gateway's answer is not known", "payment", o.Payment, "op", o.Op, "n", o.N, "tries", o.Tries, "cause", cause)
	return errors.Join(cause, err)
}

// refused is an operation that the gateway will not do and that made nothing. A failure that the gateway keeps under the
// key is asked again under the next one; a payment that cannot be made is over.
func (p *Payments) refused(ctx context.Context, tx *store.Tx, pay *store.Payment, o store.Operation, why error) error {
	var unknown *gateway.Unknown
	switch {
	case errors.As(why, &unknown) && unknown.Replayed:
		return p.queue(ctx, tx, store.Operation{Payment: o.Payment, Op: o.Op, N: o.N + 1, Amount: o.Amount, Why: o.Why}, firstPause)
	case o.Op == OpPay, o.Op == OpCancel && why == nil:
		return p.callOff(ctx, tx, pay)
	}
	return nil // a refund that is refused stays as a finding: people decide
}

// CarryNow is Carry for the job, whose failures are noted already.
func (p *Payments) CarryNow(ctx context.Context, t tenant.ID, id uuid.UUID, op string, n int) error {
	_, _, err := p.Carry(ctx, t, id, op, n)
	if f := fault.As(err); err != nil && f.Kind != fault.Internal {
		return nil
	}
	return err
}
