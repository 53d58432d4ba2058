package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Customer makes a payer known.
func (g *account) Customer(ctx context.Context, o gateway.CustomerOrder) (gateway.Customer, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return gateway.Customer{}, err
	}
	p := &stripe.CustomerParams{Params: common, Name: some(o.Name), Email: some(o.Email), Metadata: tags(o.Key, o.User)}
	if o.Language != "" {
		p.PreferredLocales = stripe.StringSlice([]string{o.Language})
	}
	c, err := g.orders.Customers.New(p)
	if err != nil {
		return gateway.Customer{}, failedOrder("customer", o.Key, err)
	}
	return customer(c), nil
}

// LookUpCustomer finds a payer by id or key.
func (g *account) LookUpCustomer(ctx context.Context, l gateway.Lookup) (gateway.Customer, error) {
	if l.ID != "" {
		c, err := g.reads.Customers.Get(l.ID, &stripe.CustomerParams{Params: read(ctx, "")})
		if err != nil {
			return gateway.Customer{}, failedGet("customer", l.ID, err)
		}
		return customer(c), nil
	}
	p := &stripe.CustomerListParams{}
	p.ListParams, p.CreatedRange = search(ctx, l)
	it := g.reads.Customers.List(p)
	c, err := find("customer", l.Key, it, it.Customer, func(c *stripe.Customer) map[string]string { return c.Metadata })
	if err != nil {
		return gateway.Customer{}, err
	}
	return customer(c), nil
}

func customer(c *stripe.Customer) gateway.Customer {
	return gateway.Customer{ID: c.ID, Key: c.Metadata[metaKey], User: c.Metadata[metaID], At: at(c.Created)}
}
