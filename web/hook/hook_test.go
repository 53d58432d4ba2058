package hook_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/hook"
)

// A delivery reaches billing byte by byte, whatever it calls itself, and what billing says of it is the answer.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	var got gateway.Delivery
	var where string
	var answer error
	server := httptest.NewServer(web.New(web.Config{Hooks: hook.Handler(func(_ context.Context, address string, d gateway.Delivery) (string, error) {
		where, got = address, d
		return "ACTION=POSTAUTH", answer
	})}))
	defer server.Close()
	for name, c := range map[string]struct {
		method, body, kind string
		refuse             error
		status             int
		code               string
	}{
		"as it came":            {"POST", "{\"a\": 1}\r\n\x00", "application/json", nil, 200, ""},
		"a form":                {"POST", "HASH=abc&a=1", "application/x-www-form-urlencoded", nil, 200, ""},
		"without a type":        {"POST", "x", "", nil, 200, ""},
		"as large as may be":    {"POST", strings.Repeat("x", 256<<10), "", nil, 200, ""},
		"larger":                {"POST", strings.Repeat("x", 256<<10+1), "", nil, 413, "body_too_large"},
		"not believed":          {"POST", "x", "", &gateway.BadWebhook{Why: gateway.Forged}, 400, "bad_request"},
		"nobody's address":      {"POST", "x", "", fault.New("not_found"), 404, "not_found"},
		"a failure of ours":     {"POST", "x", "", errors.New("SELECT secret FROM gateway_account"), 500, "internal"},
		"a question, no answer": {"GET", "", "", nil, 405, "method_not_allowed"},
	} {
		got, where, answer = gateway.Delivery{}, "", c.refuse
		r, _ := http.NewRequestWithContext(t.Context(), c.method, server.URL+hook.Prefix+"abc", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		r.Header.Set("Stripe-Signature", "t=1,v1=2")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != c.status {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
		if c.code != "" {
			var p struct{ Code string }
			if err := json.Unmarshal(body, &p); err != nil || p.Code != c.code || strings.Contains(string(body), "SELECT") {
				t.Errorf("%s: %s", name, body)
			}
			continue
		}
		if string(body) != "ACTION=POSTAUTH" || string(got.Body) != c.body || where != "abc" || got.Header.Get("Stripe-Signature") != "t=1,v1=2" || got.At.IsZero() {
			t.Errorf("%s: answered %q, took %d bytes at %q", name, body, len(got.Body), where)
		}
	}
}
