package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Refund gives money back; on request the connected account's share and our fee go back in proportion.
func (g *account) Refund(ctx context.Context, o gateway.RefundOrder) (gateway.Refund, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return gateway.Refund{}, err
	}
	amount, _, err := toStripe(o.Amount)
	if err != nil {
		return gateway.Refund{}, err
	}
	p := &stripe.RefundParams{Params: common, PaymentIntent: &o.ID, Amount: &amount, Metadata: tags(o.Key, "")}
	if o.Description != "" {
		p.Metadata[metaWhy] = o.Description
	}
	if o.TakeBack {
		p.ReverseTransfer = stripe.Bool(true)
	}
	if o.WaiveFee {
		p.RefundApplicationFee = stripe.Bool(true)
	}
	r, err := g.orders.Refunds.New(p)
	if err != nil {
		return gateway.Refund{}, failedOrder("refund", o.Key, err)
	}
	return refund(r), nil
}

// LookUpRefund finds a refund by id, or by key among a payment's.
func (g *account) LookUpRefund(ctx context.Context, l gateway.Lookup) (gateway.Refund, error) {
	if l.ID != "" {
		r, err := g.reads.Refunds.Get(l.ID, &stripe.RefundParams{Params: read(ctx, "")})
		if err != nil {
			return gateway.Refund{}, failedGet("refund", l.ID, err)
		}
		return refund(r), nil
	}
	p := &stripe.RefundListParams{PaymentIntent: some(l.Payment)}
	p.ListParams, p.CreatedRange = search(ctx, l)
	it := g.reads.Refunds.List(p)
	r, err := find("refund", l.Key, it, it.Refund, func(r *stripe.Refund) map[string]string { return r.Metadata })
	if err != nil {
		return gateway.Refund{}, err
	}
	return refund(r), nil
}

var refundStatuses = map[stripe.RefundStatus]gateway.RefundStatus{
	stripe.RefundStatusPending: gateway.RefundPending, stripe.RefundStatusRequiresAction: gateway.RefundPending,
	stripe.RefundStatusSucceeded: gateway.RefundSucceeded,
	stripe.RefundStatusFailed:    gateway.RefundFailed, stripe.RefundStatusCanceled: gateway.RefundFailed,
}

func refund(r *stripe.Refund) gateway.Refund {
	out := gateway.Refund{
		ID: r.ID, Key: r.Metadata[metaKey], Amount: fromStripe(r.Amount, r.Currency), Status: refundStatuses[r.Status], At: at(r.Created),
	}
	if r.PaymentIntent != nil {
		out.PaymentID = r.PaymentIntent.ID
	}
	if r.TransferReversal != nil {
		out.Reversal = r.TransferReversal.ID
	}
	return out
}
