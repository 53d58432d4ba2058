package billing

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

const (
	abandoned = "abandoned"             // nobody confirmed it in time
	notNeeded = "requested_by_customer" // the session has ended
)

func isSession(pay store.Payment) bool { return strings.HasPrefix(pay.Subject, "session/") }

// askToHold sets money aside at the client's bank. The expert's share is named now if their account may receive one: Stripe
// takes no destination later, while the fee is said again with each capture.
func (p *Payments) askToHold(ctx context.Context, t tenant.ID, g gateway.Gateway, pay store.Payment, o store.Operation) (gateway.Payment, error) {
	m, link, err := p.db.Read(t).MeteredPartOf(ctx, pay.ID)
	if err != nil {
		return gateway.Payment{}, err
	}
	order := gateway.PayOrder{Key: gateway.Key(pay.ID.String(), o.Op, o.N), Payment: pay.ID.String(), Amount: gateway.Amount{Minor: o.Amount, Currency: pay.Currency},
		Manual: true, Keep: o.Op == OpAuthorise, Group: pay.Subject}
	if link.Destination != "" {
		order.Split = &gateway.Split{Destination: link.Destination, Fee: gateway.Amount{Minor: m.Terms.Whose(o.Amount).Fee, Currency: pay.Currency}}
	}
	order.Away = o.Op == OpExtend
	if o.Op == OpExtend && pay.With.Method == uuid.Nil {
		first, err := p.firstLink(ctx, t, g, m, pay.ID)
		if err != nil {
			return gateway.Payment{}, err
		}
		order.Customer, order.Method = first.Customer, first.Method
		return g.Pay(ctx, order)
	}
	if pay.With.Method != uuid.Nil {
		card, err := p.db.Read(t).Method(ctx, pay.With.Method)
		if err != nil {
			return gateway.Payment{}, err
		}
		order.Customer, order.Method = card.Customer, card.Ref // one that is gone by now the gateway refuses
		return g.Pay(ctx, order)
	}
	if order.Customer, err = p.customer(ctx, t, g, m); err != nil {
		return gateway.Payment{}, err
	}
	return g.Pay(ctx, order)
}

// firstLink is the authorisation whose card is asked again: of this session, or of the one that it follows.
func (p *Payments) firstLink(ctx context.Context, t tenant.ID, g gateway.Gateway, m store.Metered, but uuid.UUID) (gateway.Payment, error) {
	parts, err := p.db.Read(t).MeteredParts(ctx, m.Session)
	if err == nil && m.Follows != uuid.Nil {
		var before []store.MeteredPart
		before, err = p.db.Read(t).MeteredParts(ctx, m.Follows)
		parts = append(parts, before...)
	}
	if err != nil {
		return gateway.Payment{}, err
	}
	for _, l := range parts {
		if l.Payment == but || l.Status != payment.Authorised {
			continue
		}
		pay, err := p.db.Read(t).Payment(ctx, l.Payment)
		if err != nil {
			return gateway.Payment{}, err
		}
		return g.LookUp(ctx, objectOf(pay))
	}
	return gateway.Payment{}, &gateway.Declined{Reason: gateway.DeclinedPlain, Code: "no_card"} // the hold whose card it was is gone
}

// customer is the client at the gateway, which the session keeps: its order is the same for ever.
func (p *Payments) customer(ctx context.Context, t tenant.ID, g gateway.Gateway, m store.Metered) (string, error) {
	if m.Customer != "" {
		return m.Customer, nil
	}
	known, err := p.payerAt(ctx, t, g, m.Account, m.Client)
	if err != nil { // the authorisation was not asked for either
		return "", err
	}
	return known, p.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.MeteredCustomer(ctx, m.Session, known) })
}

// askToCapture takes what was decided of a link, with the fee of that much.
func (p *Payments) askToCapture(ctx context.Context, t tenant.ID, g gateway.Gateway, pay store.Payment, o store.Operation) (gateway.Payment, error) {
	_, link, err := p.db.Read(t).MeteredPartOf(ctx, pay.ID)
	if err != nil {
		return gateway.Payment{}, err
	}
	order := gateway.CaptureOrder{Key: gateway.Key(pay.ID.String(), o.Op, o.N), ID: pay.Ref, Amount: gateway.Amount{Minor: o.Amount, Currency: pay.Currency}}
	if link.Destination != "" {
		order.Fee = &gateway.Amount{Minor: link.Taken.Fee, Currency: pay.Currency}
	}
	seen, err := g.Capture(ctx, order)
	var refused *gateway.Refused
	if errors.As(err, &refused) { // it is over already, the bank may have let it go: how, a look says
		if now, lookErr := g.LookUp(ctx, objectOf(pay)); lookErr == nil && lookOf(now).Status.Over() {
			return now, nil
		}
	}
	return seen, err
}

// askToLetGo cancels what is looked for first: an authorisation, which is not abandoned once it was confirmed, or a payment whose
// answer was lost.
func (p *Payments) askToLetGo(ctx context.Context, g gateway.Gateway, pay store.Payment, o store.Operation) (gateway.Payment, error) {
	seen, err := p.findMade(ctx, g, pay)
	var missing *gateway.NotFound
	switch {
	case errors.As(err, &missing):
		return gateway.Payment{}, nil // it was never made, or not yet: behind the payment's row there is more to know
	case err != nil:
		return seen, err
	case lookOf(seen).Status.Over(), o.Why == abandoned && seen.Status == gateway.Authorised:
		return seen, nil
	}
	done, err := g.Cancel(ctx, gateway.CancelOrder{Key: gateway.Key(pay.ID.String(), o.Op, o.N), ID: seen.ID, Reason: o.Why})
	var refused *gateway.Refused
	if errors.As(err, &refused) {
		return g.LookUp(ctx, gateway.Lookup{ID: seen.ID})
	}
	return done, err
}

// findMade is the object of a payment, whichever operation made it.
func (p *Payments) findMade(ctx context.Context, g gateway.Gateway, pay store.Payment) (gateway.Payment, error) {
	if pay.Ref != "" {
		return g.LookUp(ctx, objectOf(pay))
	}
	since := pay.CreatedAt.Add(-time.Minute)
	if !isSession(pay) {
		return g.LookUp(ctx, madeBy(pay, OpPay, since))
	}
	seen, err := g.LookUp(ctx, madeBy(pay, OpAuthorise, since))
	var missing *gateway.NotFound
	if errors.As(err, &missing) {
		return g.LookUp(ctx, madeBy(pay, OpExtend, since))
	}
	return seen, err
}

// letGo is the operation that cancels a link of an ended session.
func (p *Payments) letGo(ctx context.Context, tx *store.Tx, pay uuid.UUID) (store.Operation, error) {
	n, err := tx.NextOperation(ctx, pay, OpCancel)
	return store.Operation{Payment: pay, Op: OpCancel, N: n, Why: notNeeded}, err
}

// letGoAgain sees to what came after its end: called off here, and the bank has just set money aside, or could still take it.
func (p *Payments) letGoAgain(ctx context.Context, tx *store.Tx, pay store.Payment, l payment.Look, fresh bool) error {
	again := l.Status == payment.Authorised
	if !isSession(pay) {
		again = fresh && !l.Status.Over()
	}
	if !again || pay.Status != payment.Cancelled {
		return nil
	}
	o, err := p.letGo(ctx, tx, pay.ID)
	if err == nil {
		_, err = tx.Ask(ctx, o, p.now())
	}
	return err
}
