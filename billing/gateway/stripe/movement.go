package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// ListMovements is a page of balance transactions, newest first.
func (g *account) ListMovements(ctx context.Context, page gateway.Page) ([]gateway.Movement, error) {
	p := &stripe.BalanceTransactionListParams{CreatedRange: between(page)}
	p.ListParams = list(ctx, page)
	it := g.reads.BalanceTransactions.List(p)
	all := []gateway.Movement{}
	for it.Next() {
		b := it.BalanceTransaction()
		m := gateway.Movement{
			ID: b.ID, Type: string(b.Type), Amount: fromStripe(b.Amount, b.Currency), Fee: fromStripe(b.Fee, b.Currency),
			Net: fromStripe(b.Net, b.Currency), At: at(b.Created), Due: at(b.AvailableOn),
		}
		if b.Source != nil {
			m.Source = b.Source.ID
		}
		all = append(all, m)
	}
	return all, failedRead(it.Err())
}
