package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// OpenAccount opens a connected account by its controller's properties: no dashboard, we collect what is required, pay
// Stripe's fees and carry its losses. That is what used to be type=custom. (v76 has no such fees payer but
// "application"; the account's own "type" stays unset.)
func (g *account) OpenAccount(ctx context.Context, o gateway.AccountOrder) (gateway.Account, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return gateway.Account{}, err
	}
	p := &stripe.AccountParams{
		Params: common, Country: some(o.Country), Email: some(o.Email), BusinessType: some(string(o.Business)), Metadata: tags(o.Key, o.Seller),
		Controller: &stripe.AccountControllerParams{
			Fees:                  &stripe.AccountControllerFeesParams{Payer: stripe.String(string(stripe.AccountControllerFeesPayerApplication))},
			Losses:                &stripe.AccountControllerLossesParams{Payments: stripe.String(string(stripe.AccountControllerLossesPaymentsApplication))},
			RequirementCollection: stripe.String(string(stripe.AccountControllerRequirementCollectionApplication)),
			StripeDashboard:       &stripe.AccountControllerStripeDashboardParams{Type: stripe.String(string(stripe.AccountControllerStripeDashboardTypeNone))},
		},
		Capabilities: &stripe.AccountCapabilitiesParams{
			CardPayments: &stripe.AccountCapabilitiesCardPaymentsParams{Requested: stripe.Bool(true)},
			Transfers:    &stripe.AccountCapabilitiesTransfersParams{Requested: stripe.Bool(true)},
		},
		// Payouts go when we say so: the ledger's payout run decides, not Stripe's daily schedule.
		Settings: &stripe.AccountSettingsParams{Payouts: &stripe.AccountSettingsPayoutsParams{
			Schedule: &stripe.AccountSettingsPayoutsScheduleParams{Interval: stripe.String("manual")},
		}},
	}
	if o.Currency != "" {
		p.DefaultCurrency = stripe.String(lower(o.Currency))
	}
	a, err := g.orders.Accounts.New(p)
	if err != nil {
		return gateway.Account{}, failedOrder("open account", o.Key, err)
	}
	return seller(a), nil
}

// LookUpAccount finds a connected account by id or key, with what it may do and what is missing.
func (g *account) LookUpAccount(ctx context.Context, l gateway.Lookup) (gateway.Account, error) {
	if l.ID != "" {
		a, err := g.reads.Accounts.GetByID(l.ID, &stripe.AccountParams{Params: read(ctx, "")})
		if err != nil {
			return gateway.Account{}, failedGet("account", l.ID, err)
		}
		return seller(a), nil
	}
	p := &stripe.AccountListParams{}
	p.ListParams, p.CreatedRange = search(ctx, l)
	it := g.reads.Accounts.List(p)
	a, err := find("account", l.Key, it, it.Account, func(a *stripe.Account) map[string]string { return a.Metadata })
	if err != nil {
		return gateway.Account{}, err
	}
	return seller(a), nil
}

// AccountLink makes the page on which a seller answers what is due.
func (g *account) AccountLink(ctx context.Context, o gateway.LinkOrder) (gateway.Link, error) {
	common, err := order(ctx, o.Key, "")
	if err != nil {
		return gateway.Link{}, err
	}
	l, err := g.orders.AccountLinks.New(&stripe.AccountLinkParams{
		Params: common, Account: &o.Account, ReturnURL: &o.ReturnURL, RefreshURL: &o.RefreshURL, Type: stripe.String("account_onboarding"),
	})
	if err != nil {
		return gateway.Link{}, failedOrder("account link", o.Key, err)
	}
	return gateway.Link{URL: l.URL, Until: at(l.ExpiresAt)}, nil
}

func seller(a *stripe.Account) gateway.Account {
	out := gateway.Account{
		ID: a.ID, Key: a.Metadata[metaKey], Seller: a.Metadata[metaID], Country: a.Country,
		CanCharge: a.ChargesEnabled, CanPayOut: a.PayoutsEnabled, Submitted: a.DetailsSubmitted, At: at(a.Created),
	}
	if c := a.Capabilities; c != nil {
		out.Transfers, out.Cards = gateway.CapabilityState(c.Transfers), gateway.CapabilityState(c.CardPayments)
	}
	if r := a.Requirements; r != nil {
		out.Due, out.PastDue, out.Pending = r.CurrentlyDue, r.PastDue, r.PendingVerification
		out.Deadline, out.Disabled = at(r.CurrentDeadline), string(r.DisabledReason)
	}
	return out
}
