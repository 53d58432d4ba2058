package redirect

import (
	"crypto/sha256"
	"crypto/tls"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Adapter opens tenants' shops.
type Adapter struct{ client *http.Client }

// New is the adapter; a timeout of 0 is 15 s.
func New(timeout time.Duration) *Adapter {
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return &Adapter{&http.Client{Timeout: timeout, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the password is in the body
	}}}
}

// Kind is gateway.Redirect.
func (*Adapter) Kind() gateway.Kind { return gateway.Redirect }

type shop struct {
	gateway.Unsupported
	profile  gateway.Profile
	http     *http.Client
	form     string
	api      string
	client   string
	user     string
	password gateway.Secret
	keys     []gateway.Secret // store keys
}

var _ gateway.Gateway = (*shop)(nil)

// Open checks what can be checked without a call.
func (a *Adapter) Open(c gateway.Credentials) (gateway.Gateway, error) {
	s := &shop{
		Unsupported: gateway.Unsupported{Of: gateway.Redirect}, http: a.client,
		form: c.Options["url"], api: c.Options["api"], client: c.Options["client"], user: c.Options["user"], password: c.SecretKey, keys: c.WebhookSecrets,
	}
	if s.client == "" || s.user == "" || s.password.IsZero() || len(s.keys) == 0 || s.keys[0].IsZero() {
		return nil, &gateway.Misconfigured{Text: "a redirect acquirer needs client, user, its password and a store key"}
	}
	live := true
	for _, at := range []string{s.form, s.api} {
		u, err := url.Parse(at)
		if err != nil || u.Host == "" {
			return nil, &gateway.Misconfigured{Text: "a redirect acquirer needs the addresses url and api"}
		}
		addr, err := netip.ParseAddr(u.Hostname())
		if local := err == nil && addr.IsLoopback(); local {
			live = false
		} else if u.Scheme != "https" {
			return nil, &gateway.Misconfigured{Text: "a redirect acquirer is spoken to by https"}
		}
	}
	m := c.Merchant
	if m.Role == "" {
		m.Role = gateway.TenantIsMerchant
	}
	s.profile = gateway.Profile{
		Kind: gateway.Redirect, Merchant: m, Live: live && c.Options["test"] != "true",
		Capabilities: []gateway.Capability{gateway.HostedPage, gateway.StatusQuery, gateway.Webhooks},
	}
	return s, nil
}

// Profile says what the shop is.
func (s *shop) Profile() gateway.Profile { return s.profile }

func digest(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}
