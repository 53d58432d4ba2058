package stripe_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/gatewaytest"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/internal/stripeemu"
)

const (
	oldSecret = "whsec_old"
	newSecret = "whsec_new"
	sellers   = "whsec_sellers"
)

var tenants atomic.Int64

// tenant is a Stripe account of its own on the emulator.
type tenant struct {
	emu     *stripeemu.Emulator
	key     string
	adapter *stripe.Adapter
	g       gateway.Gateway
}

func emulator(t *testing.T) *stripeemu.Emulator {
	t.Helper()
	emu, err := stripeemu.Start(stripeemu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := emu.Close(); err != nil {
			t.Error(err)
		}
	})
	return emu
}

func open(t *testing.T, emu *stripeemu.Emulator, cfg stripe.Config) *tenant {
	t.Helper()
	tn := &tenant{emu: emu, key: fmt.Sprintf("sk_test_t%d", tenants.Add(1)), adapter: stripe.New(cfg)}
	tn.g = tn.with(t, tn.key, oldSecret, newSecret)
	return tn
}

func (tn *tenant) with(t *testing.T, key string, secrets ...string) gateway.Gateway {
	t.Helper()
	c := gateway.Credentials{Kind: gateway.Stripe, SecretKey: gateway.Hide(key), Options: map[string]string{"url": tn.emu.URL()}, SellerSecrets: []gateway.Secret{gateway.Hide(sellers)}}
	for _, s := range secrets {
		c.WebhookSecrets = append(c.WebhookSecrets, gateway.Hide(s))
	}
	g, err := gateway.Openers{tn.adapter}.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

var methods = map[gatewaytest.Card]string{
	gatewaytest.Good: "pm_card_visa", gatewaytest.Declines: "pm_card_visa_chargeDeclined", gatewaytest.Poor: "pm_card_chargeDeclinedInsufficientFunds",
	gatewaytest.Expired: "pm_card_chargeDeclinedExpiredCard", gatewaytest.Stolen: "pm_card_visa_chargeDeclinedLostCard",
	gatewaytest.Authenticate: "pm_card_authenticationRequired", gatewaytest.Disputed: "pm_card_createDispute",
}

var faults = map[gatewaytest.How]stripeemu.What{
	gatewaytest.FailBefore: stripeemu.FailBefore, gatewaytest.FailAfter: stripeemu.FailAfter, gatewaytest.Hang: stripeemu.HangAfter,
	gatewaytest.Drop: stripeemu.DropAfter, gatewaytest.TooMany: stripeemu.TooMany,
}

func TestConformance(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(t *testing.T) gatewaytest.Rig {
		tn := open(t, emulator(t), stripe.Config{Timeout: 300 * time.Millisecond, PerSecond: 1000, MaxWait: time.Second})
		return tn.rig()
	})
}

func (tn *tenant) rig() gatewaytest.Rig {
	return gatewaytest.Rig{
		Gateway: tn.g, Currency: "AED",
		Payer: tn.confirm,
		Taken: func(t *testing.T) int {
			all, err := tn.g.ListMovements(t.Context(), gateway.Page{})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, m := range all {
				if m.Type == "charge" {
					n++
				}
			}
			return n
		},
		Method: func(_ *testing.T, c gatewaytest.Card) string { return methods[c] },
		Authenticate: func(t *testing.T, id string, yes bool) {
			answer := map[bool]string{true: "yes", false: "no"}[yes]
			post(t, tn.emu.URL()+"/emu/challenge/"+id, url.Values{"answer": {answer}, "framed": {"yes"}})
		},
		Seller: func(t *testing.T) string {
			a, err := tn.g.OpenAccount(t.Context(), gateway.AccountOrder{Key: fmt.Sprintf("s%d:account:1", tenants.Add(1)), Country: "AE", Business: gateway.Individual, Currency: "AED"})
			if err != nil {
				t.Fatal(err)
			}
			tn.emu.CompleteAccount(a.ID)
			return a.ID
		},
		Complete: func(t *testing.T, account string) {
			l, err := tn.g.AccountLink(t.Context(), gateway.LinkOrder{Key: fmt.Sprintf("l%d:link:1", tenants.Add(1)), Account: account, ReturnURL: tn.emu.URL() + "/emu", RefreshURL: tn.emu.URL() + "/emu"})
			if err != nil {
				t.Fatal(err)
			}
			post(t, l.URL, url.Values{"answer": {"complete"}})
		},
		FailRefund:   func(_ *testing.T, id string) { tn.emu.FailRefund(id) },
		SlowRefunds:  func(_ *testing.T, slow bool) { tn.emu.SlowRefunds(slow) },
		SettleRefund: func(_ *testing.T, id string) { tn.emu.SettleRefund(id) },
		Break: func(_ *testing.T, how gatewaytest.How) {
			tn.emu.Inject(stripeemu.Fault{Path: "/v1/", What: faults[how]})
		},
		Advance: func(_ *testing.T, d time.Duration) { tn.emu.Advance(d) },
		Event:   func(t *testing.T) []byte { return tn.heard(t, false)[0].Body },
		AccountEvent: func(t *testing.T) ([]byte, string) {
			p := tn.heard(t, true)[0]
			return p.Body, p.Account
		},
		Sign: func(secret int, at time.Time, body []byte) gateway.Delivery {
			by := map[int]string{0: oldSecret, 1: newSecret, 9: sellers, -1: "whsec_stranger"}[secret]
			return gateway.Delivery{Body: body, Header: http.Header{"Stripe-Signature": {stripeemu.Signature(by, at, body)}}, At: time.Now()}
		},
		Rotated:  func(t *testing.T) gateway.Gateway { return tn.with(t, tn.key, newSecret) },
		WrongKey: func(t *testing.T) gateway.Gateway { return tn.with(t, "sk_nonsense") },
	}
}

// heard makes something happen, to the platform or to a connected account, and is what would be delivered.
func (tn *tenant) heard(t *testing.T, connect bool) []stripeemu.Posting {
	t.Helper()
	tn.emu.Hold()
	tn.emu.AddEndpoint(tn.key, stripeemu.Endpoint{URL: "http://127.0.0.1:1/", Secret: oldSecret, Connect: connect})
	if connect {
		tn.rig().Seller(t)
	} else if _, err := tn.g.Customer(t.Context(), gateway.CustomerOrder{Key: fmt.Sprintf("c%d:customer:1", tenants.Add(1))}); err != nil {
		t.Fatal(err)
	}
	all := tn.emu.Waiting()
	if len(all) == 0 {
		t.Fatal("nothing is told")
	}
	return all
}

// confirm is what Stripe.js does with the payer's card.
func (tn *tenant) confirm(t *testing.T, p gateway.Payment, c gatewaytest.Card) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tn.emu.URL()+"/v1/payment_intents/"+p.ID+"/confirm",
		strings.NewReader(url.Values{"client_secret": {p.Next.ClientSecret.Reveal()}, "payment_method": {methods[c]}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer pk_test_"+strings.TrimPrefix(tn.key, "sk_test_"))
	send(t, r)
}

func post(t *testing.T, to string, form url.Values) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	send(t, r)
}

func send(t *testing.T, r *http.Request) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		t.Fatalf("%s: %s", r.URL, res.Status)
	}
}
