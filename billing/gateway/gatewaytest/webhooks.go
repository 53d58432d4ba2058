package gatewaytest

import (
	"github.com/waymeet/waymeet/billing/gateway"
	"testing"
	"time"
)

func webhooksBad(t *testing.T, r Rig) {
	r.can(t, gateway.Webhooks)
	if r.Event == nil {
		t.Skip("its own tests know its callbacks")
	}
	g, body, now := r.Gateway, r.Event(t), time.Now()
	e := must[gateway.Event](t)(g.ReadWebhook(r.Sign(0, now, body)))
	if e.ID == "" || e.Type == "" || e.Of == "" || e.Account != "" || string(e.Body) != string(body) {
		t.Fatalf("%+v", e)
	}
	refused := func(name string, d gateway.Delivery, why gateway.Doubt) {
		t.Helper()
		_, err := g.ReadWebhook(d)
		if bad := is[*gateway.BadWebhook](t, err); bad.Why != why {
			t.Errorf("%s: %s", name, bad.Why)
		}
	}
	changed := append([]byte(nil), body...)
	changed[len(changed)/2] ^= 1
	forged := r.Sign(0, now, body)
	forged.Body = changed
	unsigned := r.Sign(0, now, body)
	unsigned.Header = nil
	redated := r.Sign(0, now.Add(-time.Hour), body)
	redated.At = now
	refused("a stranger's secret", r.Sign(-1, now, body), gateway.Forged)
	refused("a changed body", forged, gateway.Forged)
	refused("no signature", unsigned, gateway.Unsigned)
	refused("an hour old", redated, gateway.TooOld)
	for _, c := range []struct {
		off time.Duration
		why gateway.Doubt
	}{{-5*time.Minute - 2*time.Second, gateway.TooOld}, {5*time.Minute + 2*time.Second, gateway.TooNew}, {24 * time.Hour, gateway.TooNew}} {
		d := r.Sign(0, now.Add(c.off), body)
		d.At = now
		refused(c.off.String(), d, c.why)
	}
	for _, off := range []time.Duration{-4 * time.Minute, 4 * time.Minute} {
		d := r.Sign(0, now.Add(off), body)
		d.At = now
		must[gateway.Event](t)(g.ReadWebhook(d))
	}
	refused("no event", r.Sign(0, now, []byte(`{"object":"list"}`)), gateway.Unreadable)
	refused("no JSON", r.Sign(0, now, []byte(`hello`)), gateway.Unreadable)
}

func webhooksRotate(t *testing.T, r Rig) {
	r.can(t, gateway.Webhooks)
	if r.Rotated == nil {
		t.Skip("one secret")
	}
	body, now := r.Event(t), time.Now()
	for secret := range 2 { // both count while the old one is being retired
		must[gateway.Event](t)(r.Gateway.ReadWebhook(r.Sign(secret, now, body)))
	}
	after := r.Rotated(t)
	must[gateway.Event](t)(after.ReadWebhook(r.Sign(1, now, body)))
	_, err := after.ReadWebhook(r.Sign(0, now, body))
	if bad := is[*gateway.BadWebhook](t, err); bad.Why != gateway.Forged {
		t.Fatal(bad.Why)
	}
}

func webhookAccount(t *testing.T, r Rig) {
	r.can(t, gateway.Webhooks, gateway.Splits)
	body, account := r.AccountEvent(t)
	d := r.Sign(sellers, time.Now(), body)
	d.Seller = true
	if e := must[gateway.Event](t)(r.Gateway.ReadWebhook(d)); e.Account != account || account == "" {
		t.Fatalf("%+v is not about %s", e, account)
	}
	refused := func(d gateway.Delivery, why gateway.Doubt) {
		t.Helper()
		_, err := r.Gateway.ReadWebhook(d)
		if bad := is[*gateway.BadWebhook](t, err); bad.Why != why {
			t.Errorf("%s, want %s", bad.Why, why)
		}
	}
	own := r.Event(t)
	d.Seller = false
	refused(d, gateway.Forged)                                  // the other endpoint's secret
	refused(r.Sign(0, time.Now(), body), gateway.WrongEndpoint) // an account at the tenant's own endpoint
	d = r.Sign(sellers, time.Now(), own)
	d.Seller = true
	refused(d, gateway.WrongEndpoint) // no account: it could be anybody's
	d = r.Sign(0, time.Now(), body)
	d.Seller = true
	refused(d, gateway.Forged)
}
