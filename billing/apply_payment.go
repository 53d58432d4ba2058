package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// applyPayment draws from a payment what it has come to.
func (p *Payments) applyPayment(ctx context.Context, t tenant.ID, g gateway.Gateway, w store.Webhook) error {
	if err := p.look(ctx, t, g, w.Account, w.ObjectID); err != nil || w.Kind != approved {
		return err
	}
	pay, err := paymentAt(ctx, p.db.Read(t), w.Account, w.ObjectID)
	if err == nil && !pay.Status.Over() {
		err = &gateway.Unreachable{Cause: errNotTaken}
	}
	return err
}

// approved is told before the money is taken: the acquirer waits for our answer, and takes it when it has read that. Nothing is told then,
// so the event is applied again until the payment is over.
const approved = "payment.approved"

var errNotTaken = errors.New("approved, and not taken yet")

// applyRefund looks at the payment that was refunded: its totals say all there is to say.
func (p *Payments) applyRefund(ctx context.Context, t tenant.ID, g gateway.Gateway, w store.Webhook) error {
	r, err := g.LookUpRefund(ctx, gateway.Lookup{ID: w.ObjectID})
	if err != nil {
		return err
	}
	return p.look(ctx, t, g, w.Account, r.PaymentID)
}

// applyDispute draws what the payer's bank has taken, given back or kept.
func (p *Payments) applyDispute(ctx context.Context, t tenant.ID, g gateway.Gateway, w store.Webhook) error {
	d, err := g.Dispute(ctx, w.ObjectID)
	if err != nil {
		return err
	}
	l := payment.Look{Status: payment.Paid}
	switch d.Status {
	case gateway.DisputeInquiry:
		return nil // no money has moved
	case gateway.DisputeWon:
		l.Won = d.Amount.Minor
	case gateway.DisputeLost:
		l.Lost = d.Amount.Minor
	}
	l.Disputed = d.Amount.Minor
	if err := p.look(ctx, t, g, w.Account, d.PaymentID); err != nil { // what was captured comes first
		return err
	}
	return p.drawn(ctx, t, g, w.Account, d.PaymentID, l, gateway.Payment{})
}

// look fetches a payment's object and draws from it.
func (p *Payments) look(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID, ref string) error {
	l := gateway.Lookup{ID: ref}
	if g.Profile().Can(gateway.HostedPage) { // it does not say the currency
		pay, err := paymentAt(ctx, p.db.Read(t), account, ref)
		if err != nil {
			return err
		}
		l = objectOf(pay)
	}
	seen, err := g.LookUp(ctx, l)
	if err != nil {
		return err
	}
	return p.drawn(ctx, t, g, account, ref, lookOf(seen), seen)
}

// paymentAt is the payment whose object this is.
func paymentAt(ctx context.Context, r *store.Reader, account uuid.UUID, ref string) (store.Payment, error) {
	id, err := r.PaymentByRef(ctx, account, ref)
	if store.IsNotFound(err) {
		return store.Payment{}, &gateway.NotFound{What: "payment of ours behind this object", ID: ref}
	}
	if err != nil {
		return store.Payment{}, err
	}
	return r.Payment(ctx, id)
}

func (p *Payments) drawn(ctx context.Context, t tenant.ID, g gateway.Gateway, account uuid.UUID, ref string, l payment.Look, seen gateway.Payment) error {
	id, err := p.db.Read(t).PaymentByRef(ctx, account, ref)
	if store.IsNotFound(err) {
		// The event was faster than the answer that names its object, or that answer was lost: the object names its payment.
		if id, err = uuid.Parse(seen.Payment); err != nil {
			return &gateway.NotFound{What: "payment of ours behind this object", ID: ref}
		}
	}
	if err != nil {
		return err
	}
	var currency string
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		pay, err := tx.LockPayment(ctx, id)
		if store.IsNotFound(err) {
			return &gateway.NotFound{What: "payment of ours behind this object", ID: ref}
		}
		if err != nil {
			return err
		}
		currency = pay.Currency
		if pay.Ref != "" && pay.Ref != ref || pay.Account != account {
			return fmt.Errorf("billing: payment %s has another object than %s", id, ref)
		}
		return p.draw(ctx, tx, g, &pay, l, seen)
	})
	if errors.Is(err, payment.ErrContradiction) {
		return errors.Join(err, p.contradicted(ctx, t, id, currency, ref, l))
	}
	return err
}

// contradicted is for people: nothing was drawn.
func (p *Payments) contradicted(ctx context.Context, t tenant.ID, id uuid.UUID, currency, ref string, l payment.Look) error {
	detail, err := json.Marshal(map[string]any{"object": ref, "status": l.Status.String(), "currency": currency, "captured": l.Captured, "refunded": l.Refunded, "returned": l.Returned,
		"disputed": l.Disputed, "lost": l.Lost, "won": l.Won})
	if err != nil {
		return fmt.Errorf("billing: payment %s: %w", id, err)
	}
	return p.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, err := tx.SeeFinding(ctx, store.Finding{Kind: FindingContradiction, Subject: "payment/" + id.String(), Severity: store.Serious, Detail: detail})
		return err
	})
}
