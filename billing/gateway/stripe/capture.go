package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Capture takes the amount, or less than was held, with the fee of that amount.
func (g *account) Capture(ctx context.Context, o gateway.CaptureOrder) (gateway.Payment, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return gateway.Payment{}, err
	}
	amount, _, err := toStripe(o.Amount)
	if err != nil {
		return gateway.Payment{}, err
	}
	p := &stripe.PaymentIntentCaptureParams{Params: common, AmountToCapture: &amount}
	p.AddExpand("latest_charge")
	if o.Fee != nil {
		if o.Fee.Currency != o.Amount.Currency || o.Fee.Minor > o.Amount.Minor {
			return gateway.Payment{}, &gateway.Refused{Code: "fee_invalid", Param: "fee", Text: "a fee is in the capture's currency and at most the capture"}
		}
		fee, err := toStripeMinor(*o.Fee)
		if err != nil {
			return gateway.Payment{}, err
		}
		if fee > 0 {
			p.ApplicationFeeAmount = &fee
		} else if err := g.waiveFee(ctx, o); err != nil {
			return gateway.Payment{}, err
		}
	}
	pi, err := g.orders.PaymentIntents.Capture(o.ID, p)
	if err != nil {
		return refusedPayment(err), failedOrder("capture", o.Key, err)
	}
	return payment(pi), nil
}

// waiveFee takes the fee off before a capture without one: Stripe takes no fee of 0, and left out it would keep the old
// one. If we die in between, the hold stands without a fee, and the same order goes on from there.
func (g *account) waiveFee(ctx context.Context, o gateway.CaptureOrder) error {
	common, err := order(ctx, o.Key+":fee", "")
	if err != nil {
		return err
	}
	p := &stripe.PaymentIntentParams{Params: common}
	p.AddExtra("application_fee_amount", "")
	_, err = g.orders.PaymentIntents.Update(o.ID, p)
	return failedOrder("capture", o.Key, err)
}
