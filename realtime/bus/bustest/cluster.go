package bustest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/realtime/bus"
)

// spread are subjects enough that every server of a cluster holds some.
func spread(n *Node) []string {
	at := make([]string, 60)
	for i := range at {
		at[i] = subject()
		n.Listen(at[i])
	}
	return at
}

// hears publishes once on every subject and waits until all has come.
func hears(a, b *Node, at []string, what string) {
	a.t.Helper()
	for _, x := range at {
		b.Publish(x, []byte(what))
	}
	for _, x := range at {
		a.Await("a message: "+what, func() bool { return slices.Contains(a.Heard(x), what) })
	}
}

// told waits for the nth loss and the return from it.
func told(n *Node, losses int, what string) {
	n.t.Helper()
	n.Await(what, func() bool { return len(n.States()) >= 1+2*losses && n.Up() })
}

func shards(t *testing.T, s Server) {
	a := Start(t, s.URL())
	at := subject()
	a.Listen(at)
	asked := s.(interface {
		Ask(context.Context, ...string) (string, error)
	})
	sharded, err1 := asked.Ask(t.Context(), "PUBSUB", "SHARDCHANNELS")
	plainly, err2 := asked.Ask(t.Context(), "PUBSUB", "CHANNELS", "wm*")
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if !strings.Contains(sharded, at) || strings.Contains(plainly, "wm") {
		t.Errorf("sharded %q, plainly %q", sharded, plainly)
	}
}

// mistaken: who names one node of a cluster as if it were alone is told so, by what the bus logs.
func mistaken(t *testing.T, s Server) {
	c := s.(*devtest.Cluster)
	var log said
	_, rest, _ := strings.Cut(s.URL(), "://")
	password, _, _ := strings.Cut(rest, "@")
	b, err := bus.Open(bus.Config{URL: "redis://" + password + "@" + c.Nodes[0].Addr(), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	over, cancel := context.WithCancel(ctx)
	cancel() // Listen orders, and does not wait
	for range 60 {
		_ = b.Listen(over, subject())
	}
	err = devtest.Eventually(ctx, "the mistake is told", func() error {
		if text := log.String(); !strings.Contains(text, "redis+cluster://") {
			return errors.New(text)
		}
		return nil
	})
	stop()
	if err := errors.Join(err, <-done); err != nil {
		t.Error(err)
	}
}

// said is a log that may be read while it is written.
type said struct {
	mu sync.Mutex
	strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Builder.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Builder.String()
}

func cutOne(t *testing.T, s Server) {
	p := NewProxy(t, s.URL())
	a, b := Hasty(t, p.URL()), Hasty(t, s.URL())
	at := spread(a)
	for i := range p.doors {
		p.CutOne(i)
		told(a, i+1, "the loss of one server and the return")
		hears(a, b, at, fmt.Sprint("after cut ", i))
	}
}

func silenceOne(t *testing.T, s Server) {
	p := NewProxy(t, s.URL())
	a, b := Hasty(t, p.URL()), Hasty(t, s.URL())
	at := spread(a)
	p.FreezeOne(1)
	a.Await("the silence is told", func() bool { return !a.Up() })
	p.Thaw()
	a.Await("the return is told", a.Up)
	hears(a, b, at, "after the silence")
}

// idle: nothing but the control subject is wanted, so two of three servers hold nothing.
// One of them that takes connections and says nothing must not let the bus go up and down
// with every attempt.
func idle(t *testing.T, s Server) {
	c := s.(*devtest.Cluster)
	p := NewProxy(t, s.URL())
	a := Hasty(t, p.URL())
	control, _ := holder(t, c, bus.Control)
	mute := 1 + control%2 // not the first, which is asked what it can
	p.FreezeOne(mute)
	a.Await("the silence is told", func() bool { return !a.Up() })
	first := subscriptions(t, c.Nodes[control])
	err := devtest.Eventually(t.Context(), "the bus has tried again", func() error {
		if n := subscriptions(t, c.Nodes[control]) - first; n < 2 {
			return fmt.Errorf("%d times", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.States(); !slices.Equal(got, []bool{true, false}) {
		t.Errorf("with a server that says nothing, told %v", got)
	}
	p.Thaw()
	told(a, 1, "the return is told")
}

// subscriptions is how many a server was asked for so far.
func subscriptions(t *testing.T, n *devstack.Redis) int {
	t.Helper()
	said, err := n.Ask(t.Context(), "INFO", "commandstats")
	if err != nil {
		t.Fatal(err)
	}
	_, said, _ = strings.Cut(said, "cmdstat_ssubscribe:calls=")
	said, _, _ = strings.Cut(said, ",")
	total, err := strconv.Atoi(said)
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// holder finds who holds a subject, and its slot.
func holder(t *testing.T, c *devtest.Cluster, at string) (node int, slot string) {
	t.Helper()
	for i, n := range c.Nodes {
		said, err := n.Ask(t.Context(), "PUBSUB", "SHARDCHANNELS", "*"+at)
		if err != nil {
			t.Fatal(err)
		}
		if said != "" {
			slot, err := n.Ask(t.Context(), "CLUSTER", "KEYSLOT", said)
			if err != nil {
				t.Fatal(err)
			}
			return i, slot
		}
	}
	t.Fatal("nobody holds the subject")
	return 0, ""
}

func moved(t *testing.T, s Server) {
	c := s.(*devtest.Cluster)
	a, b := Hasty(t, s.URL()), Hasty(t, s.URL())
	at := spread(a)
	for round := range 3 {
		from, slot := holder(t, c, at[0])
		to := (from + 1) % 3
		c.Move(t, slot, from, to)
		told(a, round+1, "the move and the return")
		hears(a, b, at, fmt.Sprint("after move ", round))
		if now, _ := holder(t, c, at[0]); now != to {
			t.Errorf("heard from node %d, the slot is at %d", now, to)
		}
	}
}

func oneDies(t *testing.T, s Server) {
	c := s.(*devtest.Cluster)
	a, b := Hasty(t, s.URL()), Hasty(t, s.URL())
	at := spread(a)
	if err := c.Nodes[1].Kill(); err != nil {
		t.Fatal(err)
	}
	a.Await("the loss is told", func() bool { return !a.Up() })
	if err := c.Nodes[1].Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*Node{a, b} {
		told(n, 1, "the return is told")
	}
	hears(a, b, at, "after the return")
}

func takenOver(t *testing.T, s Server) {
	c := s.(*devtest.Cluster)
	replica := c.AddReplica(t, 0)
	a, b := Hasty(t, s.URL()), Hasty(t, s.URL())
	at := spread(a)
	failOver(t, c.Nodes[replica])
	for _, n := range []*Node{a, b} {
		n.Await("the change and the return", func() bool { return len(n.States()) >= 3 && n.Up() })
	}
	holds(t, c, a, replica, at)
	hears(a, b, at, "after the change")
	before := map[*Node]int{a: len(a.States()), b: len(b.States())}
	if err := c.Nodes[replica].Kill(); err != nil {
		t.Fatal(err)
	}
	for n, told := range before {
		n.Await("the death is told, and that the first master has taken over again", func() bool { return len(n.States()) >= told+2 && n.Up() })
	}
	hears(a, b, at, "after the death")
}

// failOver asks a replica to become the master until it is: Redis gives an attempt up by itself after five seconds, and says nothing.
func failOver(t *testing.T, replica *devstack.Redis) {
	t.Helper()
	var asked time.Time
	err := devtest.Eventually(t.Context(), "the replica is the master", func() error {
		said, err := replica.Ask(t.Context(), "ROLE")
		if err != nil || strings.Contains(said, "master\n") || strings.HasPrefix(said, "master") {
			return err
		}
		if time.Since(asked) > 6*time.Second {
			asked = time.Now()
			if _, err := replica.Ask(t.Context(), "CLUSTER", "FAILOVER"); err != nil {
				return err
			}
		}
		return fmt.Errorf("its role is %q", said)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// holds waits until a node of the cluster has a's subjects.
func holds(t *testing.T, c *devtest.Cluster, a *Node, node int, at []string) {
	t.Helper()
	err := devtest.Eventually(t.Context(), "the new master is listened to", func() error {
		said, err := c.Nodes[node].Ask(t.Context(), "PUBSUB", "SHARDCHANNELS")
		if err == nil && (!a.Up() || !slices.ContainsFunc(at, func(x string) bool { return strings.Contains(said, x) })) {
			err = fmt.Errorf("it holds %q", said)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
