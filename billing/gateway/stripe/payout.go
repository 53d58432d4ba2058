package stripe

import (
	"context"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

func lower(currency string) string { return strings.ToLower(currency) }

// Payout sends a balance to a bank.
func (g *account) Payout(ctx context.Context, o gateway.PayoutOrder) (gateway.Payout, error) {
	common, err := order(ctx, o.Key, o.Account)
	if err != nil {
		return gateway.Payout{}, err
	}
	amount, currency, err := toStripe(o.Amount)
	if err != nil {
		return gateway.Payout{}, err
	}
	p, err := g.orders.Payouts.New(&stripe.PayoutParams{
		Params: common, Amount: &amount, Currency: &currency, StatementDescriptor: some(o.Statement), Metadata: tags(o.Key, ""),
	})
	if err != nil {
		return gateway.Payout{}, failedOrder("payout", o.Key, err)
	}
	return payout(p, o.Account), nil
}

// LookUpPayout finds a payout by id or key, of the connected account that is named.
func (g *account) LookUpPayout(ctx context.Context, l gateway.Lookup) (gateway.Payout, error) {
	if l.ID != "" {
		p, err := g.reads.Payouts.Get(l.ID, &stripe.PayoutParams{Params: read(ctx, l.Account)})
		if err != nil {
			return gateway.Payout{}, failedGet("payout", l.ID, err)
		}
		return payout(p, l.Account), nil
	}
	lp := &stripe.PayoutListParams{}
	lp.ListParams, lp.CreatedRange = search(ctx, l)
	it := g.reads.Payouts.List(lp)
	p, err := find("payout", l.Key, it, it.Payout, func(p *stripe.Payout) map[string]string { return p.Metadata })
	if err != nil {
		return gateway.Payout{}, err
	}
	return payout(p, l.Account), nil
}

var payoutStatuses = map[stripe.PayoutStatus]gateway.PayoutStatus{
	stripe.PayoutStatusPending: gateway.PayoutPending, stripe.PayoutStatusInTransit: gateway.PayoutSent, stripe.PayoutStatusPaid: gateway.PayoutPaid,
	stripe.PayoutStatusFailed: gateway.PayoutFailed, stripe.PayoutStatusCanceled: gateway.PayoutCancelled,
}

func payout(p *stripe.Payout, account string) gateway.Payout {
	return gateway.Payout{
		ID: p.ID, Key: p.Metadata[metaKey], Account: account, Amount: fromStripe(p.Amount, p.Currency), Status: payoutStatuses[p.Status],
		Failure: string(p.FailureCode), Arrives: at(p.ArrivalDate), At: at(p.Created),
	}
}
