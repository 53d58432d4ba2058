package stripe

import (
	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

var statuses = map[stripe.PaymentIntentStatus]gateway.Status{
	stripe.PaymentIntentStatusRequiresPaymentMethod: gateway.Open,
	stripe.PaymentIntentStatusRequiresConfirmation:  gateway.Open,
	stripe.PaymentIntentStatusRequiresAction:        gateway.NeedsAuth,
	stripe.PaymentIntentStatusProcessing:            gateway.Processing,
	stripe.PaymentIntentStatusRequiresCapture:       gateway.Authorised,
	stripe.PaymentIntentStatusSucceeded:             gateway.Captured,
	stripe.PaymentIntentStatusCanceled:              gateway.Cancelled,
}

// payment is a PaymentIntent in the port's words.
func payment(pi *stripe.PaymentIntent) gateway.Payment {
	p := gateway.Payment{
		ID: pi.ID, Payment: pi.Metadata[metaID], Key: pi.Metadata[metaKey], Status: statuses[pi.Status],
		Amount: fromStripe(pi.Amount, pi.Currency), Capturable: fromStripe(pi.AmountCapturable, pi.Currency),
		Received: fromStripe(pi.AmountReceived, pi.Currency), Refunded: fromStripe(0, pi.Currency), Returned: fromStripe(0, pi.Currency),
		Fee: fromStripe(pi.ApplicationFeeAmount, pi.Currency), Decline: declined(pi.LastPaymentError), At: at(pi.Created),
	}
	if pi.Customer != nil {
		p.Customer = pi.Customer.ID
	}
	if pi.PaymentMethod != nil {
		p.Method = pi.PaymentMethod.ID
	}
	if c := pi.LatestCharge; c != nil {
		charged(&p, c)
	}
	if p.Status == gateway.Open || p.Status == gateway.NeedsAuth {
		p.Next.ClientSecret, p.Next.Approve = gateway.Hide(pi.ClientSecret), p.Status == gateway.NeedsAuth && p.Method != ""
	}
	if n := pi.NextAction; n != nil && n.RedirectToURL != nil {
		p.Next.URL, p.Next.Method = n.RedirectToURL.URL, "GET"
	}
	return p
}

// charged adds what the charge knows; unexpanded it is an id alone.
func charged(p *gateway.Payment, c *stripe.Charge) {
	p.Charge, p.Disputed = c.ID, c.Disputed
	if c.Currency == "" {
		return // an id alone
	}
	// What a smaller capture released counts as refunded in Stripe's books, and is none in ours.
	released := max(c.Amount-c.AmountCaptured, 0)
	pending, failed := refundsOf(c)
	p.Refunded = fromStripe(max(c.AmountRefunded-released-pending, 0)+failed, c.Currency)
	p.Returned = fromStripe(failed, c.Currency)
	if c.Captured || c.ApplicationFeeAmount > 0 { // the intent may still say the fee of the whole amount
		p.Fee = fromStripe(c.ApplicationFeeAmount, c.Currency)
	}
	if c.Transfer != nil {
		p.Transfer = c.Transfer.ID
	}
	if c.PaymentMethodDetails == nil || c.PaymentMethodDetails.Card == nil {
		return
	}
	d := c.PaymentMethodDetails.Card
	p.Card = gateway.Card{Brand: string(d.Brand), Last4: d.Last4, ExpMonth: int(d.ExpMonth), ExpYear: int(d.ExpYear)}
	if p.Status == gateway.Authorised {
		p.HoldUntil = at(d.CaptureBefore)
	}
}

// refundsOf is what of a charge's refunds is on its way, and what came back. Stripe counts the first as refunded and the second as not.
// Where the refunds were not asked for, both are nothing: an older look, which takes nothing back.
func refundsOf(c *stripe.Charge) (pending, failed int64) {
	if c.Refunds == nil {
		return 0, 0
	}
	for _, r := range c.Refunds.Data {
		switch refundStatuses[r.Status] {
		case gateway.RefundPending:
			pending += r.Amount
		case gateway.RefundFailed:
			failed += r.Amount
		}
	}
	return pending, failed
}
