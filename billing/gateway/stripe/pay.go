package stripe

import (
	"context"
	"errors"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Pay makes a PaymentIntent. With a saved method it is confirmed at once; without, the payer's browser confirms it.
func (g *account) Pay(ctx context.Context, o gateway.PayOrder) (gateway.Payment, error) {
	p, err := payParams(ctx, o)
	if err != nil {
		return gateway.Payment{}, err
	}
	pi, err := g.orders.PaymentIntents.New(p)
	if err != nil {
		return refusedPayment(err), failedOrder("pay", o.Key, err)
	}
	made := payment(pi)
	if made.Status == gateway.NeedsAuth {
		return made, &gateway.NeedsAuthentication{ID: made.ID, Next: made.Next}
	}
	return made, nil
}

func payParams(ctx context.Context, o gateway.PayOrder) (*stripe.PaymentIntentParams, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return nil, err
	}
	amount, currency, err := toStripe(o.Amount)
	if err != nil {
		return nil, err
	}
	if o.Away && o.Method == "" {
		return nil, &gateway.Refused{Code: "method_required", Param: "method", Text: "nobody is there to choose one"}
	}
	p := &stripe.PaymentIntentParams{
		Params: common, Amount: &amount, Currency: &currency, Customer: some(o.Customer), Description: some(o.Description),
		ReceiptEmail: some(o.Email), TransferGroup: some(o.Group), Metadata: tags(o.Key, o.Payment),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}), // others answer after days; a seat's hold is minutes
	}
	p.AddExpand("latest_charge")
	if o.Manual {
		p.CaptureMethod = stripe.String(string(stripe.PaymentIntentCaptureMethodManual))
	}
	if o.Keep {
		p.SetupFutureUsage = stripe.String(string(stripe.PaymentIntentSetupFutureUsageOffSession))
	}
	if o.Method != "" {
		p.PaymentMethod, p.Confirm = &o.Method, stripe.Bool(true)
		if o.Away {
			p.OffSession = stripe.Bool(true)
		} else {
			p.ReturnURL = some(o.ReturnURL)
		}
	}
	return p, split(p, o)
}

// split shares a payment with a connected account: the amount less our fee.
func split(p *stripe.PaymentIntentParams, o gateway.PayOrder) error {
	if o.Split == nil {
		return nil
	}
	fee := o.Split.Fee
	if fee.Currency != o.Amount.Currency || fee.Minor > o.Amount.Minor {
		return &gateway.Refused{Code: "fee_invalid", Param: "fee", Text: "a fee is in the payment's currency and at most the payment"}
	}
	n, err := toStripeMinor(fee)
	if err != nil {
		return err
	}
	if n > 0 { // Stripe takes no fee of 0
		p.ApplicationFeeAmount = &n
	}
	p.TransferData = &stripe.PaymentIntentTransferDataParams{Destination: &o.Split.Destination}
	if o.Split.OnBehalf {
		p.OnBehalfOf = &o.Split.Destination
	}
	return nil
}

// refusedPayment is the object that Stripe sends with a decline.
func refusedPayment(err error) gateway.Payment {
	var se *stripe.Error
	if errors.As(err, &se) && se.PaymentIntent != nil {
		return payment(se.PaymentIntent)
	}
	return gateway.Payment{}
}
