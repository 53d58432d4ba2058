package stripe

import (
	"crypto/sha256"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Config is the adapter's, for all tenants. The zero value is good.
type Config struct {
	Timeout   time.Duration     // of one call; 20 s
	PerSecond int               // calls a second, per tenant and endpoint; 25
	MaxWait   time.Duration     // in the queue; 3 s
	Transport http.RoundTripper // http.DefaultTransport
	URL       string            // where test keys go unless their options say otherwise: the emulator of `waymeet dev`
}

// Adapter opens tenants' Stripe accounts.
type Adapter struct {
	cfg Config

	mu     sync.Mutex
	queues map[[32]byte]*queue // guarded by mu; by a hash of the secret key
}

// New is the adapter for this process: one, so that its queues are one.
func New(cfg Config) *Adapter {
	if cfg.Timeout == 0 {
		cfg.Timeout = 20 * time.Second
	}
	if cfg.PerSecond == 0 {
		cfg.PerSecond = 25
	}
	if cfg.MaxWait == 0 {
		cfg.MaxWait = 3 * time.Second
	}
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	return &Adapter{cfg: cfg, queues: map[[32]byte]*queue{}}
}

// Kind is gateway.Stripe.
func (a *Adapter) Kind() gateway.Kind { return gateway.Stripe }

// account is one tenant's Stripe account.
type account struct {
	profile gateway.Profile
	own     string           // the tenant's account id, if known
	secrets []gateway.Secret // of the tenant's own endpoint
	sellers []gateway.Secret // of the Connect endpoint
	orders  *client.API      // never repeats
	reads   *client.API
}

var _ gateway.Gateway = (*account)(nil)

// Open checks what can be checked without a call.
func (a *Adapter) Open(c gateway.Credentials) (gateway.Gateway, error) {
	key := c.SecretKey.Reveal()
	if !strings.HasPrefix(key, "sk_") && !strings.HasPrefix(key, "rk_") {
		return nil, &gateway.Misconfigured{Text: "a Stripe secret key begins with sk_ or rk_"} // never the value
	}
	live := strings.HasPrefix(key, "sk_live_") || strings.HasPrefix(key, "rk_live_")
	base := c.Options["url"]
	if base == "" && !live {
		base = a.cfg.URL
	}
	if base != "" {
		u, err := url.Parse(base)
		if err != nil || !loopback(u) || live {
			return nil, &gateway.Misconfigured{Text: "another server than Stripe's is for test keys on this machine alone"}
		}
	}
	merchant := c.Merchant
	if merchant.Role == "" {
		merchant.Role = gateway.TenantIsMerchant
	}
	hc := &http.Client{Timeout: a.cfg.Timeout + a.cfg.MaxWait, Transport: &paced{a.queue(key), a.cfg}}
	backend := func(repeats int64) *client.API {
		cfg := &stripe.BackendConfig{
			HTTPClient: hc, MaxNetworkRetries: &repeats, EnableTelemetry: stripe.Bool(false),
			LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}, // errors are returned; bodies belong in no log
		}
		if base != "" {
			cfg.URL = stripe.String(base)
		}
		b := stripe.GetBackendWithConfig(stripe.APIBackend, cfg)
		return client.New(key, &stripe.Backends{API: b, Connect: b, Uploads: b})
	}
	return &account{
		profile: gateway.Profile{Kind: gateway.Stripe, Merchant: merchant, Live: live, Capabilities: []gateway.Capability{
			gateway.BrowserForm, gateway.PreAuthorise, gateway.PartialCapture, gateway.Splits, gateway.Refunds, gateway.OffSession,
			gateway.StatusQuery, gateway.Payouts, gateway.DisputeNews, gateway.EventList, gateway.Webhooks,
		}, Form: gateway.Form{Script: script(base), Key: c.Publishable}},
		own: c.Options["account"], secrets: c.WebhookSecrets, sellers: c.SellerSecrets, orders: backend(0), reads: backend(1),
	}, nil
}

// script is where pages load the form from: always Stripe's own, or the emulator's.
func script(base string) string {
	if base == "" {
		return "https://js.stripe.com/v3/"
	}
	return strings.TrimSuffix(base, "/") + "/js/v3"
}

// Profile says what the account is.
func (g *account) Profile() gateway.Profile { return g.profile }

func loopback(u *url.URL) bool {
	addr, err := netip.ParseAddr(u.Hostname())
	return err == nil && addr.IsLoopback() || u.Hostname() == "localhost"
}

func (a *Adapter) queue(key string) *queue {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := sha256.Sum256([]byte(key))
	q := a.queues[id]
	if q == nil {
		q = newQueue(a.cfg.PerSecond, a.cfg.MaxWait)
		a.queues[id] = q
	}
	return q
}
