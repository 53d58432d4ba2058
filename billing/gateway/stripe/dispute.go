package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Dispute is one dispute.
func (g *account) Dispute(ctx context.Context, id string) (gateway.Dispute, error) {
	d, err := g.reads.Disputes.Get(id, &stripe.DisputeParams{Params: read(ctx, "")})
	if err != nil {
		return gateway.Dispute{}, failedGet("dispute", id, err)
	}
	return dispute(d), nil
}

// ListDisputes is a page of disputes, newest first.
func (g *account) ListDisputes(ctx context.Context, page gateway.Page) ([]gateway.Dispute, error) {
	p := &stripe.DisputeListParams{CreatedRange: between(page)}
	p.ListParams = list(ctx, page)
	it := g.reads.Disputes.List(p)
	all := []gateway.Dispute{}
	for it.Next() {
		all = append(all, dispute(it.Dispute()))
	}
	return all, failedRead(it.Err())
}

var disputeStatuses = map[stripe.DisputeStatus]gateway.DisputeStatus{
	stripe.DisputeStatusNeedsResponse: gateway.DisputeOpen, stripe.DisputeStatusUnderReview: gateway.DisputeReview,
	stripe.DisputeStatusWon: gateway.DisputeWon, stripe.DisputeStatusLost: gateway.DisputeLost,
	stripe.DisputeStatusWarningNeedsResponse: gateway.DisputeInquiry, stripe.DisputeStatusWarningUnderReview: gateway.DisputeInquiry,
	stripe.DisputeStatusWarningClosed: gateway.DisputeWon,
}

func dispute(d *stripe.Dispute) gateway.Dispute {
	out := gateway.Dispute{
		ID: d.ID, Amount: fromStripe(d.Amount, d.Currency), Reason: string(d.Reason), Status: disputeStatuses[d.Status], At: at(d.Created),
	}
	if d.PaymentIntent != nil {
		out.PaymentID = d.PaymentIntent.ID
	}
	if d.Charge != nil {
		out.Charge = d.Charge.ID
	}
	if d.EvidenceDetails != nil {
		out.Respond = at(d.EvidenceDetails.DueBy)
	}
	return out
}
