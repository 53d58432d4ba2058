package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/store/storetest"
	"github.com/waymeet/waymeet/web"
)

// Two operators' people stand behind one address, and an attacker among them. Nobody who is signed in is slowed, by the others or by the attacker, and
// goes on being signed in; of the attacker's guesses as many are looked at as an address may make, and a token of somebody's buys nothing
// where none is asked for, nor one that counts no more.
func TestAnAddressIsCountedForWhoIsNotSignedIn(t *testing.T) {
	t.Parallel()
	const most = 12
	var looked atomic.Int64
	e := newEdge(t, func(c *web.Config) {
		c.PerIP = pace.Rate{Burst: most, Every: time.Hour}
		whole := c.Authenticate
		c.Authenticate = func(ctx context.Context, token string) (policy.Actor, error) {
			looked.Add(1)
			return whole(ctx, token)
		}
	})
	browser := func(x storetest.Tenant, who string) (*http.Client, string) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &http.Client{Jar: jar}
		in := e.send(t, c, "POST", "/v1/auth/sign-in", credentials(x, who))
		_, token, _ := strings.Cut(in.Body, `"access_token":"`)
		token, _, _ = strings.Cut(token, `"`)
		if in.Status != 200 || token == "" {
			t.Fatal(in)
		}
		return c, token
	}
	amalBrowser, amal := browser(e.DB.A, "rider")
	badrBrowser, badr := browser(e.DB.B, "rider")
	gone, spent := browser(e.DB.A, "driver") // three of the address's
	get := func(token string) int {
		return e.send(t, nil, "GET", "/v1/me", "", "Authorization", "Bearer "+token).Status
	}
	people := func(when string) {
		t.Helper()
		for range 2 * most {
			if a, b := get(amal), get(badr); a != 200 || b != 200 {
				t.Fatalf("%s: %d and %d", when, a, b)
			}
		}
		for _, c := range []*http.Client{amalBrowser, badrBrowser} {
			if r := e.send(t, c, "POST", "/v1/auth/refresh", ""); r.Status != 200 {
				t.Fatalf("%s, going on being signed in: %v", when, r)
			}
		}
	}
	people("by themselves")

	looked.Store(0)
	answers := map[int]int{}
	for i := range 5 * most {
		answers[get(fmt.Sprintf("eyJhbGciOiJFZERTQSJ9.e30.%d", i))]++
	}
	if answers[401] != most-3 || answers[429] != 5*most-answers[401] || looked.Load() != most-3 {
		t.Errorf("guesses: %v, of which %d were looked at", answers, looked.Load())
	}
	people("beside a flood")
	for what, r := range map[string]reply{
		"a sign-in":                     e.send(t, nil, "POST", "/v1/auth/sign-in", credentials(e.DB.B, "driver")),
		"a made-up cookie":              e.send(t, nil, "POST", "/v1/auth/refresh", "", "Cookie", "waymeet_refresh="+strings.Repeat("A", 128)),
		"a token where none is asked":   e.send(t, nil, "GET", "/v1/auth/jwks.json", "", "Authorization", "Bearer "+amal),
		"a token and nothing like it":   e.send(t, nil, "GET", "/v1/openapi.json", "", "Authorization", "Bearer "+amal),
		"a scheme that is no bearer's":  e.send(t, nil, "GET", "/v1/me", "", "Authorization", "Basic "+amal),
		"nothing at all, of an account": e.send(t, nil, "GET", "/v1/me", ""),
	} {
		if r.Status != 429 {
			t.Errorf("%s is answered %d", what, r.Status)
		}
	}
	if r := e.send(t, nil, "GET", "/manifest.json", ""); r.Status != 200 {
		t.Errorf("screens: %v", r)
	}

	if r := e.send(t, gone, "POST", "/v1/auth/sign-out", ""); r.Status != 204 {
		t.Fatal(r)
	}
	clear(answers)
	for range most {
		answers[get(spent)]++
	}
	if answers[401] != 5 || answers[429] != most-5 {
		t.Errorf("a token of a session that has ended: %v", answers)
	}
	for range most { // somebody's token, changed: it is nobody's, and costs its owner nothing
		if got := get(amal[:len(amal)-4] + "AAAA"); got != 401 {
			t.Fatalf("a changed token: %d", got)
		}
	}
	people("in the end")
}

// A refresh cookie is counted by its session, wherever it comes from.
func TestASessionsCookieIsCounted(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	e.send(t, c, "POST", "/v1/auth/sign-in", credentials(e.DB.A, "rider"))
	for n := range 100 {
		switch r := e.send(t, c, "POST", "/v1/auth/refresh", ""); {
		case r.Status == 429 && n >= 20:
			return
		case r.Status != 200:
			t.Fatalf("%d: %v", n, r)
		}
	}
	t.Error("never refused")
}

// A token counts for as much as its person may do, whatever is asked with it: an address that nothing answers, another method, a query that means two
// things, also with its signature changed, which its seal does not tell. The person goes on elsewhere, and so does who stands beside the flood.
func TestATokenIsCountedWhateverIsAsked(t *testing.T) {
	t.Parallel()
	const most = 5
	e := newEdge(t, func(c *web.Config) {
		c.PerUser = pace.Rate{Burst: most, Every: time.Hour}
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	amal, badr := e.bearer(t, e.DB.A, "rider"), e.bearer(t, e.DB.A, "rider2")
	floods := []struct {
		method, path, token string
		status              int
	}{
		{"GET", "/v1/nothing", amal, 404},
		{"PUT", "/v1/me", amal, 405},
		{"OPTIONS", "/v1/me", amal, 405},
		{"TRACE", "/v1/me", amal, 405},
		{"FOO", "/v1/me", amal, 405},
		{"GET", "/v1/me?a=1&a=2", amal, 400},
		{"GET", "/v1/me", amal[:len(amal)-4] + "AAAA", 401},
	}
	for i, f := range floods {
		from := fmt.Sprintf("203.0.113.%d", i)
		ask := func(method, path, token string) int {
			return e.send(t, nil, method, path, "", "Authorization", token, "X-Forwarded-For", from).Status
		}
		for n := range 2 * most {
			want := f.status
			if n >= most {
				want = 429
			}
			if got := ask(f.method, f.path, f.token); got != want {
				t.Fatalf("%s %s, the %d. time: %d", f.method, f.path, n+1, got)
			}
		}
		if got := ask("GET", "/v1/nothing", badr); got != 404 {
			t.Errorf("beside %s %s: %d", f.method, f.path, got)
		}
	}
	for n := range most {
		if r := e.send(t, nil, "GET", "/v1/me", "", "Authorization", amal, "X-Forwarded-For", "198.51.100.1"); r.Status != 200 {
			t.Errorf("elsewhere, the %d. time: %v", n+1, r)
		}
	}
}
