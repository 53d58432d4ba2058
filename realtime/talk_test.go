package realtime_test

import (
	"strings"
	"testing"

	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// Whoever takes part finds the way back: me shows a session to the two whose it is, to nobody else, and as long as it is not over; what is
// told of it and what is read agree.
func TestMeShowsTheRunningSession(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	p := s.pair(t, "builtin", false)
	entity := "session/" + p.id.String()
	a, b, other := dial(t, one, p.clientToken), dial(t, two, p.expToken), dial(t, two, s.person("other", s.db.A.Rider2))
	for _, c := range []*client{a, b, other} {
		if err := c.sub("me"); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	shows := func(c *client, state string) {
		t.Helper()
		c.await(state, func() bool {
			d, there := c.sets["me"][entity]
			return there && strings.Contains(string(d.d), `"state":"`+state+`"`)
		})
		c.converges(s, "me")
	}
	shows(a, "connecting")
	shows(b, "connecting")
	p.write(t, two.db, func(x *store.Session) { x.Meter.State = meter.Live })
	shows(a, "live")
	shows(b, "live")
	none := int64(0)
	p.write(t, one.db, func(x *store.Session) {
		x.Meter.State, x.Meter.Reason, x.Charged, x.Cost = meter.WrapUp, meter.Said, &none, &none
	})
	shows(b, "wrap_up")
	p.write(t, one.db, func(x *store.Session) { x.Meter.State = meter.Completed })
	for _, c := range []*client{a, b} {
		c.await("its end", func() bool { _, there := c.sets["me"][entity]; return !there })
		c.converges(s, "me")
	}
	other.mu.Lock()
	defer other.mu.Unlock()
	for _, f := range other.frames {
		if strings.Contains(f, p.id.String()) {
			t.Errorf("somebody else was told: %s", f)
		}
	}
}
