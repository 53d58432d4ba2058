package client_test

import (
	"context"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/realtime/client"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(devtest.Run(m)) }

const patience = 40 * time.Second

// place is an operator's day and a node that shows it.
type place struct {
	t    *testing.T
	db   *storetest.DB
	day  storetest.Day
	node *store.DB
	hub  *realtime.Hub
	url  string
	life time.Duration // of credentials
}

func newPlace(t *testing.T, trips int, edit ...func(*realtime.Config)) *place {
	t.Helper()
	t.Parallel()
	p := &place{t: t, db: storetest.New(t), life: time.Hour}
	p.day = p.db.Day(t, p.db.A, servicedate.Of(2026, 11, 23), trips)
	var err error
	if p.node, err = store.Open(t.Context(), store.Config{AppURL: p.db.AppURL(), SystemURL: p.db.SystemURL(), MaxConns: 6}); err != nil {
		t.Fatal(err)
	}
	limits := realtime.DefaultLimits
	limits.UserConns = 1000
	cfg := realtime.Config{DB: p.node, RedisURL: devtest.OwnRedis(t).URL(), Auth: p, Node: "node", Logger: slog.New(slog.DiscardHandler),
		Limits: func(realtime.Principal) realtime.Limits { return limits },
		Timing: realtime.Timing{Ping: 300 * time.Millisecond, Dead: 20 * time.Second, Linger: 30 * time.Second}}
	for _, f := range edit {
		f(&cfg)
	}
	if p.hub, err = realtime.New(cfg); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p.hub)
	p.url = "ws" + strings.TrimPrefix(server.URL, "http") + "/v1/realtime"
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.hub.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		server.Close()
		p.node.Close()
	})
	for limit := time.Now().Add(patience); p.hub.Ready() != nil || p.hub.Stats().Stale; time.Sleep(5 * time.Millisecond) { // nobody announces it
		if time.Now().After(limit) {
			t.Fatal("the node is not ready")
		}
	}
	return p
}

// A credential is a role's name.
func (p *place) Bearer(_ context.Context, role string) (realtime.Principal, error) {
	if role == "" {
		return realtime.Principal{}, fault.New("unauthenticated")
	}
	return realtime.Principal{Actor: p.db.A.Actor(role), Expires: time.Now().Add(p.life)}, nil
}

func (p *place) Made(role string) (string, bool) { return role, role != "" }

func (p *place) Ticket(ctx context.Context, ticket string) (realtime.Principal, error) {
	return p.Bearer(ctx, strings.TrimPrefix(ticket, "single-"))
}

func (p *place) Refresh(_ context.Context, x realtime.Principal) (realtime.Principal, error) {
	return x, nil
}

func (p *place) change(trip uuid.UUID, edit func(*event.Trip)) {
	p.t.Helper()
	err := p.node.InTx(context.Background(), p.day.Tenant.ID, func(tx *store.Tx) error {
		seats, err := tx.Seats(context.Background(), store.SeatsAsk{Trips: []uuid.UUID{trip}})
		if err != nil {
			return err
		}
		x := seats.Trips[0]
		edit(&x)
		x.Version++
		tx.Put(store.SeatsResult{Trips: []event.Trip{x}})
		return tx.Emit(x.Change())
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func hold(n int) func(*event.Trip) { return func(x *event.Trip) { x.Held = int16(n % 90) } }

func (p *place) truth(role, channel string) string {
	p.t.Helper()
	body, err := realtime.ReadSet(policy.With(context.Background(), p.db.A.Actor(role)), p.db.DB, channel)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(body)
}

// network is a client's way to the node, under the test's hands.
type network struct {
	mu     sync.Mutex
	conns  []net.Conn              // guarded by mu
	wrap   func(net.Conn) net.Conn // guarded by mu
	window int                     // bytes that the kernel may hold for us
}

func (n *network) dial(ctx context.Context, kind, addr string) (net.Conn, error) {
	nc, err := (&net.Dialer{}).DialContext(ctx, kind, addr)
	if err != nil {
		return nil, err
	}
	if n.window > 0 {
		if err := nc.(*net.TCPConn).SetReadBuffer(n.window); err != nil {
			return nil, err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns = append(n.conns, nc)
	if n.wrap != nil {
		return n.wrap(nc), nil
	}
	return nc, nil
}

func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.conns {
		_ = c.Close()
	}
	n.conns = nil
}

// start runs a client until the test ends, and holds the server to the protocol.
func (p *place) start(role string, n *network, edit ...func(*client.Config)) *client.Client {
	p.t.Helper()
	cfg := client.Config{URL: p.url, Token: func(context.Context) (string, error) { return role, nil }, Logger: slog.New(slog.DiscardHandler),
		OnBreach: func(b client.Breach) { p.t.Errorf("%+v", b) }}
	if n != nil {
		cfg.Dial = n.dial
	}
	for _, f := range edit {
		f(&cfg)
	}
	c := client.New(cfg)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	p.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
		if st := c.Stats(); st.Gaps > 0 {
			p.t.Errorf("%d gaps", st.Gaps)
		}
	})
	return c
}

func (p *place) await(s *client.Subscription, what string, holds func(*client.Replica, client.Status) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Wait(ctx, holds); err != nil {
		p.t.Fatalf("%s: did not come: %s; %+v", s.Channel, what, s.Status())
	}
}

func (p *place) converges(role string, s *client.Subscription) {
	p.t.Helper()
	want := p.truth(role, s.Channel)
	p.await(s, "what PostgreSQL holds", func(r *client.Replica, st client.Status) bool { return st.Current() && string(r.Canonical()) == want })
}

// A client that was away is sent patches from what it has, and what left meanwhile leaves.
func TestResumesByPatch(t *testing.T) {
	p := newPlace(t, 4)
	var road network
	c := p.start("dispatcher", &road)
	keeper := p.start("dispatcher", nil).Subscribe("board:" + p.day.Date.String() + "?state=scheduled") // so that steps are remembered
	board := c.Subscribe(keeper.Channel)
	trip := c.Subscribe("trip:" + p.day.Trips[0].String())
	other := c.Subscribe("trip:" + p.day.Trips[1].String())
	nothing := c.Subscribe("trip:" + uuid.NewString())
	p.converges("dispatcher", keeper)
	for _, s := range []*client.Subscription{board, trip, other} {
		p.converges("dispatcher", s)
	}
	p.await(nothing, "a refusal", func(_ *client.Replica, st client.Status) bool {
		return st.Phase == client.Closed && st.Code == "not_found"
	})
	before, mine := p.hub.Stats(), c.Stats()
	gate := make(chan struct{})
	road.mu.Lock()
	road.wrap = func(nc net.Conn) net.Conn { <-gate; return nc }
	road.mu.Unlock()
	road.cut()
	p.await(board, "the end", func(_ *client.Replica, st client.Status) bool {
		return st.Phase == client.Offline && !st.Stale.IsZero()
	})
	for i := range 3 {
		p.change(p.day.Trips[0], hold(i+1))
	}
	p.change(p.day.Trips[1], func(x *event.Trip) { x.Status = "cancelled" })
	p.converges("dispatcher", keeper)
	if board.Status().Current() || len(board.Snapshot()) != 4 {
		t.Errorf("what is held is not shown as stale: %+v", board.Status())
	}
	close(gate)
	for _, s := range []*client.Subscription{board, trip, other} {
		p.converges("dispatcher", s)
	}
	after := p.hub.Stats()
	if n := after.ResumedByPatch - before.ResumedByPatch; n == 0 {
		t.Error("nothing was resumed by a patch")
	}
	if st := c.Stats(); st.Left-mine.Left != 1 || st.Patches == mine.Patches || st.Connections != 2 {
		t.Errorf("%+v", st)
	}
}

// A large set comes in parts, over a link that is cut in the middle of them.
func TestPartsOfALargeSet(t *testing.T) {
	p := newPlace(t, 1)
	p.db.Exec(t, `insert into trip (tenant_id, service_date, id, line_id, pattern_id, start_s, departs_at, ends_at, dep, capacity, free, overload, incident)
		select tenant_id, service_date, overlay(overlay(id::text placing lpad(to_hex(g), 4, '0') from 20 for 4) placing '7a' from 15 for 2)::uuid, line_id, pattern_id, g, departs_at, ends_at, '09:00', 14, free, overload, repeat('i', 300)
		from trip, generate_series(32768, 34266) g where id = $1`, p.day.Trips[0])
	var road network
	var once sync.Once
	c := p.start("dispatcher", &road, func(c *client.Config) {
		c.OnFrame = func(object []byte) {
			if strings.HasPrefix(string(object), `{"ch":"board:`) {
				once.Do(road.cut) // the first part
			}
		}
	})
	board := c.Subscribe("board:" + p.day.Date.String())
	p.converges("dispatcher", board)
	p.change(p.day.Trips[0], hold(1))
	p.converges("dispatcher", board)
	road.cut() // more is held than one request can say
	p.await(board, "the end", func(_ *client.Replica, st client.Status) bool { return st.Phase == client.Offline })
	p.change(p.day.Trips[0], hold(2))
	p.converges("dispatcher", board)
	if st := c.Stats(); st.Connections < 3 || board.Status().Phase != client.Live {
		t.Errorf("%+v", st)
	}
}

// slow is a link of so many bytes a second.
type slow struct {
	net.Conn
	rate int
}

func (s slow) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p[:min(len(p), max(1, s.rate/8))])
	time.Sleep(time.Second * time.Duration(n) / time.Duration(s.rate)) // the link is the subject
	return n, err
}

// A client on a link of 4 KB/s skips steps, is never cut off, and ends with the truth.
func TestThrottledLink(t *testing.T) {
	p := newPlace(t, 3)
	road := network{window: 4 << 10, wrap: func(nc net.Conn) net.Conn { return slow{nc, 4 << 10} }}
	c := p.start("dispatcher", &road)
	board := c.Subscribe("board:" + p.day.Date.String())
	p.converges("dispatcher", board)
	before := p.hub.Stats().Conflations
	n := 0
	for ; p.hub.Stats().Conflations < before+50 && n < 5000; n++ { // until what the kernels hold is full
		p.change(p.day.Trips[n%3], hold(n))
	}
	p.converges("dispatcher", board)
	st := c.Stats()
	if st.Connections != 1 || int(st.Patches) >= n {
		t.Errorf("%d changes: %+v", n, st)
	}
	t.Logf("%d changes: %+v", n, st)
}

// A credential that lives for seconds is renewed without a break; one by tickets comes back.
func TestRenewedByTheHub(t *testing.T) {
	p := newPlace(t, 1)
	p.life = 3 * time.Second
	trip := "trip:" + p.day.Trips[0].String()
	renewed, ticketed := p.start("rider", nil), p.start("driver", nil, func(c *client.Config) {
		c.Token, c.Origin = nil, "http"+strings.TrimSuffix(strings.TrimPrefix(p.url, "ws"), "/v1/realtime")
		c.Ticket = func(context.Context) (string, error) { return "single-driver", nil }
	})
	a, b := renewed.Subscribe(trip), ticketed.Subscribe(trip)
	for renewed.Stats().Renewals < 2 || ticketed.Stats().Connections < 2 {
		p.change(p.day.Trips[0], hold(1))
		p.converges("rider", a)
		p.converges("driver", b)
	}
	if st := renewed.Stats(); st.Connections != 1 {
		t.Errorf("%+v", st)
	}
}

// A node that leaves is left when it says so.
func TestDrained(t *testing.T) {
	p := newPlace(t, 1)
	c := p.start("rider", nil)
	s := c.Subscribe("trip:" + p.day.Trips[0].String())
	p.converges("rider", s)
	p.hub.Drain(context.Background(), 20*time.Millisecond)
	p.await(s, "the end", func(_ *client.Replica, st client.Status) bool { return st.Phase == client.Offline })
	if st := c.Stats(); st.Byes != 1 {
		t.Errorf("%+v", st)
	}
}

// One process runs a crowd: 200 clients of 100 subscriptions each, all current.
func TestACrowd(t *testing.T) {
	if testing.Short() {
		t.Skip("a crowd")
	}
	p := newPlace(t, 100)
	began := time.Now()
	var all []*client.Subscription
	for range 200 {
		c := p.start("dispatcher", nil)
		for _, trip := range p.day.Trips {
			all = append(all, c.Subscribe("trip:"+trip.String()))
		}
	}
	for _, s := range all {
		p.await(s, "its set", func(_ *client.Replica, st client.Status) bool { return st.Current() })
	}
	took := time.Since(began)
	began = time.Now()
	for _, trip := range p.day.Trips {
		p.change(trip, hold(7))
	}
	for _, s := range all {
		p.await(s, "the change", func(r *client.Replica, _ client.Status) bool {
			d, _ := r.Get("trip/" + strings.TrimPrefix(s.Channel, "trip:"))
			return d.Version == 2 && strings.Contains(string(d.JSON), `"`)
		})
	}
	t.Logf("%d subscriptions in %v, 100 changes to 200 clients each in %v", len(all), took, time.Since(began))
}
