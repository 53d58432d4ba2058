package bustest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/realtime/bus"
)

// Patience bounds every wait of the suite: what has not happened by then never will.
const Patience = time.Minute

// How long a server may say nothing before a node takes it for lost. A machine that is busy with other tests is silent for a
// second or two by itself, so only the cases that are about silence, or wait for what it makes a node do, are hasty.
const (
	calm  = 20 * time.Second
	hasty = 1500 * time.Millisecond
)

// Node is a bus that runs and remembers what it heard.
type Node struct {
	*bus.Bus
	t testing.TB

	mu     sync.Mutex
	heard  map[string][]string // guarded by mu; payloads by subject
	states []bool              // guarded by mu
	news   chan struct{}       // closed and replaced under mu at every event
}

// Start runs a bus for as long as the test does, and waits until it is up.
func Start(t testing.TB, url string) *Node {
	t.Helper()
	return open(t, url, calm)
}

// Hasty is Start of a node that takes a server for lost after a second and a half of silence, and looks as often where a cluster's
// or a sentinel's servers are.
func Hasty(t testing.TB, url string) *Node {
	t.Helper()
	return open(t, url, hasty)
}

func open(t testing.TB, url string, silence time.Duration) *Node {
	t.Helper()
	n := &Node{t: t, heard: map[string][]string{}, news: make(chan struct{})}
	b, err := bus.Open(bus.Config{URL: url, Logger: slog.New(slog.DiscardHandler), Receive: n.receive, State: n.state, Silence: silence})
	if err != nil {
		t.Fatal(err)
	}
	n.Bus = b
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(Patience):
			t.Error("bus: Run did not return")
		}
	})
	n.Await("the bus is up", func() bool { return n.Up() })
	return n
}

func (n *Node) receive(batch []bus.Delivery) {
	n.event(func() {
		for _, d := range batch {
			n.heard[d.Subject] = append(n.heard[d.Subject], d.Payload)
		}
	})
}

func (n *Node) state(up bool) { n.event(func() { n.states = append(n.states, up) }) }

func (n *Node) event(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f()
	close(n.news)
	n.news = make(chan struct{})
}

// Heard is what came on a subject so far.
func (n *Node) Heard(subject string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.heard[subject]...)
}

// States is what the bus said of itself so far.
func (n *Node) States() []bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]bool(nil), n.states...)
}

// Await looks again at every event until it holds.
func (n *Node) Await(what string, holds func() bool) {
	n.t.Helper()
	limit := time.After(Patience)
	for {
		n.mu.Lock()
		news := n.news
		n.mu.Unlock()
		if holds() {
			return
		}
		select {
		case <-news:
		case <-limit:
			n.t.Fatalf("bus: did not come: %s", what)
		}
	}
}

// Listen must be confirmed.
func (n *Node) Listen(subject string) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if err := n.Bus.Listen(ctx, subject); err != nil {
		n.t.Fatalf("listen: %v", err)
	}
}
