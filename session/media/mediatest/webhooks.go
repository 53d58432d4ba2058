package mediatest

import (
	"testing"
	"time"

	"github.com/waymeet/waymeet/session/media"
)

func webhooksBad(t *testing.T, r Rig) {
	r.can(t, media.Webhooks)
	p, body, now := r.Provider, r.Event(t), time.Now()
	e := must[media.Event](t)(p.ReadWebhook(r.Sign(0, now, body)))
	if e.ID == "" || e.News != media.Joined || e.Word == "" || e.Room == "" || e.Participant == "" || e.At.IsZero() {
		t.Fatalf("%+v", e)
	}
	refused := func(name string, d media.Delivery, why media.Doubt) {
		t.Helper()
		_, err := p.ReadWebhook(d)
		if bad := is[*media.BadWebhook](t, err); bad.Why != why {
			t.Errorf("%s: %s", name, bad.Why)
		}
	}
	changed := append([]byte(nil), body...)
	changed[len(changed)/2] ^= 1
	forged := r.Sign(0, now, body)
	forged.Body = changed
	unsigned := r.Sign(0, now, body)
	unsigned.Header = nil
	refused("a stranger's secret", r.Sign(-1, now, body), media.Forged)
	refused("a changed body", forged, media.Forged)
	refused("no signature", unsigned, media.Unsigned)
	for _, c := range []struct {
		off time.Duration
		why media.Doubt
	}{{-media.Tolerance - 2*time.Second, media.TooOld}, {-time.Hour, media.TooOld}, {media.Tolerance + 2*time.Second, media.TooNew}, {24 * time.Hour, media.TooNew}} {
		d := r.Sign(0, now.Add(c.off), body)
		d.At = now
		refused(c.off.String(), d, c.why)
	}
	for _, off := range []time.Duration{-4 * time.Minute, 4 * time.Minute} {
		d := r.Sign(0, now.Add(off), body)
		d.At = now
		must[media.Event](t)(p.ReadWebhook(d))
	}
	refused("no JSON", r.Sign(0, now, []byte(`hello`)), media.Unreadable)
	refused("no event", r.Sign(0, now, []byte(`{}`)), media.Unreadable)
	refused("a list", r.Sign(0, now, []byte(`[]`)), media.Unreadable)
}

func webhooksRotate(t *testing.T, r Rig) {
	r.can(t, media.Webhooks)
	body, now := r.Event(t), time.Now()
	for secret := range 2 { // both count while the old one is being retired
		must[media.Event](t)(r.Provider.ReadWebhook(r.Sign(secret, now, body)))
	}
	after := r.Rotated(t)
	must[media.Event](t)(after.ReadWebhook(r.Sign(1, now, body)))
	_, err := after.ReadWebhook(r.Sign(0, now, body))
	if bad := is[*media.BadWebhook](t, err); bad.Why != media.Forged {
		t.Fatal(bad.Why)
	}
}

func webhookAgain(t *testing.T, r Rig) {
	r.can(t, media.Webhooks)
	one, other := r.Event(t), r.Event(t)
	first := must[media.Event](t)(r.Provider.ReadWebhook(r.Sign(0, time.Now(), one)))
	again := must[media.Event](t)(r.Provider.ReadWebhook(r.Sign(0, time.Now().Add(time.Minute), one)))
	another := must[media.Event](t)(r.Provider.ReadWebhook(r.Sign(0, time.Now(), other)))
	if first.ID != again.ID || first.ID == another.ID {
		t.Fatal(first.ID, again.ID, another.ID)
	}
}
