package realtime_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/realtime"
)

// ration bounds what tenant A may take of a node; B has the defaults.
func ration(s *scene, edit func(*realtime.TenantLimits)) func(*realtime.Config) {
	return func(c *realtime.Config) {
		c.Limits = func(p realtime.Principal) realtime.Limits {
			l := realtime.DefaultLimits
			if p.Actor.Tenant == s.db.A.ID {
				edit(&l.Tenant)
			}
			return l
		}
	}
}

func (c *client) pushes() (n, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.frames {
		if strings.Contains(f, `"e":"trip/`) {
			n++
			bytes += len(f)
		}
	}
	return n, bytes
}

// A tenant that takes more than its bytes is sent less often, never wrongly and never nothing; another tenant on the same
// node is told each change as ever.
func TestATenantsBytes(t *testing.T) {
	const rate, changes, readers = 8 << 10, 120, 12
	s := newScene(t, 1)
	n := s.node(t, ration(s, func(l *realtime.TenantLimits) { l.BytesPerS = rate }))
	greedy, modest := "trip:"+s.a.Trips[0].String(), "trip:"+s.b.Trips[0].String()
	var crowd []*client
	for range readers {
		c := dial(t, n, s.doors.token(s.db.A, "rider"))
		if err := c.sub(greedy); err != nil {
			t.Fatal(err)
		}
		crowd = append(crowd, c)
	}
	b := dial(t, n, s.doors.token(s.db.B, "rider"))
	if err := b.sub(modest); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range changes {
		n.change(s.a, s.a.Trips[0], take)
		n.change(s.b, s.b.Trips[0], take)
	}
	b.converges(s, modest)
	if got, _ := b.pushes(); got != changes {
		t.Errorf("the other tenant was told %d of %d changes", got, changes)
	}
	pushed, bytes := 0, 0
	for _, c := range crowd {
		c.converges(s, greedy)
		n, b := c.pushes()
		pushed, bytes = pushed+n, bytes+b
		if c.ended != nil {
			t.Errorf("a reader was closed: %v", c.ended)
		}
	}
	if pushed >= readers*changes/2 {
		t.Errorf("%d frames were pushed where the tenant's bytes ran out", pushed)
	}
	may := rate*(time.Since(began).Seconds()+1) + readers*1024 // its rate, a second's burst, and the last of each
	if float64(bytes) > may {
		t.Errorf("%d bytes were pushed, %.0f may be", bytes, may)
	}
	// Answers and signs of life are not held back with the pushes.
	n.change(s.a, s.a.Trips[0], take)
	if a := crowd[0].ask(`"unsub":"nothing"`); a.err != nil {
		t.Errorf("%+v", a.err)
	}
}

// A tenant's connections, subscriptions and requests are counted over all of its users, and are free again when they end.
func TestATenantsPlaces(t *testing.T) {
	s := newScene(t, 3)
	n := s.node(t, ration(s, func(l *realtime.TenantLimits) { l.Connections, l.Subscriptions, l.RequestsPerS = 2, 3, 25 }))
	rider, driver := s.doors.token(s.db.A, "rider"), s.doors.token(s.db.A, "driver")
	one, two := dial(t, n, rider), dial(t, n, driver)
	knock := func() int {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		ws, res, err := websocket.Dial(ctx, socketURL(n), &websocket.DialOptions{Subprotocols: []string{"waymeet.v1"}, HTTPHeader: http.Header{"Authorization": {"Bearer " + rider}}})
		if err == nil {
			_ = ws.CloseNow()
		}
		if res == nil {
			t.Fatal(err)
		}
		if res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") == "" {
			t.Error("refused without a time to come back")
		}
		return res.StatusCode
	}
	if got := knock(); got != 429 {
		t.Errorf("one too many: %d", got)
	}
	for i, c := range []*client{one, two, one} {
		if err := c.sub("trip:" + s.a.Trips[i].String()); err != nil {
			t.Fatalf("%d: %+v", i, err)
		}
	}
	if err := two.sub("me"); err == nil || err.Code != "too_many" {
		t.Errorf("a subscription too many: %+v", err)
	}
	one.unsub("trip:" + s.a.Trips[0].String())
	if err := two.sub("me"); err != nil {
		t.Errorf("a place is free again: %+v", err)
	}
	limited := 0
	for range 30 {
		for _, c := range []*client{one, two} { // each is below what a connection may ask
			if a := c.ask(`"unsub":"nothing"`); a.err != nil && a.err.Code == "rate_limited" {
				limited++
			}
		}
	}
	if limited == 0 {
		t.Error("nobody was told to slow down")
	}
	_ = one.ws.CloseNow()
	eventually(t, "its place is free", func() bool { return n.hub.Stats().Connections == 1 })
	if got := knock(); got != 101 {
		t.Errorf("with a place free: %d", got)
	}
	if err := dial(t, n, s.doors.token(s.db.B, "rider")).sub("me"); err != nil {
		t.Errorf("another tenant: %+v", err)
	}
}
