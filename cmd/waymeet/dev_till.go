package main

import (
	"context"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/demo"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/hook"
)

// openTills gives each of the demo's operators an account at the Stripe emulator, which tells this node what happens there. The
// emulator forgets when dev ends, so it is told of the endpoints each time.
func openTills(ctx context.Context, s *stack, n *node, url string) error {
	for _, slug := range demo.Operators() {
		who, err := n.db.System().TenantBySlug(ctx, slug)
		if err != nil {
			return err
		}
		account, err := openTill(ctx, n, who)
		if err != nil {
			return err
		}
		for _, connected := range []bool{false, true} {
			to := url + hook.Prefix + n.inbox.Address(billing.Hook{Tenant: who.ID, Account: account, Connected: connected})
			s.stripe.AddEndpoint(tillKey(slug), stripeemu.Endpoint{URL: to, Secret: tillSecret(slug, connected), Connect: connected})
		}
	}
	return nil
}

func openTill(ctx context.Context, n *node, who tenant.Tenant) (account [16]byte, err error) {
	id, err := n.accounts.Add(ctx, who.ID, gateway.Credentials{Kind: gateway.Stripe, Merchant: gateway.Merchant{Name: who.Name},
		SecretKey: gateway.Hide(tillKey(who.Slug)), Publishable: "pk_test_" + who.Slug,
		WebhookSecrets: []gateway.Secret{gateway.Hide(tillSecret(who.Slug, false))}, SellerSecrets: []gateway.Secret{gateway.Hide(tillSecret(who.Slug, true))}})
	if fault.Is(err, "gateway_taken") {
		var a store.GatewayAccount
		a, err = n.db.Read(who.ID).GatewayAccountOf(ctx, string(gateway.Stripe))
		id = a.ID
	}
	return id, err
}

// The emulator takes any key that looks like one: these open nothing anywhere.
func tillKey(slug string) string { return "sk_test_" + slug }

func tillSecret(slug string, connected bool) string {
	if connected {
		return "whsec_demo_connect_" + slug
	}
	return "whsec_demo_" + slug
}
