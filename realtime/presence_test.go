package realtime_test

import (
	"context"
	"testing"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/store"
)

// whereabouts is what PostgreSQL says of a user.
func (s *scene) whereabouts(t *testing.T, token string) []store.Device {
	t.Helper()
	s.doors.mu.Lock()
	who := s.doors.known[token]
	s.doors.mu.Unlock()
	found, err := s.db.Read(who.Tenant).Presence(context.Background(), who.User)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func connections(devices []store.Device) (n int) {
	for _, d := range devices {
		n += d.Connections
	}
	return n
}

// Who is connected is known by node and device, to their own tenant only, and no longer than they are.
func TestPresence(t *testing.T) {
	s := newScene(t, 1)
	quickLease := func(c *realtime.Config) { c.Timing.Lease = 1500 * time.Millisecond }
	one, two := s.node(t, quickLease), s.node(t, quickLease)
	phone, desk := s.doors.token(s.db.A, "rider"), s.doors.token(s.db.A, "rider") // two sign-ins of one user
	a, b, c := dial(t, one, phone), dial(t, two, phone), dial(t, one, desk)
	eventually(t, "all three are known", func() bool { return connections(s.whereabouts(t, phone)) == 3 })
	if got := s.whereabouts(t, phone); len(got) < 2 {
		t.Errorf("on two nodes: %+v", got)
	}
	s.doors.mu.Lock()
	user := s.doors.known[phone].User
	s.doors.mu.Unlock()
	for _, x := range []struct {
		who  tenant.ID
		want int
	}{{s.db.A.ID, 3}, {s.db.B.ID, 0}} {
		found, err := s.db.Read(x.who).Presence(context.Background(), user)
		if err != nil || connections(found) != x.want {
			t.Errorf("tenant %v sees %+v (%v)", x.who, found, err)
		}
	}
	_ = a.ws.CloseNow()
	eventually(t, "one has left", func() bool { return connections(s.whereabouts(t, phone)) == 2 })

	// PostgreSQL forgets: an unlogged table is empty after a crash.
	s.db.Exec(t, "truncate live_node, live_presence")
	eventually(t, "everything is told again", func() bool { return connections(s.whereabouts(t, phone)) == 2 })

	two.kill() // its lease is given up
	eventually(t, "whoever was connected to a node that ended is not", func() bool { return connections(s.whereabouts(t, phone)) == 1 })
	_ = b
	_ = c

	// A node that died without a word: nobody renews its lease.
	dead := ident.New()
	sys := s.db.System()
	if _, err := sys.NodeBeat(context.Background(), dead, "dead", time.Second); err != nil {
		t.Fatal(err)
	}
	if err := sys.PresenceEnter(context.Background(), dead, []store.Present{{Tenant: s.db.A.ID, User: user, Conn: ident.New(), Device: ident.New(), Since: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	if got := connections(s.whereabouts(t, phone)); got != 2 {
		t.Errorf("while its lease runs: %d", got)
	}
	eventually(t, "its lease has run out", func() bool { return connections(s.whereabouts(t, phone)) == 1 })
	eventually(t, "and its rows are swept", func() bool {
		return s.db.Int(t, "select count(*) from live_presence") == 1 && s.db.Int(t, "select count(*) from live_node") == 1
	})
}
