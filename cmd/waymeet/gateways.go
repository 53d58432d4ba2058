package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/hook"
)

const gatewayHelp = `add|set|show|rotate [flags]

  gateway add  --tenant atlas --kind stripe --merchant "Atlas Navettes SARL" < credentials
  gateway set  --tenant atlas --kind stripe < credentials
  gateway show --tenant atlas --kind stripe
  gateway rotate [--tenant atlas]

An operator's account with a payment service, on WAYMEET_DATABASE_URL and WAYMEET_SYSTEM_DATABASE_URL. Credentials are read from standard input, one
NAME=VALUE a line, and kept sealed with WAYMEET_SECRET; they are never shown again. Names:

  secret_key, publishable_key
  webhook_secret           signs what is told of the operator's own account; given twice, both count (while one is rolled)
  connect_webhook_secret   signs what is told of experts' connected accounts
  option.NAME              what one kind alone knows: see docs/deployment.md

rotate moves the credentials of all operators (or of one), those of media too, under the first key of WAYMEET_CREDENTIAL_KEYS; what was moved stays
moved if it is cut off, and run again it goes on. When it says that all are there, the older key may go.

The others print where the service must send its events to: WAYMEET_PUBLIC_URL with an address of the account's own.
`

func gateways(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("gateway", gatewayHelp)
	slug := f.String("tenant", "", "the operator's short name")
	kind := f.String("kind", "stripe", "stripe, redirect or cash")
	merchant := f.String("merchant", "", "who sells, as payers see it on their statements")
	what, rest, err := verb(f, args)
	if err != nil {
		return err
	}
	if err := parse(f, rest, 0); err != nil {
		return err
	}
	if what == "rotate" {
		return rotateCredentials(ctx, t, *slug)
	}
	if what != "add" && what != "set" && what != "show" || what == "add" && *merchant == "" {
		f.Usage()
		return errUsage
	}
	o, err := openAccounts(ctx, t)
	if err != nil {
		return err
	}
	defer o.db.Close()
	who, err := called(ctx, o.db, *slug)
	if err != nil {
		return err
	}
	account, err := o.do(ctx, t, what, who, gateway.Kind(*kind), *merchant)
	var wrong *gateway.Misconfigured
	switch {
	case errors.As(err, &wrong):
		return errors.New(wrong.Text)
	case fault.Is(err, "gateway_taken"):
		return fmt.Errorf("%s has an account of the kind %s: change it with `waymeet gateway set`", *slug, *kind)
	case fault.Is(err, "payment_not_set_up") && what != "add":
		return fmt.Errorf("%s has no account of the kind %s that can be opened", *slug, *kind)
	case err != nil:
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	seller, err := o.merchant(ctx, who.ID, account)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "account\t%s\nmerchant of record\t%s\n", account, seller)
	for _, connected := range []bool{false, true} {
		says := "events of the operator's own account"
		if connected {
			says = "events of experts' connected accounts"
		}
		fmt.Fprintf(w, "%s\t%s%s%s\n", says, o.public, hook.Prefix, o.inbox.Address(billing.Hook{Tenant: who.ID, Account: account, Connected: connected}))
	}
	return w.Flush()
}

// accountsByHand is what the command needs of a node.
type accountsByHand struct {
	db       *store.DB
	accounts *billing.Accounts
	inbox    *billing.Inbox
	public   string
	secret   sealed
}

func openAccounts(ctx context.Context, t *terminal) (o accountsByHand, err error) {
	r := reader{environment: t.environment}
	o.secret = r.secret("WAYMEET_SECRET")
	o.public = strings.TrimSuffix(r.or("WAYMEET_PUBLIC_URL", "http://127.0.0.1:8080"), "/")
	if o.db, err = openByHand(ctx, &r, nil); err != nil {
		return o, err
	}
	defer func() {
		if err != nil {
			o.db.Close()
		}
	}()
	box, err := seal.Parse(o.secret.reveal())
	if err != nil {
		return o, fmt.Errorf("WAYMEET_SECRET: %w", err)
	}
	kms, err := keyring(box, t.environment(credentialKeys))
	if err != nil {
		return o, err
	}
	o.accounts = billing.NewAccounts(o.db, kms, openers(r.or("WAYMEET_STRIPE_URL", "")))
	o.inbox = billing.NewInbox(o.db, o.accounts, box, nil)
	return o, nil
}

// merchant is who sells, as the account's credentials say.
func (o accountsByHand) merchant(ctx context.Context, t tenant.ID, account uuid.UUID) (string, error) {
	g, err := o.accounts.Open(ctx, t, account)
	if err != nil {
		return "", err
	}
	return g.Profile().Merchant.Name, nil
}

func (o accountsByHand) do(ctx context.Context, t *terminal, what string, who tenant.Tenant, kind gateway.Kind, merchant string) (uuid.UUID, error) {
	if what == "show" {
		a, err := o.db.Read(who.ID).GatewayAccountOf(ctx, string(kind))
		if store.IsNotFound(err) {
			err = fault.New("payment_not_set_up")
		}
		return a.ID, err
	}
	given, err := readCredentials(t.in)
	if err != nil {
		return uuid.Nil, err
	}
	if what == "add" {
		c := gateway.Credentials{Kind: kind, Merchant: gateway.Merchant{Role: gateway.TenantIsMerchant, Name: merchant}}
		given.into(&c)
		return o.accounts.Add(ctx, who.ID, c)
	}
	return o.accounts.Change(ctx, who.ID, kind, func(c *gateway.Credentials) {
		if merchant != "" {
			c.Merchant.Name = merchant
		}
		given.into(c)
	})
}

// given is credentials as they were typed: what is there replaces what was.
type given struct {
	secretKey, publishable string
	hooks, sellers         []gateway.Secret
	options                map[string]string
}

// readCredentials says which line is wrong, and never what it holds.
func readCredentials(in io.Reader) (g given, err error) {
	if in == nil {
		in = strings.NewReader("")
	}
	g.options = map[string]string{}
	s := bufio.NewScanner(io.LimitReader(in, 64<<10))
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		option, isOption := strings.CutPrefix(name, "option.")
		switch {
		case !ok || value == "":
			return g, fmt.Errorf("line %d is no NAME=VALUE", n)
		case name == "secret_key":
			g.secretKey = value
		case name == "publishable_key":
			g.publishable = value
		case name == "webhook_secret":
			g.hooks = append(g.hooks, gateway.Hide(value))
		case name == "connect_webhook_secret":
			g.sellers = append(g.sellers, gateway.Hide(value))
		case isOption && option != "":
			g.options[option] = value
		default:
			return g, fmt.Errorf("line %d has a name that is not known", n) // a name may be a secret that was pasted
		}
	}
	return g, s.Err()
}

func (g given) into(c *gateway.Credentials) {
	if g.secretKey != "" {
		c.SecretKey = gateway.Hide(g.secretKey)
	}
	if g.publishable != "" {
		c.Publishable = g.publishable
	}
	if g.hooks != nil {
		c.WebhookSecrets = g.hooks
	}
	if g.sellers != nil {
		c.SellerSecrets = g.sellers
	}
	for name, value := range g.options {
		if c.Options == nil {
			c.Options = map[string]string{}
		}
		c.Options[name] = value
	}
}
