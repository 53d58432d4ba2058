package stripe

import (
	"context"
	"errors"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// SaveMethod makes a SetupIntent for charges while the payer is away.
func (g *account) SaveMethod(ctx context.Context, o gateway.SaveOrder) (gateway.Setup, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return gateway.Setup{}, err
	}
	p := &stripe.SetupIntentParams{
		Params: common, Customer: &o.Customer, Usage: stripe.String(string(stripe.SetupIntentUsageOffSession)),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}), Metadata: tags(o.Key, ""),
	}
	if o.Method != "" {
		p.PaymentMethod, p.Confirm, p.ReturnURL = &o.Method, stripe.Bool(true), some(o.ReturnURL)
	}
	si, err := g.orders.SetupIntents.New(p)
	if err != nil {
		var se *stripe.Error
		if errors.As(err, &se) && se.SetupIntent != nil {
			return setup(se.SetupIntent), failedOrder("save method", o.Key, err)
		}
		return gateway.Setup{}, failedOrder("save method", o.Key, err)
	}
	made := setup(si)
	if made.Status == gateway.SetupNeedsAuth {
		return made, &gateway.NeedsAuthentication{ID: made.ID, Next: made.Next}
	}
	return made, nil
}

// LookUpSetup finds a setup by id or key.
func (g *account) LookUpSetup(ctx context.Context, l gateway.Lookup) (gateway.Setup, error) {
	if l.ID != "" {
		si, err := g.reads.SetupIntents.Get(l.ID, &stripe.SetupIntentParams{Params: read(ctx, "")})
		if err != nil {
			return gateway.Setup{}, failedGet("setup", l.ID, err)
		}
		return setup(si), nil
	}
	p := &stripe.SetupIntentListParams{Customer: some(l.Customer)}
	p.ListParams, p.CreatedRange = search(ctx, l)
	it := g.reads.SetupIntents.List(p)
	si, err := find("setup", l.Key, it, it.SetupIntent, func(si *stripe.SetupIntent) map[string]string { return si.Metadata })
	if err != nil {
		return gateway.Setup{}, err
	}
	return setup(si), nil
}

func setup(si *stripe.SetupIntent) gateway.Setup {
	s := gateway.Setup{ID: si.ID, Key: si.Metadata[metaKey], Status: gateway.SetupOpen, Decline: declined(si.LastSetupError), At: at(si.Created)}
	if si.Customer != nil {
		s.Customer = si.Customer.ID
	}
	switch si.Status {
	case stripe.SetupIntentStatusSucceeded:
		s.Status = gateway.SetupDone
		if si.PaymentMethod != nil {
			s.Method = si.PaymentMethod.ID
		}
		return s
	case stripe.SetupIntentStatusCanceled:
		s.Status = gateway.SetupCancelled
		return s
	case stripe.SetupIntentStatusRequiresAction:
		s.Status = gateway.SetupNeedsAuth
	}
	s.Next.ClientSecret, s.Next.Approve = gateway.Hide(si.ClientSecret), s.Status == gateway.SetupNeedsAuth && si.PaymentMethod != nil
	if n := si.NextAction; n != nil && n.RedirectToURL != nil {
		s.Next.URL, s.Next.Method = n.RedirectToURL.URL, "GET"
	}
	return s
}
