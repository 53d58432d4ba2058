package realtime_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(devtest.Run(m)) }

// patience bounds every wait: what has not come by then never will.
const patience = 40 * time.Second

// quick is the protocol's timing for people who do not wait.
var quick = realtime.Timing{Ping: 300 * time.Millisecond, Dead: 6 * time.Second, Linger: 500 * time.Millisecond}

// scene is two operators, a day of each, and what serves them.
type scene struct {
	db    *storetest.DB
	redis *devstack.Redis
	a, b  storetest.Day
	doors *doors
	wrap  func(net.Listener) net.Listener // of the nodes to come
	plain bool                            // they stand behind an HTTP server alone
}

func newScene(t *testing.T, trips int) *scene {
	t.Helper()
	t.Parallel()
	s := &scene{db: storetest.New(t), redis: devtest.OwnRedis(t)}
	date := servicedate.Of(2026, 11, 23)
	s.a, s.b = s.db.Day(t, s.db.A, date, trips), s.db.Day(t, s.db.B, date, 2)
	s.doors = &doors{known: map[string]policy.Actor{}, life: time.Hour}
	return s
}

// doors is the test's identity: tokens are names, and can be taken away.
type doors struct {
	mu      sync.Mutex
	known   map[string]policy.Actor // guarded by mu
	revoked map[uuid.UUID]bool      // guarded by mu; by user
	life    time.Duration           // guarded by mu
	tickets map[string]string       // guarded by mu
}

func (d *doors) token(x storetest.Tenant, role string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := x.Slug + "/" + role
	if _, ok := d.known[name]; !ok {
		d.known[name] = x.Actor(role)
	}
	return name
}

// change replaces what a token's user may do; nil: nothing, ever again.
func (d *doors) change(token string, f func(*policy.Actor)) policy.Actor {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.known[token]
	if f == nil {
		if d.revoked == nil {
			d.revoked = map[uuid.UUID]bool{}
		}
		d.revoked[a.User] = true
		return a
	}
	f(&a)
	d.known[token] = a
	return a
}

func (d *doors) Bearer(_ context.Context, token string) (realtime.Principal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := d.known[token]
	if !ok || d.revoked[a.User] {
		return realtime.Principal{}, fault.New("unauthenticated")
	}
	return realtime.Principal{Actor: a, Expires: time.Now().Add(d.life)}, nil
}

func (d *doors) Made(token string) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.known[token]
	return token, ok || d.tickets[token] != ""
}

func (d *doors) Ticket(ctx context.Context, ticket string) (realtime.Principal, error) {
	d.mu.Lock()
	token := d.tickets[ticket]
	delete(d.tickets, ticket)
	d.mu.Unlock()
	return d.Bearer(ctx, token)
}

func (d *doors) Refresh(ctx context.Context, p realtime.Principal) (realtime.Principal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.known {
		if a.User == p.Actor.User && a.Tenant == p.Actor.Tenant && !d.revoked[a.User] {
			return realtime.Principal{Actor: a, Expires: p.Expires}, nil
		}
	}
	return p, fault.New("unauthenticated")
}

// node is one server of the live layer, on pools of its own.
type node struct {
	t    *testing.T
	hub  *realtime.Hub
	db   *store.DB
	url  string
	kill func() // at once, like a crash: nobody is told
}

func (s *scene) node(t *testing.T, edit ...func(*realtime.Config)) *node {
	t.Helper()
	n := s.stale(t, edit...)
	eventually(t, "the node shows the truth", func() bool { return !n.hub.Stats().Stale })
	return n
}

// stale is a node that is ready, and need not know that what it shows is current.
func (s *scene) stale(t *testing.T, edit ...func(*realtime.Config)) *node {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{AppURL: s.db.AppURL(), SystemURL: s.db.SystemURL(), MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	cfg := realtime.Config{DB: db, RedisURL: s.redis.URL(), Auth: s.doors, Node: "node-" + ident.Token(4), Timing: quick,
		Logger: slog.New(slog.DiscardHandler), Origins: []string{"https://app.example"}}
	for _, f := range edit {
		f(&cfg)
	}
	hub, err := realtime.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(hub)
	if s.wrap != nil {
		server.Listener = s.wrap(server.Listener)
	}
	ctx, stop := context.WithCancel(context.Background())
	var fronted sync.WaitGroup
	if !s.plain {
		front := hub.Front(server.Listener)
		server.Listener = front
		fronted.Go(func() { front.Run(ctx) })
	}
	server.Start()
	ended := make(chan error, 1)
	go func() { ended <- hub.Run(ctx) }()
	n := &node{t: t, hub: hub, db: db, url: server.URL}
	n.kill = sync.OnceFunc(func() {
		server.CloseClientConnections()
		server.Listener.Close()
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Error("the hub did not end")
		}
		server.Close()
		fronted.Wait()
		db.Close()
	})
	t.Cleanup(n.kill)
	eventually(t, "the node is ready", func() bool { return hub.Ready() == nil })
	return n
}

// eventually is for states of the hub that nobody announces.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for limit := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("did not come: %s", what)
		}
	}
}

// change commits another version of a trip through a node's store.
func (n *node) change(day storetest.Day, trip uuid.UUID, edit func(*event.Trip)) event.Trip {
	n.t.Helper()
	return change(n.t, n.db, day, trip, edit)
}

func change(t testing.TB, db *store.DB, day storetest.Day, trip uuid.UUID, edit func(*event.Trip)) event.Trip {
	t.Helper()
	var out event.Trip
	err := db.InTx(context.Background(), day.Tenant.ID, func(tx *store.Tx) (err error) {
		out, err = alter(tx, trip, edit)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// alter is change within a transaction.
func alter(tx *store.Tx, trip uuid.UUID, edit func(*event.Trip)) (event.Trip, error) {
	seats, err := tx.Seats(context.Background(), store.SeatsAsk{Trips: []uuid.UUID{trip}})
	if err != nil {
		return event.Trip{}, err
	}
	out := seats.Trips[0]
	edit(&out)
	out.Version++
	tx.Put(store.SeatsResult{Trips: []event.Trip{out}})
	return out, tx.Emit(out.Change())
}

// take sells a seat on the first leg, or gives all back when there is none.
func take(x *event.Trip) {
	free := append([]int16(nil), x.Free...)
	if free[0]--; free[0] < 0 {
		free[0] = x.Capacity
	}
	x.Free = free
}

func emit(t *testing.T, db *store.DB, who tenant.ID, c event.Change) {
	t.Helper()
	if err := db.InTx(context.Background(), who, func(tx *store.Tx) error { return tx.Emit(c) }); err != nil {
		t.Fatal(err)
	}
}

// truth is what GET sets answers for a token.
func (s *scene) truth(t testing.TB, token, channel string) string {
	t.Helper()
	s.doors.mu.Lock()
	who := s.doors.known[token]
	s.doors.mu.Unlock()
	body, err := realtime.ReadSet(policy.With(context.Background(), who), s.db.DB, channel)
	if err != nil {
		t.Fatalf("the set of %s: %v", channel, err)
	}
	return string(body)
}

var _ http.Handler = (*realtime.Hub)(nil)

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func socketURL(n *node) string { return "ws" + strings.TrimPrefix(n.url, "http") + "/v1/realtime" }
