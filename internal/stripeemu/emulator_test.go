package stripeemu

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

type client struct {
	t   *testing.T
	e   *Emulator
	key string
}

func start(t *testing.T) client {
	t.Helper()
	e, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return client{t, e, "sk_test_a"}
}

func (c client) call(method, path, idempotency string, form url.Values) (int, http.Header, map[string]any) {
	c.t.Helper()
	to, body := c.e.URL()+path, ""
	if method == http.MethodGet {
		to += "?" + form.Encode()
	} else {
		body = form.Encode()
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, to, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	if idempotency != "" {
		r.Header.Set("Idempotency-Key", idempotency)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, res.Header, out
}

func (c client) must(method, path string, form url.Values) map[string]any {
	c.t.Helper()
	status, _, out := c.call(method, path, "", form)
	if status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %v", method, path, status, out)
	}
	return out
}

func charge(extra ...string) url.Values {
	f := url.Values{"amount": {"1000"}, "currency": {"aed"}}
	for i := 0; i < len(extra); i += 2 {
		f.Set(extra[i], extra[i+1])
	}
	return f
}

// Stripe keeps answers by key: 200s, declines and 500s; not what failed before it began.
func TestKeys(t *testing.T) {
	t.Parallel()
	c := start(t)
	form := charge("payment_method", "pm_card_visa", "confirm", "true")
	_, h, first := c.call("POST", "/v1/payment_intents", "k1", form)
	_, h2, again := c.call("POST", "/v1/payment_intents", "k1", form)
	if first["id"] != again["id"] || h.Get("Idempotent-Replayed") != "" || h2.Get("Idempotent-Replayed") != "true" {
		t.Fatal(first["id"], again["id"])
	}
	if status, _, out := c.call("POST", "/v1/payment_intents", "k1", charge()); status != 400 || out["error"].(map[string]any)["type"] != "idempotency_error" {
		t.Fatal(status, out)
	}
	bad := charge("payment_method", "pm_card_visa", "confirm", "true", "amount", "-1")
	if status, _, _ := c.call("POST", "/v1/payment_intents", "k2", bad); status != 400 {
		t.Fatal(status)
	}
	if status, _, _ := c.call("POST", "/v1/payment_intents", "k2", form); status != 200 { // a 400 is not kept
		t.Fatal(status)
	}
	c.e.Inject(Fault{Path: "/v1/payment_intents", What: FailBefore})
	for range 2 {
		if status, _, _ := c.call("POST", "/v1/payment_intents", "k3", form); status != 500 {
			t.Fatal(status)
		}
	}
	c.e.Advance(25 * time.Hour)
	if _, h, late := c.call("POST", "/v1/payment_intents", "k1", form); late["id"] == first["id"] || h.Get("Idempotent-Replayed") != "" { // forgotten
		t.Fatal(first["id"], late["id"])
	}
	other := client{t, c.e, "sk_test_b"} // keys are an account's own, and so are objects
	if _, _, out := other.call("POST", "/v1/payment_intents", "k1", charge()); out["id"] == first["id"] {
		t.Fatal("shared")
	}
	if status, _, _ := other.call("GET", "/v1/payment_intents/"+first["id"].(string), "", nil); status != 404 {
		t.Fatal("seen from another account", status)
	}
}

func TestRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	c := start(t)
	if status, _, out := c.call("POST", "/v1/payment_intents", "", charge("amonut", "5")); status != 400 || out["error"].(map[string]any)["code"] != "parameter_unknown" {
		t.Fatal(status, out)
	}
	if status, _, _ := c.call("POST", "/v1/subscriptions", "", charge()); status != 404 {
		t.Fatal(status)
	}
	c.key = "sk_live_x"
	if status, _, _ := c.call("GET", "/v1/events", "", nil); status != 401 {
		t.Fatal(status)
	}
}

// receiver takes webhooks; it refuses the first times.
type receiver struct {
	mu     sync.Mutex
	ids    []string // guarded by mu
	refuse int      // guarded by mu
	secret string
	t      *testing.T
}

func (r *receiver) ServeHTTP(rw http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	var ev struct {
		ID      string `json:"id"`
		Account string `json:"account"`
	}
	_ = json.Unmarshal(body, &ev)
	at := strings.TrimPrefix(strings.Split(q.Header.Get("Stripe-Signature"), ",")[0], "t=")
	if n := number64(at, 0); q.Header.Get("Stripe-Signature") != Signature(r.secret, time.Unix(n, 0), body) {
		r.t.Error("the signature is wrong")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse > 0 {
		r.refuse--
		rw.WriteHeader(http.StatusInternalServerError)
		return
	}
	r.ids = append(r.ids, ev.ID)
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	c := start(t)
	platform, connect := &receiver{t: t, secret: "whsec_p", refuse: 1}, &receiver{t: t, secret: "whsec_c"}
	p, k := httptest.NewServer(platform), httptest.NewServer(connect)
	t.Cleanup(func() { p.Close(); k.Close() })
	c.e.AddEndpoint(c.key, Endpoint{URL: p.URL, Secret: "whsec_p"})
	c.e.AddEndpoint(c.key, Endpoint{URL: k.URL, Secret: "whsec_c", Connect: true})
	c.e.Behave(Mood{Copies: 2, Shuffle: 7, Delay: 10 * time.Millisecond})
	for range 5 {
		c.must("POST", "/v1/payment_intents", charge("payment_method", "pm_card_visa", "confirm", "true"))
	}
	acct := c.must("POST", "/v1/accounts", url.Values{"country": {"AE"}})
	c.e.CompleteAccount(acct["id"].(string))
	if err := c.e.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(platform.ids) != 5*3*2 || len(connect.ids) != 2*2 { // created, charge.succeeded, succeeded; account.updated
		t.Fatal(len(platform.ids), len(connect.ids))
	}
	var made []string
	for _, e := range c.must("GET", "/v1/events", url.Values{"limit": {"100"}})["data"].([]any) {
		made = append(made, e.(map[string]any)["id"].(string))
	}
	slices.Reverse(made)
	if once := slices.Compact(slices.Clone(platform.ids)); slices.Equal(once, made) {
		t.Fatal("they came in order")
	}
	if left := c.must("GET", "/v1/events", url.Values{"delivery_success": {"false"}})["data"].([]any); len(left) != 0 {
		t.Fatal("all were taken", left)
	}
}

func TestHeldWebhooks(t *testing.T) {
	t.Parallel()
	c := start(t)
	r := &receiver{t: t, secret: "s"}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	c.e.AddEndpoint(c.key, Endpoint{URL: s.URL, Secret: "s"})
	c.e.Hold()
	c.must("POST", "/v1/customers", nil)
	c.must("POST", "/v1/customers", nil)
	all := c.e.Waiting()
	if len(all) != 2 || len(r.ids) != 0 {
		t.Fatal(all, r.ids)
	}
	for _, p := range []Posting{all[1], all[0], all[1]} {
		if status, err := c.e.Deliver(t.Context(), p); err != nil || status != 200 {
			t.Fatal(status, err)
		}
	}
	if !slices.Equal(r.ids, []string{all[1].ID, all[0].ID, all[1].ID}) {
		t.Fatal(r.ids)
	}
}

func TestPagesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	c := start(t)
	pi := c.must("POST", "/v1/payment_intents", charge("payment_method", "pm_card_authenticationRequired", "confirm", "true", "return_url", "http://127.0.0.1:1/back?x=1"))
	acct := c.must("POST", "/v1/accounts", url.Values{"country": {"AE"}})
	link := c.must("POST", "/v1/account_links", url.Values{"account": {acct["id"].(string)}, "type": {"account_onboarding"}, "return_url": {"http://127.0.0.1:1/done"}, "refresh_url": {"http://127.0.0.1:1/again"}})
	challenge := c.e.URL() + "/emu/challenge/" + pi["id"].(string)
	for _, page := range []string{c.e.URL() + "/emu", challenge, c.e.URL() + "/emu/challenge/pi_none", link["url"].(string), c.e.URL() + "/js/v3/"} {
		res, err := http.Get(page)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if !strings.Contains(strings.ToLower(string(body)), "development tool") {
			t.Errorf("%s does not say that it is a development tool", page)
		}
		if strings.Contains(string(body), "__EMULATOR__") {
			t.Errorf("%s: no address", page)
		}
	}
	still := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	goes := func(res *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.Header.Get("Location")
	}
	if to := goes(still.PostForm(challenge, url.Values{"answer": {"yes"}})); !strings.HasPrefix(to, "http://127.0.0.1:1/back?x=1&payment_intent="+pi["id"].(string)) {
		t.Error(to)
	}
	if to := goes(still.Get(link["url"].(string))); to != "http://127.0.0.1:1/again" { // it was used above
		t.Error(to)
	}
	if to := goes(still.PostForm(link["url"].(string), url.Values{"answer": {"complete"}})); to != "http://127.0.0.1:1/done" {
		t.Error(to)
	}
	if a := c.must("GET", "/v1/accounts/"+acct["id"].(string), nil); a["payouts_enabled"] != true {
		t.Error(a)
	}
}

// A browser may confirm with the intent's secret, and nothing else with a publishable key.
func TestPublishableKey(t *testing.T) {
	t.Parallel()
	c := start(t)
	pi := c.must("POST", "/v1/payment_intents", charge())
	browser := client{t, c.e, "pk_test_a"}
	path := "/v1/payment_intents/" + pi["id"].(string)
	card := url.Values{"payment_method_data[type]": {"card"}, "payment_method_data[card][number]": {"4242 4242 4242 4242"}, "client_secret": {"guess"}}
	if status, _, _ := browser.call("POST", path+"/confirm", "", card); status != 404 {
		t.Fatal(status)
	}
	if status, _, _ := browser.call("POST", "/v1/refunds", "", url.Values{"payment_intent": {pi["id"].(string)}}); status != 401 {
		t.Fatal(status)
	}
	card.Set("client_secret", pi["client_secret"].(string))
	if status, _, out := browser.call("POST", path+"/confirm", "", card); status != 200 || out["status"] != "succeeded" {
		t.Fatal(status, out)
	}
	if status, _, _ := browser.call("GET", "/v1/events", "", nil); status != 401 {
		t.Fatal(status)
	}
}

// The bank's word on a dispute, and a payout that comes back, move the money again, once.
func TestDisputesAndPayoutsEnd(t *testing.T) {
	t.Parallel()
	c := start(t)
	pi := c.must("POST", "/v1/payment_intents", charge("amount", "100000", "payment_method", "pm_card_visa", "confirm", "true"))
	c.e.DisputePayment(pi["id"].(string))
	c.e.DisputePayment(pi["id"].(string))
	d := c.e.Objects(c.key, "dispute")
	if len(d) != 1 {
		t.Fatal(d)
	}
	for range 2 {
		c.e.CloseDispute(d[0]["id"].(string), true)
	}
	c.e.Advance(3 * 24 * time.Hour)
	po := c.must("POST", "/v1/payouts", url.Values{"amount": {"100"}, "currency": {"aed"}})
	for range 2 {
		c.e.FailPayout(po["id"].(string))
	}
	var sum int64
	for _, m := range c.e.Objects(c.key, "balance_transaction") {
		sum += m["amount"].(int64)
	}
	if got := c.must("GET", "/v1/payouts/"+po["id"].(string), nil); sum != 100000 || got["status"] != "failed" {
		t.Fatal(sum, got)
	}
}

func TestLoopbackOnly(t *testing.T) {
	t.Parallel()
	if e, err := Start(Options{Listen: "0.0.0.0:0"}); err == nil {
		_ = e.Close()
		t.Fatal("it listens to everybody")
	}
}
