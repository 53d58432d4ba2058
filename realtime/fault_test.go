package realtime_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// What the bus never carried, the tail brings within a second or so, with nothing later to hasten it.
func TestTailHealsWhatWasNeverPublished(t *testing.T) {
	s := newScene(t, 2)
	n := s.node(t)
	c := dial(t, n, s.doors.token(s.db.A, "rider"))
	trip := "trip:" + s.a.Trips[0].String()
	if err := c.sub(trip); err != nil {
		t.Fatal(err)
	}
	for range 3 { // committed by a process that publishes nothing
		began := time.Now()
		x := change(t, s.db.DB, s.a, s.a.Trips[0], take)
		c.await("the change", func() bool { return c.sets[trip][x.Entity()].v == uint64(x.Version) })
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("took %v", took)
		}
	}
	c.converges(s, trip)
}

// Redis restarts, empty, again and again while trips change on both nodes: readers are told, and end with the truth.
func TestRedisRestarts(t *testing.T) {
	s := newScene(t, 4)
	one, two := s.node(t), s.node(t)
	board := "board:" + s.a.Date.String()
	var readers []*client
	for _, n := range []*node{one, two} {
		c := dial(t, n, s.doors.token(s.db.A, "dispatcher"))
		if err := c.sub(board); err != nil {
			t.Fatal(err)
		}
		readers = append(readers, c)
	}
	for range 3 {
		if err := s.redis.Restart(context.Background()); err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			[]*node{one, two}[i%2].change(s.a, s.a.Trips[i%4], take)
		}
		for _, c := range readers {
			c.await("stale is told", func() bool { _, told := c.sigs[board+" stale node"]; return told })
			c.await("fresh is told", func() bool { _, told := c.sigs[board+" fresh node"]; return told })
			c.converges(s, board)
			c.mu.Lock()
			clear(c.sigs)
			c.mu.Unlock()
		}
	}
}

// A transaction that lasts holds nothing back: what others commit comes, before and after Redis restarts; the node proves
// meanwhile that it lacks nothing and calls itself fresh; and what that transaction wrote comes when it ends, though nobody publishes it.
func TestALongTransaction(t *testing.T) {
	s := newScene(t, 2)
	one, two := s.node(t), s.node(t)
	began, end, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	begin, release := sync.OnceFunc(func() { close(began) }), sync.OnceFunc(func() { close(end) })
	var lost event.Trip // readable when ended is closed
	go func() {         // a process that publishes nothing
		defer close(ended)
		ctx := context.Background()
		if err := s.db.DB.InTx(ctx, s.a.Tenant.ID, func(tx *store.Tx) (err error) {
			for {
				if _, err := tx.Seats(ctx, store.SeatsAsk{Trips: s.a.Trips[1:]}); err != nil {
					return err
				}
				begin() // its lock is a transaction that the tail waits for
				select {
				case <-end:
					lost, err = alter(tx, s.a.Trips[1], take)
					return err
				case <-time.After(time.Second): // PostgreSQL ends what stands idle for long
				}
			}
		}); err != nil {
			t.Error(err)
		}
	}()
	defer func() { release(); <-ended }()
	select {
	case <-began:
	case <-ended:
		t.Fatal("the transaction did not last")
	}
	board := "board:" + s.a.Date.String()
	c := dial(t, two, s.doors.token(s.db.A, "dispatcher"))
	if err := c.sub(board); err != nil {
		t.Fatal(err)
	}
	x := one.change(s.a, s.a.Trips[0], take)
	c.await("a change by the bus", func() bool { return c.sets[board][x.Entity()].v == uint64(x.Version) })
	c.mu.Lock()
	delete(c.sigs, board+" fresh node") // from now on there is no reason for it
	c.mu.Unlock()

	if err := s.redis.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.await("stale is told", func() bool { _, told := c.sigs[board+" stale node"]; return told })
	eventually(t, "the bus carries again", func() bool {
		one.change(s.a, s.a.Trips[0], take)
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.sets[board][x.Entity()].v > uint64(x.Version)
	})
	silent := change(t, s.db.DB, s.a, s.a.Trips[0], take) // by a process that publishes nothing
	c.await("what the tail alone brings", func() bool { return c.sets[board][x.Entity()].v >= uint64(silent.Version) })
	c.await("fresh is told", func() bool { _, told := c.sigs[board+" fresh node"]; return told })
	release()
	<-ended
	c.await("what the transaction wrote", func() bool { return c.sets[board][lost.Entity()].v == uint64(lost.Version) })
	c.converges(s, board)
}

// Without Redis a node still shows what the other commits, says that it is stale, and takes subscribers.
func TestRedisAway(t *testing.T) {
	s := newScene(t, 2)
	one, two := s.node(t), s.node(t)
	trip, line := "trip:"+s.a.Trips[0].String(), "line:"+s.a.Line.String()+":"+s.a.Date.String()
	c := dial(t, two, s.doors.token(s.db.A, "rider"))
	if err := c.sub(trip); err != nil {
		t.Fatal(err)
	}
	if err := s.redis.Kill(); err != nil {
		t.Fatal(err)
	}
	c.await("stale is told", func() bool { _, told := c.sigs[trip+" stale node"]; return told })
	began := time.Now()
	x := one.change(s.a, s.a.Trips[0], take)
	c.await("the other node's change", func() bool { return c.sets[trip][x.Entity()].v == uint64(x.Version) })
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("took %v", took)
	}
	if err := c.sub(line); err != nil {
		t.Fatalf("%+v", err)
	}
	c.converges(s, line)
	c.await("stale is told to those who come", func() bool { _, told := c.sigs[line+" stale node"]; return told })
	d := dial(t, one, s.doors.token(s.db.A, "driver"))
	if a := d.ask(`"signal":%q,"sig":"position","key":"v","d":{"lat":1,"lon":2}`, trip); a.err == nil || a.err.Code != "unavailable" || !a.err.Retry {
		t.Errorf("a signal without Redis: %s %+v", a.ok, a.err)
	}
	beside := dial(t, two, s.doors.token(s.db.A, "driver"))
	if a := beside.ask(`"signal":%q,"sig":"position","key":"v","d":{"lat":3,"lon":4}`, trip); a.err == nil || a.err.Code != "unavailable" {
		t.Errorf("a signal without Redis: %s %+v", a.ok, a.err)
	}
	c.await("what was said on its own node", func() bool { return string(c.sigs[trip+" position v"].D) == `{"lat":3,"lon":4}` })
	if err := s.redis.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.await("fresh is told", func() bool { _, told := c.sigs[trip+" fresh node"]; return told })
	x = one.change(s.a, s.a.Trips[0], take)
	c.await("a change after all that", func() bool { return c.sets[trip][x.Entity()].v == uint64(x.Version) })
}

// A node dies; its clients go to another with what they have, and end with the truth.
func TestNodeKilled(t *testing.T) {
	s := newScene(t, 4)
	one, two := s.node(t), s.node(t)
	board := "board:" + s.a.Date.String()
	c := dial(t, one, s.doors.token(s.db.A, "dispatcher"))
	if err := c.sub(board); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				change(t, s.db.DB, s.a, s.a.Trips[i%4], take)
			}
		}
	})
	c.await("some changes", func() bool { return len(c.frames) > 5 })
	one.kill()
	c.await("the end of its node", func() bool { return c.ended != nil })
	c.connect(two)
	if err := c.sub(board); err != nil {
		t.Fatal(err)
	}
	close(stop)
	wg.Wait()
	c.converges(s, board)
}

// A crowd of readers who come, go and resume, on two nodes, while both nodes and a silent process change trips in and
// out of their windows and Redis restarts: everybody ends with the truth, and nobody saw a step that does not fit.
func TestStorm(t *testing.T) {
	s := newScene(t, 8)
	nodes := []*node{s.node(t), s.node(t)}
	day := s.a.Date.String()
	channels := []string{"board:" + day, "board:" + day + "?from=07:00&to=11:00&state=scheduled,boarding", "board:" + day + "?state=cancelled",
		"trip:" + s.a.Trips[3].String(), "line:" + s.a.Line.String() + ":" + day}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	running := func() bool {
		select {
		case <-stop:
			return false
		default:
			return true
		}
	}
	for w := range 3 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 1))
			db := s.db.DB
			if w < 2 {
				db = nodes[w].db
			}
			for running() {
				change(t, db, s.a, s.a.Trips[r.IntN(8)], func(x *event.Trip) {
					take(x)
					if r.IntN(3) == 0 {
						x.Status = []string{"scheduled", "boarding", "cancelled"}[r.IntN(3)]
					}
				})
			}
		})
	}
	readers := make([]*client, 12)
	for i := range readers {
		readers[i] = dial(t, nodes[i%2], s.doors.token(s.db.A, "dispatcher"))
	}
	for i, c := range readers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 2))
			for running() {
				ch := channels[r.IntN(len(channels))]
				switch r.IntN(8) {
				case 0:
					_ = c.ws.CloseNow()
					c.await("the end", func() bool { return c.ended != nil })
					c.connect(nodes[r.IntN(2)])
					c.mu.Lock()
					var held []string
					for ch := range c.sets {
						held = append(held, ch)
					}
					c.mu.Unlock()
					for _, ch := range held {
						if err := c.sub(ch); err != nil {
							t.Errorf("resume %s: %+v", ch, err)
						}
					}
				case 1, 2:
					c.mu.Lock()
					_, in := c.sets[ch]
					c.mu.Unlock()
					if in {
						c.unsub(ch)
					}
				default:
					if err := c.sub(ch); err != nil {
						t.Errorf("sub %s: %+v", ch, err)
					}
				}
				time.Sleep(time.Duration(r.IntN(60)) * time.Millisecond) // people are not that fast
			}
		})
	}
	for range 2 {
		time.Sleep(1500 * time.Millisecond) // the storm is the subject
		if err := s.redis.Restart(context.Background()); err != nil {
			t.Error(err)
		}
	}
	time.Sleep(time.Second)
	close(stop)
	wg.Wait()
	for _, c := range readers {
		for _, ch := range channels {
			if err := c.sub(ch); err != nil {
				t.Fatalf("%s: %+v", ch, err)
			}
		}
	}
	for _, c := range readers {
		for _, ch := range channels {
			c.converges(s, ch)
		}
	}
}

// A tenant never sees another's: not by asking, not by a frame, not by an error that differs.
func TestTenantsNeverMeet(t *testing.T) {
	s := newScene(t, 3)
	one, two := s.node(t), s.node(t)
	day := s.a.Date.String()
	theirs := s.db.Booking(t, s.b, s.b.Trips[0], s.db.B.Rider)
	c := dial(t, two, s.doors.token(s.db.A, "admin"))
	control := dial(t, two, s.doors.token(s.db.B, "admin"))
	for _, ch := range []string{"trip:" + s.b.Trips[0].String(), "booking:" + theirs.String(), "line:" + s.b.Line.String() + ":" + day} {
		if err := control.sub(ch); err != nil {
			t.Fatalf("the control: %s %+v", ch, err)
		}
		err := c.sub(ch)
		unknown := c.sub(strings.Replace(ch, ch[len(ch)-12:], "000000000000", 1))
		if err == nil || err.Code != "not_found" || unknown == nil || unknown.Code != err.Code || unknown.Message != err.Message {
			t.Errorf("%s: %+v, an unknown one: %+v", ch, err, unknown)
		}
	}
	// All watch the channel of the same name, the day's board, on the node that commits and on the other.
	near := dial(t, one, s.doors.token(s.db.A, "admin"))
	for _, x := range []*client{c, near, control} {
		if err := x.sub("board:" + day); err != nil {
			t.Fatal(err)
		}
		if err := x.sub("me"); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		one.change(s.b, s.b.Trips[0], func(x *event.Trip) { take(x); x.Incident = s.db.B.Canary })
		emit(t, one.db, s.db.B.ID, event.Change{Entity: "trip/" + s.a.Trips[0].String(), Version: 99, Gone: true, Channels: []string{"board:" + day}})
		one.change(s.a, s.a.Trips[0], take)
	}
	// What nobody publishes comes by the tail, behind all that was committed before it: whatever
	// way could have leaked, it has been taken when this is seen.
	change(t, s.db.DB, s.a, s.a.Trips[1], take)
	control.await("the change", func() bool { return strings.Contains(strings.Join(control.frames, ""), `"v":11`) })
	for _, x := range []*client{c, near} {
		x.converges(s, "board:"+day)
		x.mu.Lock()
		all := strings.Join(x.frames, "\n")
		x.mu.Unlock()
		for _, secret := range []string{s.db.B.Canary, strings.ToLower(s.db.B.Canary), s.b.Trips[0].String(), s.b.Line.String(), s.db.B.ID.String(), `"gone":true`} {
			if strings.Contains(all, secret) {
				t.Errorf("%s was seen", secret)
			}
		}
		if !strings.Contains(all, s.a.Trips[0].String()) {
			t.Error("its own was not seen: the test sees nothing")
		}
	}
}

// A node that starts while Redis is away serves like one that lost it: ready, stale, its changes by the tail. When Redis
// comes the bus is used, and the node is whole.
func TestANodeStartsWhileRedisIsAway(t *testing.T) {
	s := newScene(t, 2)
	one := s.node(t)
	if err := s.redis.Kill(); err != nil {
		t.Fatal(err)
	}
	two := s.stale(t)
	if two.hub.Stats().Bus || !two.hub.Stats().Stale {
		t.Errorf("without Redis: %+v", two.hub.Stats())
	}
	if !two.hub.TailHurries() {
		t.Error("its tail is not hurried, though nothing else brings news")
	}
	trip := "trip:" + s.a.Trips[0].String()
	c := dial(t, two, s.doors.token(s.db.A, "rider"))
	if err := c.sub(trip); err != nil {
		t.Fatal(err)
	}
	c.await("stale is told", func() bool { _, told := c.sigs[trip+" stale node"]; return told })
	x := one.change(s.a, s.a.Trips[0], take)
	c.await("the other node's change", func() bool { return c.sets[trip][x.Entity()].v == uint64(x.Version) })

	if err := s.redis.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.await("fresh is told", func() bool { _, told := c.sigs[trip+" fresh node"]; return told })
	if two.hub.TailHurries() || !two.hub.Stats().Bus {
		t.Error("the bus is back, and the tail is hurried still")
	}
	eventually(t, "the first node hears it too", func() bool { return one.hub.Stats().Bus })
	d := dial(t, one, s.doors.token(s.db.A, "driver"))
	eventually(t, "a signal, which the bus alone carries", func() bool {
		d.ask(`"signal":%q,"sig":"position","key":"v","d":{"lat":1,"lon":2}`, trip)
		c.mu.Lock()
		defer c.mu.Unlock()
		return string(c.sigs[trip+" position v"].D) == `{"lat":1,"lon":2}`
	})
}
