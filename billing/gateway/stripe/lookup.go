package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// LookUp finds a payment by Stripe's id or by the key that it was ordered with.
func (g *account) LookUp(ctx context.Context, l gateway.Lookup) (gateway.Payment, error) {
	if l.ID != "" {
		p := &stripe.PaymentIntentParams{Params: read(ctx, "")}
		p.AddExpand("latest_charge")
		pi, err := g.reads.PaymentIntents.Get(l.ID, p)
		if err != nil {
			return gateway.Payment{}, failedGet("payment", l.ID, err)
		}
		return payment(pi), nil
	}
	p := &stripe.PaymentIntentListParams{Customer: some(l.Customer)}
	p.ListParams, p.CreatedRange = search(ctx, l)
	p.AddExpand("data.latest_charge")
	it := g.reads.PaymentIntents.List(p)
	pi, err := find("payment", l.Key, it, it.PaymentIntent, func(pi *stripe.PaymentIntent) map[string]string { return pi.Metadata })
	if err != nil {
		return gateway.Payment{}, err
	}
	return payment(pi), nil
}
