package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// ListMethods is a payer's saved cards, newest first.
func (g *account) ListMethods(ctx context.Context, customer string) ([]gateway.Method, error) {
	p := &stripe.PaymentMethodListParams{Customer: &customer, Type: stripe.String("card")}
	p.ListParams = list(ctx, gateway.Page{})
	it := g.reads.PaymentMethods.List(p)
	methods := []gateway.Method{}
	for it.Next() {
		pm := it.PaymentMethod()
		m := gateway.Method{ID: pm.ID, Customer: customer, At: at(pm.Created)}
		if pm.Card != nil {
			m.Card = gateway.Card{Brand: string(pm.Card.Brand), Last4: pm.Card.Last4, ExpMonth: int(pm.Card.ExpMonth), ExpYear: int(pm.Card.ExpYear)}
		}
		methods = append(methods, m)
	}
	return methods, failedRead(it.Err())
}

// ForgetMethod detaches a card: it can never be charged again.
func (g *account) ForgetMethod(ctx context.Context, method, key string) error {
	common, err := order(ctx, key, "")
	if err != nil {
		return err
	}
	_, err = g.orders.PaymentMethods.Detach(method, &stripe.PaymentMethodDetachParams{Params: common})
	return failedOrder("forget method", key, err)
}
