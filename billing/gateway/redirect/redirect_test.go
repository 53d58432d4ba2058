package redirect_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/gatewaytest"
	"github.com/waymeet/waymeet/billing/gateway/redirect"
	"github.com/waymeet/waymeet/internal/cmiemu"
)

// shop is a tenant at the emulated acquirer, with a server that takes callbacks.
type shop struct {
	emu      *cmiemu.Emulator
	g        gateway.Gateway
	callback string
	heard    chan gateway.Delivery
}

func open(t *testing.T, emu *cmiemu.Emulator, password string, keys ...string) gateway.Gateway {
	t.Helper()
	c := gateway.Credentials{Kind: gateway.Redirect, SecretKey: gateway.Hide(password), Options: map[string]string{
		"url": emu.FormURL(), "api": emu.APIURL(), "client": "600001", "user": "api",
	}}
	for _, k := range keys {
		c.WebhookSecrets = append(c.WebhookSecrets, gateway.Hide(k))
	}
	g, err := gateway.Openers{redirect.New(time.Second)}.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func start(t *testing.T, reject bool) *shop {
	t.Helper()
	emu, err := cmiemu.Start(cmiemu.Options{Client: "600001", StoreKey: `st|ore\key`, User: "api", Password: "hush", Hash: redirect.Hash})
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{emu: emu, g: open(t, emu, "hush", `st|ore\key`, "older"), heard: make(chan gateway.Delivery, 10)}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d := gateway.Delivery{Body: body, Header: r.Header, At: time.Now()}
		e, err := s.g.ReadWebhook(d)
		if err != nil {
			http.Error(rw, "no", http.StatusBadRequest)
			return
		}
		s.heard <- d
		if reject {
			_, _ = io.WriteString(rw, e.Reject)
			return
		}
		_, _ = io.WriteString(rw, e.Reply)
	}))
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	s.callback = server.URL
	return s
}

// pays is the payer: posts our form, then the card.
func (s *shop) pays(t *testing.T, p gateway.Payment, pan string) (page string) {
	t.Helper()
	form := url.Values{}
	for n, v := range p.Next.Fields {
		form.Set(n, v)
	}
	if status, page := post(t, p.Next.URL, form); status != http.StatusOK || !strings.Contains(page, "Development tool") {
		t.Fatal(status, page)
	}
	_, page = post(t, strings.Replace(p.Next.URL, "est3Dgate", "pay", 1), url.Values{"oid": {p.ID}, "pan": {pan}})
	return page
}

func post(t *testing.T, to string, form url.Values) (int, string) {
	t.Helper()
	res, err := http.PostForm(to, form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, func(t *testing.T) gatewaytest.Rig {
		s := start(t, false)
		return gatewaytest.Rig{
			Gateway: s.g, Currency: "MAD", Callback: s.callback,
			Payer:    func(t *testing.T, p gateway.Payment, _ gatewaytest.Card) { s.pays(t, p, "4242424242424242") },
			Taken:    func(*testing.T) int { return s.emu.Taken() },
			WrongKey: func(t *testing.T) gateway.Gateway { return open(t, s.emu, "guessed", "k") },
		}
	})
}

func order(s *shop, id string) gateway.PayOrder {
	return gateway.PayOrder{
		Key: gateway.Key(id, "pay", 1), Payment: id, Amount: gateway.Amount{Minor: 2505, Currency: "MAD"}, ReturnURL: s.callback + "/return", CallbackURL: s.callback,
	}
}

func TestDeclines(t *testing.T) {
	t.Parallel()
	s := start(t, false)
	for pan, want := range map[string]gateway.Reason{
		"4000000000000002": gateway.DeclinedPlain, "4000000000009995": gateway.InsufficientFunds, "4000000000000069": gateway.CardExpired, "1": gateway.WrongDetails,
	} {
		o := order(s, "d-"+pan)
		p, err := s.g.Pay(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		s.pays(t, p, pan)
		got, err := s.g.LookUp(t.Context(), gateway.Lookup{Key: o.Key, Amount: o.Amount})
		if err != nil || got.Status != gateway.Failed || got.Decline.Reason != want || !got.Received.IsZero() {
			t.Errorf("%s: %+v %v", pan, got, err)
		}
		if e, err := s.g.ReadWebhook(<-s.heard); err != nil || e.Type != "payment.declined" || e.Reply != "APPROVED" || e.Of != o.Payment {
			t.Errorf("%s: %+v %v", pan, e, err)
		}
	}
	if s.emu.Taken() != 0 {
		t.Fatal("money was taken")
	}
}

// A payment that nobody wants any more (the seat went) is not debited; a callback that was lost is found by asking.
func TestRejectedAndLost(t *testing.T) {
	t.Parallel()
	s := start(t, true)
	o := order(s, "late")
	p, err := s.g.Pay(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s.pays(t, p, "4242424242424242")
	if got, err := s.g.LookUp(t.Context(), gateway.Lookup{ID: "late", Amount: o.Amount}); err != nil || got.Status != gateway.Cancelled || s.emu.Taken() != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	s.emu.LoseCallbacks(1)
	o = order(s, "lost")
	if p, err = s.g.Pay(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s.pays(t, p, "4242424242424242")
	if got, err := s.g.LookUp(t.Context(), gateway.Lookup{ID: "lost", Amount: o.Amount}); err != nil || got.Status != gateway.Processing || s.emu.Taken() != 0 {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestAmountIsCompared(t *testing.T) {
	t.Parallel()
	s := start(t, false)
	o := order(s, "a1")
	p, err := s.g.Pay(t.Context(), o)
	if err != nil || p.Next.Fields["amount"] != "25.05" || p.Next.Fields["currency"] != "504" {
		t.Fatal(p, err)
	}
	cheaper := gateway.Payment{ID: p.ID, Next: gateway.Next{URL: p.Next.URL, Fields: map[string]string{}}}
	for n, v := range p.Next.Fields {
		cheaper.Next.Fields[n] = v
	}
	cheaper.Next.Fields["amount"] = "0.05" // the payer edits the page
	form := url.Values{}
	for n, v := range cheaper.Next.Fields {
		form.Set(n, v)
	}
	if status, _ := post(t, p.Next.URL, form); status != http.StatusBadRequest {
		t.Fatal("the acquirer takes an edited form", status)
	}
	s.pays(t, p, "4242424242424242")
	_, err = s.g.LookUp(t.Context(), gateway.Lookup{ID: p.ID, Amount: gateway.Amount{Minor: 9999, Currency: "MAD"}})
	var refused *gateway.Refused
	if !errors.As(err, &refused) || refused.Code != "amount_mismatch" {
		t.Fatal(err)
	}
	s.emu.FailQueries(1)
	_, err = s.g.LookUp(t.Context(), gateway.Lookup{ID: p.ID, Amount: o.Amount})
	var away *gateway.Unreachable
	if !errors.As(err, &away) || strings.Contains(err.Error(), "hush") {
		t.Fatal(err)
	}
}

func TestCallbacks(t *testing.T) {
	t.Parallel()
	s := start(t, false)
	form := func(key string, change func(url.Values)) gateway.Delivery {
		f := url.Values{"clientid": {"600001"}, "oid": {"o1"}, "ProcReturnCode": {"00"}, "Response": {"Approved"}, "TransId": {"T1"}, "amount": {"1.00"}, "EXTRA.a10": {`b|c\d`}, "extra.A9": {"é"}}
		f.Set("HASH", redirect.Hash(f, key))
		if change != nil {
			change(f)
		}
		return gateway.Delivery{Body: []byte(f.Encode()), At: time.Now()}
	}
	good := `st|ore\key`
	first, err := s.g.ReadWebhook(form(good, nil))
	if err != nil || first.Type != "payment.approved" || first.Reply != "ACTION=POSTAUTH" || first.Reject != "FAILURE" || first.Of != "o1" {
		t.Fatalf("%+v %v", first, err)
	}
	if again, err := s.g.ReadWebhook(form("older", nil)); err != nil || again.ID != first.ID {
		t.Fatalf("the older key, the same delivery: %+v %v", again, err)
	}
	for name, c := range map[string]struct {
		d   gateway.Delivery
		why gateway.Doubt
	}{
		"a stranger's key": {form("guess", nil), gateway.Forged},
		"a changed amount": {form(good, func(f url.Values) { f.Set("amount", "9.00") }), gateway.Forged},
		"a changed order":  {form(good, func(f url.Values) { f.Set("oid", "o2") }), gateway.Forged},
		"an added field":   {form(good, func(f url.Values) { f.Set("more", "1") }), gateway.Forged},
		"no hash":          {form(good, func(f url.Values) { f.Del("HASH") }), gateway.Unsigned},
		"a field twice":    {form(good, func(f url.Values) { f.Add("oid", "o2") }), gateway.Unreadable},
		"another shop's":   {form(good, func(f url.Values) { f.Set("clientid", "1"); f.Del("HASH"); f.Set("HASH", redirect.Hash(f, good)) }), gateway.Forged},
		"a strange order":  {form(good, func(f url.Values) { f.Set("oid", "../x"); f.Del("HASH"); f.Set("HASH", redirect.Hash(f, good)) }), gateway.Unreadable},
		"moved separators": {form(good, func(f url.Values) { f.Set("EXTRA.a10", `b`); f.Set("EXTRA.a11", `c\d`) }), gateway.Forged},
		"what is no form":  {gateway.Delivery{Body: []byte("%zz")}, gateway.Unreadable},
		"nothing":          {gateway.Delivery{}, gateway.Unsigned},
	} {
		_, err := s.g.ReadWebhook(c.d)
		var bad *gateway.BadWebhook
		if !errors.As(err, &bad) || bad.Why != c.why {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	full := map[string]string{"url": "https://a.example/f", "api": "https://a.example/q", "client": "1", "user": "u"}
	for name, change := range map[string]func(map[string]string){
		"plain http": func(o map[string]string) { o["url"] = "http://a.example/f" },
		"no api":     func(o map[string]string) { delete(o, "api") },
		"no client":  func(o map[string]string) { delete(o, "client") },
	} {
		o := map[string]string{}
		for k, v := range full {
			o[k] = v
		}
		change(o)
		_, err := redirect.New(0).Open(gateway.Credentials{Kind: gateway.Redirect, SecretKey: gateway.Hide("p"), WebhookSecrets: []gateway.Secret{gateway.Hide("k")}, Options: o})
		var mis *gateway.Misconfigured
		if !errors.As(err, &mis) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
