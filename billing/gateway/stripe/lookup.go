package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// LookUp finds a payment by Stripe's id or by the key that it was ordered with.
func (g *account) LookUp(ctx context.Context, l gateway.Lookup) (gateway.Payment, error) {
	if l.ID != "" {
		return g.payment(ctx, l.ID)
	}
	p := &stripe.PaymentIntentListParams{Customer: some(l.Customer)}
	p.ListParams, p.CreatedRange = search(ctx, l)
	p.AddExpand("data.latest_charge")
	it := g.reads.PaymentIntents.List(p)
	pi, err := find("payment", l.Key, it, it.PaymentIntent, func(pi *stripe.PaymentIntent) map[string]string { return pi.Metadata })
	if err != nil {
		return gateway.Payment{}, err
	}
	if c := pi.LatestCharge; c != nil && c.AmountRefunded > 0 || c != nil && c.Refunds != nil && len(c.Refunds.Data) > 0 {
		return g.payment(ctx, pi.ID)
	}
	return payment(pi), nil
}

// payment is one PaymentIntent, with its charge and the refunds of that in one answer. Where there are more refunds than an answer
// brings they are listed first: one that fails meanwhile is then in neither, and the next look finds it.
func (g *account) payment(ctx context.Context, id string) (gateway.Payment, error) {
	get := func() (*stripe.PaymentIntent, error) {
		p := &stripe.PaymentIntentParams{Params: read(ctx, "")}
		p.AddExpand("latest_charge")
		p.AddExpand("latest_charge.refunds")
		pi, err := g.reads.PaymentIntents.Get(id, p)
		return pi, failedGet("payment", id, err)
	}
	pi, err := get()
	if err != nil {
		return gateway.Payment{}, err
	}
	if c := pi.LatestCharge; c == nil || c.Refunds == nil || !c.Refunds.HasMore {
		return payment(pi), nil
	}
	p := &stripe.RefundListParams{PaymentIntent: &id}
	p.ListParams = stripe.ListParams{Context: ctx, Limit: stripe.Int64(100)}
	var all []*stripe.Refund
	it := g.reads.Refunds.List(p)
	for it.Next() {
		all = append(all, it.Refund())
	}
	if err := failedRead(it.Err()); err != nil {
		return gateway.Payment{}, err
	}
	if pi, err = get(); err != nil {
		return gateway.Payment{}, err
	}
	pi.LatestCharge.Refunds.Data = all
	return payment(pi), nil
}
