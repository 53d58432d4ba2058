package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
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
