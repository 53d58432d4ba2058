package stripe_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
)

// answers opens a gateway on a server that always gives one answer, and counts how often it was asked.
func answers(t *testing.T, status int, header map[string]string, body string) (gateway.Gateway, *atomic.Int64) {
	t.Helper()
	asked := &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		for k, v := range header {
			rw.Header().Set(k, v)
		}
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	g, err := stripe.New(stripe.Config{}).Open(gateway.Credentials{Kind: gateway.Stripe, SecretKey: gateway.Hide("sk_test_veryhush"), Options: map[string]string{"url": s.URL}})
	if err != nil {
		t.Fatal(err)
	}
	return g, asked
}

func stripeError(kind, code, decline string) string {
	return fmt.Sprintf(`{"error":{"type":%q,"code":%q,"decline_code":%q,"message":"Invalid API Key provided: sk_test_veryhush","param":"amount"}}`, kind, code, decline)
}

var order = gateway.PayOrder{Key: "p1:pay:1", Payment: "p1", Amount: gateway.Amount{Minor: 500, Currency: "AED"}, Method: "pm_1"}

func TestFailuresOfOrders(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header map[string]string
		body   string
		want   error
	}{
		"500":                  {500, nil, stripeError("api_error", "", ""), &gateway.Unknown{}},
		"500 as HTML":          {502, nil, "<html>bad gateway", &gateway.Unknown{}},
		"503":                  {503, nil, stripeError("api_error", "", ""), &gateway.Unknown{}},
		"500, asked to repeat": {500, map[string]string{"Stripe-Should-Retry": "true"}, stripeError("api_error", "", ""), &gateway.Unknown{}},
		"200, cut off":         {200, nil, `{"id":"pi_1","obj`, &gateway.Unknown{}},
		"409, in progress":     {409, nil, stripeError("idempotency_error", "idempotency_key_in_use", ""), &gateway.Unknown{}},
		"429":                  {429, map[string]string{"Retry-After": "7"}, stripeError("invalid_request_error", "rate_limit", ""), &gateway.RateLimited{}},
		"429, lock":            {429, nil, stripeError("invalid_request_error", "lock_timeout", ""), &gateway.RateLimited{}},
		"401":                  {401, nil, stripeError("invalid_request_error", "", ""), &gateway.Misconfigured{}},
		"403":                  {403, nil, stripeError("invalid_request_error", "", ""), &gateway.Misconfigured{}},
		"403, account":         {403, nil, stripeError("invalid_request_error", "account_invalid", ""), &gateway.NotFound{}},
		"404":                  {404, nil, stripeError("invalid_request_error", "resource_missing", ""), &gateway.NotFound{}},
		"400":                  {400, nil, stripeError("invalid_request_error", "amount_too_large", ""), &gateway.Refused{}},
		"400, key reused":      {400, nil, stripeError("idempotency_error", "", ""), &gateway.KeyReused{}},
		"402, declined":        {402, nil, stripeError("card_error", "card_declined", "insufficient_funds"), &gateway.Declined{}},
		"402, lost":            {402, nil, stripeError("card_error", "card_declined", "stolen_card"), &gateway.Declined{}},
		"402, auth":            {402, nil, stripeError("card_error", "authentication_required", ""), &gateway.NeedsAuthentication{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, asked := answers(t, c.status, c.header, c.body)
			_, err := g.Pay(t.Context(), order)
			if err == nil || fmt.Sprintf("%T", err) != fmt.Sprintf("%T", c.want) {
				t.Fatalf("%T %v", err, err)
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("asked %d times", n)
			}
			if said := fmt.Sprintf("%v %+v", err, err); strings.Contains(said, "veryhush") {
				t.Errorf("tells the key: %s", said)
			}
			var limited *gateway.RateLimited
			if errors.As(err, &limited) && c.header != nil && limited.After != 7*time.Second {
				t.Errorf("again in %s", limited.After)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	g, err := stripe.New(stripe.Config{}).Open(gateway.Credentials{Kind: gateway.Stripe, SecretKey: gateway.Hide("sk_test_1"), Options: map[string]string{"url": "http://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	var unknown *gateway.Unknown
	if _, err := g.Pay(t.Context(), order); !errors.As(err, &unknown) || unknown.Key != order.Key {
		t.Error(err)
	}
	var away *gateway.Unreachable
	if _, err := g.LookUp(t.Context(), gateway.Lookup{ID: "pi_1"}); !errors.As(err, &away) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Pay(ctx, order); !errors.As(err, &unknown) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A question is asked once more, an order never.
func TestReadsRepeatOnce(t *testing.T) {
	t.Parallel()
	g, asked := answers(t, 500, nil, stripeError("api_error", "", ""))
	var away *gateway.Unreachable
	if _, err := g.LookUp(t.Context(), gateway.Lookup{ID: "pi_1"}); !errors.As(err, &away) || asked.Load() != 2 {
		t.Error(err, asked.Load())
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]gateway.Credentials{
		"no key":                        {},
		"a publishable key":             {SecretKey: gateway.Hide("pk_test_1")},
		"a live key and another server": {SecretKey: gateway.Hide("sk_live_1"), Options: map[string]string{"url": "http://127.0.0.1:1"}},
		"a server that is not here":     {SecretKey: gateway.Hide("sk_test_1"), Options: map[string]string{"url": "https://stripe.example.org"}},
	} {
		_, err := stripe.New(stripe.Config{}).Open(c)
		var mis *gateway.Misconfigured
		if !errors.As(err, &mis) || strings.Contains(err.Error(), "_1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	g, err := stripe.New(stripe.Config{}).Open(gateway.Credentials{SecretKey: gateway.Hide("sk_live_1")})
	if err != nil || !g.Profile().Live {
		t.Error(err)
	}
}
