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

// Carry brings an operation to the gateway and keeps what it answered. It may run twice at once: the key is one, so the gateway does
// it once. What it answers for is what is known of the payment afterwards; Next is what the payer has to do.
//
// An outcome that nobody knows leaves the operation waiting: the job looks the object up by its key before it asks again.
func (p *Payments) Carry(ctx context.Context, t tenant.ID, id uuid.UUID, op string, n int) (store.Payment, gateway.Next, error) {
	o, err := p.db.Read(t).Operation(ctx, id, op, n)
	if err != nil {
		return store.Payment{}, gateway.Next{}, err
	}
	pay, err := p.db.Read(t).Payment(ctx, id) // after its operation: what that one made is seen
	if err != nil {
		return pay, gateway.Next{}, err
	}
	g, err := p.accounts.Open(ctx, t, pay.Account)
	if err != nil {
		return pay, gateway.Next{}, err
	}
	if op == OpTransfer || op == OpReverse {
		return pay, gateway.Next{}, p.carryShare(ctx, t, g, pay, o)
	}
	if o.State != store.OperationWaiting {
		if pay.Ref == "" || pay.Status.Over() {
			return pay, gateway.Next{}, nil
		}
		seen, err := g.LookUp(ctx, objectOf(pay)) // the page was loaded again: the payer goes on
		if notThere(err) && o.Op == OpPay && g.Profile().Can(gateway.HostedPage) {
			seen, err = p.ask(ctx, t, g, pay, o) // they have not been to the acquirer's page yet: the same way there
		}
		return pay, seen.Next, err
	}
	called, err := p.begin(ctx, t, &pay, &o)
	if err != nil {
		return pay, gateway.Next{}, err
	}
	find := func(ctx context.Context) (gateway.Payment, error) { return p.find(ctx, g, pay, o) }
	send := func(ctx context.Context) (gateway.Payment, error) { return p.ask(ctx, t, g, pay, o) }
	if called {
		send = find
	}
	seen, err := gateway.Once(ctx, o.CreatedAt, p.now(), find, send)
	if goesOn(o, seen, err) {
		err = nil
	}
	verdict := gateway.Found
	if err != nil {
		seen, verdict, err = p.judge(ctx, g, pay, o, seen, err)
	}
	neverMade := called && verdict == gateway.Final && notThere(err)
	if called && verdict == gateway.Final && !neverMade {
		verdict = gateway.Later // it may have been sent before: only a look can say
	}
	if verdict == gateway.SameKey || verdict == gateway.Later {
		return pay, gateway.Next{}, p.later(ctx, t, o, err)
	}
	ctx = context.WithoutCancel(ctx) // the answer is kept even if whoever waited for it is gone
	refused := err
	var after afterRefusal
	if o.Op == OpRefund && verdict == gateway.Final {
		if after, err = p.lookAfterRefusal(ctx, g, pay, refused); err != nil {
			return pay, gateway.Next{}, p.later(ctx, t, o, err) // refused again then, as long as it is
		}
	}
	var wait error
	settle := func(tx *store.Tx) (err error) {
		wait = nil // the closure may run twice
		if pay, err = tx.LockPayment(ctx, id); err != nil {
			return err
		}
		if o.Op == OpCancel && refused == nil && seen.ID == "" {
			if underWay, err := stillMade(ctx, tx, pay); err != nil || underWay {
				wait = &gateway.Unreachable{Cause: errUnderWay}
				return err
			}
		}
		if o.Op == OpRefund && bankDecides(pay, refused) {
			wait = refused
			return nil
		}
		state, problem := store.OperationDone, ""
		if refused != nil {
			state, problem = store.OperationRefused, problemOf(refused)
		}
		settled, err := tx.SettleOperation(ctx, o, state, problem, "")
		if err != nil {
			return err
		}
		switch {
		case !settled && seen.ID == "":
			return nil // somebody else carried it at the same time, and went on from there
		case settled && o.Op == OpRefund && verdict != gateway.NextKey:
			if err := requestSettled(ctx, tx, o.Cause, became(refused)); err != nil {
				return err
			}
		}
		switch {
		case seen.ID != "":
			return p.draw(ctx, tx, g, &pay, lookOf(seen), seen)
		case verdict == gateway.NextKey:
			return p.another(ctx, tx, o)
		case o.Op == OpRefund:
			return p.refundRefused(ctx, tx, g, &pay, o, refused, after)
		case makes(o.Op) || refused == nil: // it was not made, and never will be
			return p.callOff(ctx, tx, &pay)
		}
		return nil
	}
	if err = p.db.InTx(ctx, t, settle); fault.Is(err, "insufficient_funds") && after.seen.ID != "" {
		after = afterRefusal{blind: true} // more went back elsewhere than there is: that event waits for people, and this refusal does not
		err = p.db.InTx(ctx, t, settle)
	}
	if err == nil && wait != nil {
		return pay, gateway.Next{}, p.later(ctx, t, o, wait)
	}
	if err == nil && !neverMade {
		err = refused
	}
	return pay, seen.Next, err
}

// goesOn says that the payment is made and its payer is there to go on with it: their bank wants to see them, or it declined
// the card that they keep and they may type another.
func goesOn(o store.Operation, seen gateway.Payment, err error) bool {
	var auth *gateway.NeedsAuthentication
	var declined *gateway.Declined
	return errors.As(err, &auth) || (o.Op == OpPay || o.Op == OpAuthorise) && seen.ID != "" && errors.As(err, &declined)
}

// makes says that an operation makes its payment: refused, there is none.
func makes(op string) bool { return op == OpPay || op == OpAuthorise || op == OpExtend }

// ask puts the question. Put again under the same key it is the same question.
func (p *Payments) ask(ctx context.Context, t tenant.ID, g gateway.Gateway, pay store.Payment, o store.Operation) (gateway.Payment, error) {
	key := gateway.Key(pay.ID.String(), o.Op, o.N)
	switch o.Op {
	case OpPay:
		return p.askToPay(ctx, t, g, pay, o)
	case OpAuthorise, OpExtend:
		return p.askToHold(ctx, t, g, pay, o)
	case OpCapture:
		return p.askToCapture(ctx, t, g, pay, o)
	case OpCancel:
		if !g.Profile().Can(gateway.PreAuthorise) {
			return p.askHowItEnded(ctx, g, pay)
		}
		if isSession(pay) || pay.Ref == "" {
			return p.askToLetGo(ctx, g, pay, o)
		}
		seen, err := g.Cancel(ctx, gateway.CancelOrder{Key: key, ID: pay.Ref, Reason: o.Why})
		var refused *gateway.Refused
		if errors.As(err, &refused) { // it is over already: how, a look says
			return g.LookUp(ctx, objectOf(pay))
		}
		return seen, err
	case OpRefund:
		_, err := g.Refund(ctx, gateway.RefundOrder{Key: key, ID: pay.Ref, Amount: gateway.Amount{Minor: o.Amount, Currency: pay.Currency}, Description: o.Why})
		if err != nil {
			return gateway.Payment{}, err
		}
		seen, err := g.LookUp(ctx, objectOf(pay)) // its totals say what has come back; asked again, the key finds the same refund
		if err != nil {
			err = &gateway.Unreachable{Cause: err} // the refund is made, whatever keeps us from looking
		}
		return seen, err
	}
	return gateway.Payment{}, fmt.Errorf("billing: no operation is called %q", o.Op)
}

// judge says what a failure means, and finds what was done all the same. seen is what came with it.
func (p *Payments) judge(ctx context.Context, g gateway.Gateway, pay store.Payment, o store.Operation, seen gateway.Payment, err error) (gateway.Payment, gateway.Verdict, error) {
	found, verdict, err := gateway.Judge(ctx, err, func(ctx context.Context) (gateway.Payment, error) { return p.find(ctx, g, pay, o) })
	switch {
	case verdict == gateway.Found:
		return found, verdict, err
	case verdict == gateway.Final && keysChanged(o, err):
		verdict = gateway.Later
	}
	return seen, verdict, err
}

// keysChanged says that a gateway which does not take our keys cannot have answered for the order: it may have been sent before, with
// keys that were good. What calls a payment off is asked until it is answered, because the payment has no end without it; so is a refund, which
// is owed whatever our keys may do.
func keysChanged(o store.Operation, err error) bool {
	var wrong *gateway.Misconfigured
	return errors.As(err, &wrong) && (o.Tries > 0 || o.Op == OpCancel || o.Op == OpRefund)
}

// find is what an operation has come to at the gateway, *NotFound if to nothing yet.
func (p *Payments) find(ctx context.Context, g gateway.Gateway, pay store.Payment, o store.Operation) (gateway.Payment, error) {
	since := o.CreatedAt.Add(-time.Minute) // clocks differ
	switch {
	case makes(o.Op): // whichever attempt made it
		return g.LookUp(ctx, madeBy(pay, o.Op, since))
	case pay.Ref == "":
		return gateway.Payment{}, &gateway.NotFound{What: "payment", ID: pay.ID.String()}
	case o.Op == OpRefund:
		key := gateway.Key(pay.ID.String(), o.Op, o.N)
		if _, err := g.LookUpRefund(ctx, gateway.Lookup{Key: key, Since: since, Payment: pay.Ref}); err != nil {
			return gateway.Payment{}, err
		}
	}
	now, err := g.LookUp(ctx, objectOf(pay))
	if err == nil && (o.Op == OpCancel || o.Op == OpCapture) && !lookOf(now).Status.Over() {
		err = &gateway.NotFound{What: "end of payment", ID: pay.Ref}
	}
	return now, err
}

// later leaves an operation to the job, and says why to whoever waits.
func (p *Payments) later(ctx context.Context, t tenant.ID, o store.Operation, cause error) error {
	ctx = context.WithoutCancel(ctx)
	o.Tries++
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		if _, err := tx.SettleOperation(ctx, o, store.OperationWaiting, problemOf(cause), ""); err != nil {
			return err
		}
		return tx.AskAgain(ctx, o, p.now().Add(pauseAfter(o.Tries)))
	})
	p.log.WarnContext(ctx, "billing: a gateway's answer is not known", "payment", o.Payment, "op", o.Op, "n", o.N, "tries", o.Tries, "cause", cause)
	if err != nil { // no job of ours goes on then: whoever carries it has to hear of it
		return fmt.Errorf("billing: leave %s:%d of payment %s to its job: %w", o.Op, o.N, o.Payment, err)
	}
	return cause
}

// another asks the same under the next key: a failure stays under its own.
func (p *Payments) another(ctx context.Context, tx *store.Tx, o store.Operation) error {
	n, err := tx.NextOperation(ctx, o.Payment, o.Op)
	if err != nil {
		return err
	}
	o = store.Operation{Payment: o.Payment, Op: o.Op, N: n, Amount: o.Amount, Why: o.Why, Cause: o.Cause}
	_, err = tx.Ask(ctx, o, p.now().Add(firstPause))
	return err
}

// CarryNow is Carry for the job, whose failures are noted already.
func (p *Payments) CarryNow(ctx context.Context, t tenant.ID, id uuid.UUID, op string, n int) error {
	_, _, err := p.Carry(ctx, t, id, op, n)
	var refused *gateway.Refused
	if f := fault.As(err); err != nil && f.Kind != fault.Internal || errors.As(err, &refused) {
		return nil
	}
	return err
}
