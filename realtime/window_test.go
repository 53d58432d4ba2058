package realtime_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/store/storetest"
)

// However a client spells a board, it is one set on the node, and the client hears of it by the name that it gave it: at once,
// and when it lags.
func TestASetHasOneViewHoweverItIsSpelt(t *testing.T) {
	for name, edit := range map[string]func(*realtime.TenantLimits){
		"at once": func(*realtime.TenantLimits) {},
		"in debt": func(l *realtime.TenantLimits) { l.BytesPerS = 4 << 10 },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, 3)
			n := s.node(t, ration(s, edit))
			day, line := s.a.Date.String(), s.a.Line.String()
			spelt := []string{
				"board:" + day + "?to=23:00&line=" + line,
				"board:" + day + "?line=" + line + "&to=23:00",
				"board:" + day + "?to=23%3A00&from=00:00&line=" + line + "," + line,
				"board:" + day + "?to=23:00&line=" + line + "&state=cancelled,boarding,completed,scheduled,departed,boarding",
				"board:" + day + "?to=23:00&line=" + line + "&line=" + line,
			}
			c, other := dial(t, n, s.doors.token(s.db.A, "dispatcher")), dial(t, n, s.doors.token(s.db.A, "admin"))
			for _, ch := range spelt {
				for _, x := range []*client{c, other} {
					if err := x.sub(ch); err != nil {
						t.Fatalf("%s: %+v", ch, err)
					}
				}
			}
			if got := n.hub.Stats().Windows; got != 1 {
				t.Errorf("%d views of one set", got)
			}
			for range 20 {
				n.change(s.a, s.a.Trips[0], take)
				n.change(s.a, s.a.Trips[1], take)
			}
			n.change(s.a, s.a.Trips[2], func(x *event.Trip) { x.Status = "cancelled" })
			for _, ch := range spelt {
				c.converges(s, ch)
				other.converges(s, ch)
			}
			if err := c.sub("me"); err != nil {
				t.Fatalf("%+v", err)
			}
			if err := c.sub("me:"); err != nil {
				t.Fatalf("%+v", err)
			}
			n.hub.Recheck(s.db.A.ID, event.Access{})
			for _, ch := range spelt {
				c.unsub(ch)
			}
		})
	}
}

// A connection and a tenant may have so many boards at a time, each counted once for its tenant; another tenant has its own.
func TestWindowsAreBounded(t *testing.T) {
	s := newScene(t, 2)
	n := s.node(t, func(c *realtime.Config) {
		c.Limits = func(realtime.Principal) realtime.Limits {
			l := realtime.DefaultLimits
			l.Windows, l.Tenant.Windows = 3, 5
			return l
		}
	})
	board := func(i int) string { return fmt.Sprintf("board:%s?from=%02d:00", s.a.Date, i) }
	tooMany := func(c *client, ch string) {
		t.Helper()
		if err := c.sub(ch); err == nil || err.Code != "too_many" || err.Retry {
			t.Errorf("%s: %+v", ch, err)
		}
	}
	may := func(c *client, channels ...string) {
		t.Helper()
		for _, ch := range channels {
			if err := c.sub(ch); err != nil {
				t.Errorf("%s: %+v", ch, err)
			}
		}
	}
	one, two := dial(t, n, s.doors.token(s.db.A, "dispatcher")), dial(t, n, s.doors.token(s.db.A, "admin"))
	may(one, board(0), board(1), board(2), board(2))
	read := n.hub.Stats().SetsRead
	tooMany(one, board(3))
	tooMany(one, "board:"+s.a.Date.String()) // without filters: one more
	tooMany(one, strings.Replace(board(1), "?", "?state=scheduled,boarding,departed,completed,cancelled&", 1))
	if got := n.hub.Stats(); got.SetsRead != read || got.Windows != 3 {
		t.Errorf("%d sets were read for what was refused, %d are shown", got.SetsRead-read, got.Windows)
	}
	may(one, "me", "trip:"+s.a.Trips[0].String()) // no windows

	may(two, board(4), board(5))
	tooMany(two, board(6))
	if got := n.hub.Stats().Windows; got != 5 {
		t.Errorf("%d are shown", got)
	}
	may(two, board(0)) // which is shown already
	three := dial(t, n, s.doors.token(s.db.A, "dispatcher"))
	tooMany(three, board(7))
	may(dial(t, n, s.doors.token(s.db.B, "dispatcher")), board(7), board(8), board(9))

	// What is left makes room at once: what lingers must not keep anybody out.
	two.unsub(board(5))
	may(three, board(7))
	one.unsub(board(1))
	may(one, board(8))
	_ = one.ws.CloseNow()
	eventually(t, "its places are free", func() bool { return three.sub(board(9)) == nil && three.sub(board(10)) == nil })
}

// A tenant's reads of sets take a part of those that a node does at once: another's are read while they hang.
func TestATenantsReadsLeaveOthersTheirs(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t, limits(func(l *realtime.Limits) { l.UserConns = 100 }))
	gate := realtime.HoldReads(s.db.A.ID)
	defer gate.Open()
	share := n.hub.ReadShare()
	for i := range 3 * share {
		c := dial(t, n, s.doors.token(s.db.A, "rider"))
		go func() { _ = c.sub(fmt.Sprintf("gate:%d", i)) }()
	}
	eventually(t, "all have asked", func() bool { return n.hub.Stats().Requests >= uint64(3*share) })
	eventually(t, "its share is read", func() bool { return gate.Under() >= share })
	c := dial(t, n, s.doors.token(s.db.B, "rider"))
	for i := range 3 * share {
		if err := c.sub(fmt.Sprintf("gate:%d", i)); err != nil {
			t.Fatalf("another tenant: %+v", err)
		}
	}
	if got := gate.Under(); got != share {
		t.Errorf("%d reads of one tenant at once, its share is %d", got, share)
	}
	gate.Open()
	eventually(t, "all are read", func() bool { return n.hub.Stats().Subscriptions == int64(6*share) })
}

// Sets that are read over HTTP go one at a time of each tenant, and never all that a node does at once.
func TestATenantsSetsAreReadOneByOne(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t)
	gate := realtime.HoldReads(s.db.A.ID)
	defer gate.Open()
	ask := func(x storetest.Tenant) error {
		_, err := n.hub.Set(policy.With(t.Context(), x.Actor("rider")), "gate:1")
		return err
	}
	var asked sync.WaitGroup
	for range 20 {
		asked.Go(func() {
			if err := ask(s.db.A); err != nil {
				t.Error(err)
			}
		})
	}
	eventually(t, "one is read", func() bool { return gate.Under() == 1 && n.hub.SetsWaiting() == 19 })
	if err := ask(s.db.B); err != nil {
		t.Errorf("another tenant: %v", err)
	}
	if got := gate.Under(); got != 1 {
		t.Errorf("%d sets of one tenant are read at once", got)
	}
	gate.Open()
	asked.Wait()
}
