package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Cancel releases what is held or open.
func (g *account) Cancel(ctx context.Context, o gateway.CancelOrder) (gateway.Payment, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return gateway.Payment{}, err
	}
	p := &stripe.PaymentIntentCancelParams{Params: common, CancellationReason: some(o.Reason)}
	p.AddExpand("latest_charge")
	pi, err := g.orders.PaymentIntents.Cancel(o.ID, p)
	if err != nil {
		return refusedPayment(err), failedOrder("cancel", o.Key, err)
	}
	return payment(pi), nil
}
