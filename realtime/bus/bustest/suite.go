// Package bustest says what a bus must do, whatever Redis it runs on: one suite,
// run against each kind of server.
package bustest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/realtime/bus"
)

// Server is the Redis under test.
type Server interface {
	URL() string
	Kill() error
	Restart(context.Context) error // empty, at the same address
}

// Kind is what a Server is.
type Kind string

// Kinds of servers.
const (
	Redis     Kind = "redis-server"
	Cluster   Kind = "a Redis Cluster" // a *devtest.Cluster
	Imitation Kind = "miniredis"
)

// Why a case says nothing of a kind of server.
const (
	noSlots  = "one server holds every slot, and has no other lane to lose"
	noShards = "miniredis knows no SSUBSCRIBE, so the bus subscribes plainly; every other case runs on that"
)

// Suite runs every case on servers of its own, which start makes. What cannot be asked
// of a kind of server says why not.
func Suite(t *testing.T, kind Kind, start func(testing.TB) Server) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Server)
		not  map[Kind]string
	}{
		{"what follows a Listen is heard by all nodes", delivers, nil},
		{"nothing is lost between a Listen and the next Publish", confirmed, nil},
		{"a subject left is not heard, one wanted again is", leaves, nil},
		{"a cut connection is told, and all subjects come back", cut, nil},
		{"a silent connection is found", silence, nil},
		{"a server that was restarted empty is found again", restart, nil},
		{"without a server nobody waits", dead, nil},
		{"tenants and channels do not mix", apart, nil},
		{"what was done is counted", counted, nil},
		{"what doctor asks is answered", examined, nil},
		{"pub/sub is sharded where Redis shards it", shards, map[Kind]string{Imitation: noShards}},
		{"a node of a cluster is not taken for a lone server", mistaken, map[Kind]string{Redis: noSlots, Imitation: noSlots}},
		{"a cut connection to one of several servers is told", cutOne, map[Kind]string{Redis: noSlots, Imitation: noSlots}},
		{"one silent server of several is found", silenceOne, map[Kind]string{Redis: noSlots, Imitation: noSlots}},
		{"a server that holds no subject must be heard all the same", idle, map[Kind]string{Redis: noSlots, Imitation: noSlots}},
		{"a slot that moves away is followed", moved, map[Kind]string{Redis: noSlots, Imitation: noSlots}},
		{"one server of several dies and comes back", oneDies, map[Kind]string{Redis: noSlots, Imitation: noSlots}},
		{"a replica takes over, asked to and by itself", takenOver, map[Kind]string{Redis: noSlots, Imitation: noSlots}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if kind != Imitation { // which changes the environment
				t.Parallel()
			}
			if why, cannot := c.not[kind]; cannot {
				t.Skipf("not on %s: %s", kind, why)
			}
			c.run(t, start(t))
		})
	}
}

func subject() string { return bus.Subject(uuid.New(), "trip:"+uuid.NewString()) }

func numbers(n int) (out []string) {
	for i := range n {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

func delivers(t *testing.T, s Server) {
	a, b, c := Start(t, s.URL()), Start(t, s.URL()), Start(t, s.URL())
	at := subject()
	a.Listen(at)
	b.Listen(at)
	binary := "\x00\xff}{\r\n$5"
	for _, p := range append(numbers(2000), binary) {
		b.Publish(at, []byte(p))
	}
	want := append(numbers(2000), binary)
	for _, n := range []*Node{a, b} {
		n.Await("every message", func() bool { return len(n.Heard(at)) >= len(want) })
		if !slices.Equal(n.Heard(at), want) {
			t.Error("not in order, or not whole")
		}
	}
	if got := c.Heard(at); len(got) > 0 {
		t.Errorf("a node that does not listen heard %d", len(got))
	}
}

func confirmed(t *testing.T, s Server) {
	p := NewProxy(t, s.URL())
	a, b := Start(t, p.URL()), Start(t, s.URL())
	p.Freeze() // Redis cannot confirm
	early := make(chan error, 1)
	go func() { early <- a.Bus.Listen(context.Background(), subject()) }()
	sent := make(chan error, 1)
	b.PublishThen(subject(), []byte("x"), func(err error) { sent <- err })
	if err := <-sent; err != nil { // a round trip and a window: long enough for a Listen that does not wait
		t.Fatal(err)
	}
	select {
	case <-early:
		t.Fatal("Listen returned before Redis confirmed")
	default:
	}
	p.Thaw()
	if err := <-early; err != nil {
		t.Fatal(err)
	}
	at := make([]string, 300)
	done := make(chan error, len(at))
	for i := range at {
		at[i] = subject()
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), Patience)
			defer cancel()
			err := a.Bus.Listen(ctx, at[i])
			if err == nil {
				b.Publish(at[i], []byte("at once"))
			}
			done <- err
		}()
	}
	for range at {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range at {
		a.Await("the message after the Listen", func() bool { return len(a.Heard(x)) == 1 })
	}
}

func leaves(t *testing.T, s Server) {
	a, b := Start(t, s.URL()), Start(t, s.URL())
	at, taken := subject(), make(chan error)
	for i := range 50 {
		a.Listen(at)
		b.Publish(at, []byte(strconv.Itoa(i)))
		a.Await("what was published while listening", func() bool { return len(a.Heard(at)) == i+1 })
		a.Forget(at)
		if i%2 == 0 {
			a.Listen(subject()) // the Forget is sent
			spread(a)           // and a round trip after it, on every lane: Redis has done it
			b.PublishThen(at, []byte("not wanted"), func(err error) { taken <- err })
			if err := <-taken; err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := a.Heard(at); !slices.Equal(got, numbers(50)) {
		t.Errorf("heard %q", got)
	}
}

func cut(t *testing.T, s Server) {
	p := NewProxy(t, s.URL())
	a, b := Start(t, p.URL()), Start(t, s.URL())
	at := make([]string, 40)
	for i := range at {
		at[i] = subject()
		a.Listen(at[i])
	}
	for round := range 5 {
		p.Cut()
		a.Await("the loss and the return are told", func() bool { return len(a.States()) == 1+2*(round+1) && a.Up() })
		for _, x := range at { // without another Listen
			b.Publish(x, []byte("after the cut"))
		}
		for _, x := range at {
			a.Await("a message after the cut", func() bool { return len(a.Heard(x)) == round+1 })
		}
	}
	want := []bool{true, false, true, false, true, false, true, false, true, false, true}
	if got := a.States(); !slices.Equal(got, want) {
		t.Errorf("told %v", got)
	}
}

func silence(t *testing.T, s Server) {
	p := NewProxy(t, s.URL())
	a, b := Hasty(t, p.URL()), Start(t, s.URL())
	at := subject()
	a.Listen(at)
	p.Freeze()
	a.Await("the silence is told", func() bool { return !a.Up() })
	p.Thaw()
	a.Await("the return is told", func() bool { return a.Up() })
	b.Publish(at, []byte("again"))
	a.Await("a message after the silence", func() bool { return slices.Contains(a.Heard(at), "again") })
}

func restart(t *testing.T, s Server) {
	a, b := Start(t, s.URL()), Start(t, s.URL())
	at := subject()
	a.Listen(at)
	for round := range 3 {
		if err := s.Restart(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, n := range []*Node{a, b} {
			n.Await("both nodes are back", func() bool { return len(n.States()) >= 1+2*(round+1) && n.Up() })
		}
		b.Publish(at, []byte(fmt.Sprint(round)))
		a.Await("a message after the restart", func() bool { return len(a.Heard(at)) == round+1 })
	}
}

func dead(t *testing.T, s Server) {
	a := Start(t, s.URL())
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	a.Await("the loss is told", func() bool { return !a.Up() })
	at := subject()
	if err := a.Bus.Listen(context.Background(), at); err == nil {
		t.Error("a Listen without a server was confirmed")
	}
	for range 50_000 { // more than may wait: who waits for room waits forever
		a.Publish(at, make([]byte, 100))
	}
	told := make(chan error, 1)
	a.PublishThen(at, []byte("x"), func(err error) { told <- err })
	if err := <-told; err == nil {
		t.Error("a publication without a server succeeded")
	}
	if err := s.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	a.Await("the return is told", func() bool { return a.Up() })
	a.Publish(at, []byte("what was wanted meanwhile is heard"))
	a.Await("a message", func() bool { return len(a.Heard(at)) > 0 })
}

func apart(t *testing.T, s Server) {
	a, b := Start(t, s.URL()), Start(t, s.URL())
	mine, theirs := uuid.New(), uuid.New()
	a.Listen(bus.Subject(mine, "board:2026-11-23"))
	b.Publish(bus.Subject(theirs, "board:2026-11-23"), []byte("another tenant"))
	b.Publish(bus.Subject(mine, "board:2026-11-2"), []byte("another day"))
	b.Publish(bus.Subject(mine, "board:2026-11-23"), []byte("mine"))
	a.Await("my message", func() bool { return len(a.Heard(bus.Subject(mine, "board:2026-11-23"))) == 1 })
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.heard) != 1 {
		t.Errorf("heard on %d subjects", len(a.heard))
	}
}

func counted(t *testing.T, s Server) {
	p := NewProxy(t, s.URL())
	a, b := Start(t, p.URL()), Start(t, s.URL())
	at := subject()
	a.Listen(at)
	for _, x := range numbers(100) {
		b.Publish(at, []byte(x))
	}
	a.Await("every message", func() bool { return len(a.Heard(at)) == 100 })
	p.Cut()
	a.Await("the loss and the return are told", func() bool { return len(a.States()) == 3 && a.Up() })
	if got, want := a.Stats(), (bus.Stats{Reconnects: 1, Received: 100}); got != want {
		t.Errorf("the listener counts %+v, not %+v", got, want)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	b.Await("the loss is told", func() bool { return !b.Up() })
	told := make(chan error, 1)
	b.PublishThen(at, nil, func(err error) { told <- err })
	if err := <-told; err == nil {
		t.Error("a dead Redis took a message")
	}
	if got, want := b.Stats(), (bus.Stats{Published: 100, Dropped: 1}); got != want {
		t.Errorf("the publisher counts %+v, not %+v", got, want)
	}
}

func examined(t *testing.T, s Server) {
	found, err := bus.Examine(t.Context(), s.URL())
	if err != nil || !strings.Contains(found, "pub/sub is ") {
		t.Errorf("%q, %v", found, err)
	}
	const secret = "hunter2canary"
	scheme, rest, _ := strings.Cut(s.URL(), "://")
	wrong := scheme + "://:" + secret + rest[strings.LastIndexByte(rest, '@'):]
	if _, err := bus.Examine(t.Context(), wrong); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("with a wrong password: %v", err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.Examine(t.Context(), s.URL()); err == nil {
		t.Error("a dead Redis has answered")
	}
}
