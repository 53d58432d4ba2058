package session_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// life is what a node is told: a conversation from its opening to its end. Keys are those of the people, who ask again.
type life struct {
	DB, System     string
	Tenant         uuid.UUID
	Request, Offer uuid.UUID
	Client, Expert uuid.UUID
	Began          time.Duration // of the time that the test lets pass
	Seconds        int
	Node           string // whose requests they are: people who come back do so anew

	Second, Called, Taken uuid.UUID // an expert who has accepted to come beside: of which request and offer; nil: none
}

const lifeEnv = "WAYMEET_TEST_SESSION_LIFE"

// The test binary starts itself as the node.
func TestMain(m *testing.M) {
	if text := os.Getenv(lifeEnv); text != "" {
		var l life
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			panic(err)
		}
		if err := l.serve(context.Background()); err != nil {
			fmt.Println("fails", err)
			os.Exit(1)
		}
		fmt.Println("done")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func (l life) serve(ctx context.Context) error {
	db, err := store.Open(ctx, store.Config{AppURL: l.DB, SystemURL: l.System, MaxConns: 1, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Println("ready")
	return l.walk(ctx, db)
}

// walk does all of it that is not done yet.
func (l life) walk(ctx context.Context, db *store.DB) error {
	passed := l.Began
	s := session.New(session.Config{DB: db, Media: builtIn{}, Logger: slog.New(slog.DiscardHandler)})
	s.Clocks(func(time.Time) time.Time { return start.Add(passed) }, func() time.Duration { return passed })
	t := tenant.ID(l.Tenant)
	client, expert := session.By{Tenant: t, User: l.Client}, session.By{Tenant: t, User: l.Expert}
	claim := func(by session.By, op string) idem.Claim {
		return idem.Claim{Actor: by.User, Operation: op, Key: l.Node}
	}
	if err := s.Open(ctx, t, l.Request, l.Offer); err != nil {
		return err
	}
	people := []session.By{client, expert}
	if l.Second != uuid.Nil {
		if err := s.Open(ctx, t, l.Called, l.Taken); err != nil {
			return err
		}
		people = append(people, session.By{Tenant: t, User: l.Second})
	}
	over := func(err error) bool { // for the second it is not there any more
		return fault.Is(err, "session_over") || fault.Is(err, "session_superseded") || fault.Is(err, "session_not_found")
	}
	for try := range 2 {
		epochs := map[session.By]int64{}
		for _, by := range people {
			j, err := s.Join(ctx, by, claim(by, fmt.Sprint("join", try)), l.Offer)
			if err != nil && !over(err) {
				return err
			}
			epochs[by] = j.Epoch
		}
		for range l.Seconds {
			passed += time.Second
			for by, epoch := range epochs {
				if err := s.Beat(ctx, by, l.Offer, epoch, true); err != nil && !over(err) {
					return err
				}
			}
			if err := s.Flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := s.End(ctx, client, claim(client, "end"), l.Offer); err != nil {
		return err
	}
	if err := s.Done(ctx, expert, claim(expert, "done"), l.Offer); err != nil {
		return err
	}
	if l.Second != uuid.Nil {
		if err := s.FreeSecond(ctx, t, l.Taken); err != nil {
			return err
		}
	}
	return s.Close(ctx, t, l.Offer)
}

// A node is killed with SIGKILL right after some piece of what it says to PostgreSQL and hears from it. Another node goes on: the
// conversation is opened once, billed for no second that was not talked, settled and closed once, and the slot comes back.
func TestANodeIsKilledBetweenAnyTwoSteps(t *testing.T) {
	t.Parallel()
	attack(t, killedAfter)
}

// The same between an accept, a second expert's part, the end and their slot: they have one part and one slot, what they earned is kept once, and its pay is asked for once.
func TestANodeIsKilledWithASecondExpert(t *testing.T) {
	t.Parallel()
	attack(t, killedBeside)
}

// attack kills a node at pieces of all that it says and hears.
func attack(t *testing.T, killedAfter func(t *testing.T, n int64) (first, last int64, out string)) {
	t.Helper()
	first, last, out := killedAfter(t, 0)
	if !strings.Contains(out, "done") || last-first < 40 {
		t.Fatalf("undisturbed: pieces %d to %d, %s", first, last, out)
	}
	killed := 0
	for n := first; n <= last; n += max(1, (last-first)/16) {
		_, _, out := killedAfter(t, n)
		if strings.Contains(out, "fails") {
			t.Errorf("piece %d: %s", n, out)
		}
		if !strings.Contains(out, "done") {
			killed++
		}
	}
	if killed < 14 {
		t.Errorf("killed %d times at pieces %d to %d: this attacked little", killed, first, last)
	}
}

func killedAfter(t *testing.T, n int64) (first, last int64, out string) {
	t.Helper()
	w := newWorld(t, 1, 1)
	funds := w.funded(t, w.Clients[0], 10)
	request := w.request(t, w.Clients[0], funds)
	offer := w.accepted(t, request, w.Experts[0])
	l := life{Tenant: w.A.ID.UUID(), Request: request, Offer: offer, Client: w.Clients[0], Expert: w.Experts[0], Seconds: 3}
	first, last, out = l.killed(t, w, n)
	k := &talk{world: w, id: offer}
	x := k.row(t)
	// Two times three seconds at most, on each node, of which the first heartbeat of each time covers nothing.
	if so := x.Meter.Meter.Seconds(); x.Meter.State != meter.Completed || so < 3 || so > 8 || *x.Charged != so {
		t.Errorf("piece %d: %s, %d billed, %d charged", n, x.Meter.State, so, *x.Charged)
	}
	if got := k.asked(t); got != "[session_settle session_close]" {
		t.Errorf("piece %d: asked for %s", n, got)
	}
	if w.Int(t, `select count(*) from session`) != 1 || w.Int(t, `select count(*) from offer where state = 'done'`) != 1 {
		t.Errorf("piece %d: opened or closed otherwise than once", n)
	}
	return first, last, out
}

func killedBeside(t *testing.T, n int64) (first, last int64, out string) {
	t.Helper()
	w := newWorld(t, 2, 1)
	k := w.talk(t, 10).both(t)
	k.talks(t, 3)
	called := k.asks(t)
	l := life{Tenant: w.A.ID.UUID(), Request: k.request, Offer: k.id, Client: w.Clients[0], Expert: w.Experts[0], Began: k.time, Seconds: 3, Second: w.Experts[1], Called: called, Taken: k.accepted(t, called, w.Experts[1])}
	first, last, out = l.killed(t, w, n)
	x := k.row(t)
	if x.Meter.State != meter.Completed || x.Second.State != store.TransferDone {
		t.Errorf("piece %d: %s, the second is %s", n, x.Meter.State, x.Second.State)
	}
	if so := x.Second.Seconds(x.Meter.Meter.Seconds()); so < 3 || so > 8 || w.Int(t, `select coalesce(sum(seconds), 0) from session_second`) != so {
		t.Errorf("piece %d: %d seconds, kept is %s", n, so, w.earned(t))
	}
	if paid := w.Int(t, `select count(*) from river_job where kind = 'session_second' and args ->> 'offer' = $1`, l.Taken.String()); paid != 1 {
		t.Errorf("piece %d: their pay is asked for %d times", n, paid)
	}
	if w.Int(t, `select count(*) from offer where state = 'done'`) != 2 || w.Int(t, `select count(*) from session_party where role = 'second' and ended_at is not null`) != 1 {
		t.Errorf("piece %d: a slot or a part is left", n)
	}
	return first, last, out
}

// killed is a node of whose words to PostgreSQL the n-th is its last, and another that goes on.
func (l life) killed(t *testing.T, w *world, n int64) (first, last int64, out string) {
	t.Helper()
	p := devtest.NewProxy(t, w.AppURL())
	l.DB, l.System, l.Node = p.URL(w.AppURL()), w.SystemURL(), "one"
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), lifeEnv+"="+string(text))
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	started, dead := make(chan struct{}), make(chan struct{})
	p.After(func(i int64) {
		if i == n {
			<-started
			_ = cmd.Process.Kill() // SIGKILL
			<-dead                 // nothing more is forwarded
		}
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if out += lines.Text() + "\n"; lines.Text() == "ready" {
			first = p.Pieces() + 1
		}
	}
	_ = cmd.Wait() // killed, or done
	close(dead)
	last = p.Pieces()

	l.Node, l.Began = "two", l.Began+20*time.Second
	if err := l.walk(ctx, w.DB.DB); err != nil {
		t.Errorf("piece %d: who goes on: %v", n, err)
	}
	return first, last, out
}

// The end of both, more money, heartbeats and time, all at once on three nodes: one end, one cost, one settlement, and nothing above
// what is funded.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 1)
	k := w.talk(t, 1).both(t)
	k.talks(t, 106) // of 108
	nodes := []*session.Service{k.s, w.node(1), w.node(2)}
	w.time += time.Second
	w.Exec(t, `update session set said_at = clock_timestamp() - interval '2 seconds'`)
	ctx := t.Context()
	ends := []idem.Claim{w.claim(k.client, "end"), w.claim(k.expert, "end")}
	var all sync.WaitGroup
	for i, s := range nodes {
		all.Go(func() { _ = s.End(ctx, k.client, ends[0], k.id) })
		all.Go(func() { _ = s.End(ctx, k.expert, ends[1], k.id) })
		all.Go(func() { _ = s.Fund(ctx, w.A.ID, k.id, time.Duration(200+i)*time.Second) })
		all.Go(func() { _ = s.Tick(ctx) })
		all.Go(func() {
			_ = s.Beat(ctx, k.client, k.id, k.clientEpoch, true)
			_ = s.Beat(ctx, k.expert, k.id, k.expertEpoch, true)
			_ = s.Flush(ctx)
		})
	}
	all.Wait()
	x := k.row(t)
	if so := x.Meter.Meter.Seconds(); x.Meter.State != meter.WrapUp || so < 105 || so > 107 || *x.Charged != so {
		t.Errorf("%s, %d billed, %d charged", x.Meter.State, so, *x.Charged)
	}
	if n := w.Int(t, `select count(*) from river_job where kind = 'session_settle'`); n != 1 {
		t.Errorf("%d settlements", n)
	}
}
