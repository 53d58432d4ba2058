package bus_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/realtime/bus/bustest"
)

// hears publishes on a subject, which both must have found the same master for.
func hears(t *testing.T, a, b *bustest.Node, subject, what string) {
	t.Helper()
	before := len(a.Heard(subject))
	b.Await("the publisher is up", b.Up)
	b.Publish(subject, []byte(what))
	a.Await("a message: "+what, func() bool { return len(a.Heard(subject)) > before })
}

// A master that dies, and one that is asked to step down and lives on as a replica.
func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	w := devtest.OwnWatched(t, 3)
	a, b := bustest.Hasty(t, w.URL()), bustest.Hasty(t, w.URL())
	at := bus.Subject(uuid.New(), "trip:1")
	a.Listen(at)
	hears(t, a, b, at, "at first")
	if err := w.Servers[0].Kill(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*bustest.Node{a, b} {
		n.Await("the loss and the return are told", func() bool { return len(n.States()) == 3 && n.Up() })
	}
	holds(t, w.Servers[1], at)
	hears(t, a, b, at, "after the death")

	if err := w.Servers[0].Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := devtest.Eventually(t.Context(), "the old master is a replica, and the sentinels agree to change back", func() error {
		_, err := w.Sentinels[0].Ask(t.Context(), "SENTINEL", "FAILOVER", devtest.MasterName)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []*bustest.Node{a, b} {
		n.Await("the change and the return are told", func() bool { return len(n.States()) >= 5 && n.Up() })
	}
	holds(t, w.Servers[0], at)
	hears(t, a, b, at, "after the change")
}

// A master that was cut off from its sentinels goes on as if nothing had happened, and
// nothing breaks. Here the sentinel is told of another one.
func TestSentinelSwitchWithoutAWord(t *testing.T) {
	t.Parallel()
	w := devtest.OwnWatched(t, 1)
	a, b := bustest.Hasty(t, w.URL()), bustest.Hasty(t, w.URL())
	at := bus.Subject(uuid.New(), "trip:1")
	a.Listen(at)
	ask := func(s *devstack.Redis, words ...string) {
		t.Helper()
		if _, err := s.Ask(t.Context(), words...); err != nil {
			t.Fatal(err)
		}
	}
	eyes, other := w.Sentinels[0], w.Servers[1]
	host, port, err := net.SplitHostPort(other.Addr())
	if err != nil {
		t.Fatal(err)
	}
	ask(eyes, "SENTINEL", "REMOVE", devtest.MasterName)
	ask(eyes, "SENTINEL", "MONITOR", devtest.MasterName, host, port, "1")
	// It calls itself a replica as yet, so the sentinel is not believed, how often it may say so.
	err = devtest.Eventually(t.Context(), "the replica was asked", func() error {
		said, err := other.Ask(t.Context(), "INFO", "commandstats")
		_, calls, _ := strings.Cut(said, "cmdstat_role:calls=")
		calls, _, _ = strings.Cut(calls, ",")
		if n, _ := strconv.Atoi(calls); err == nil && n < 5 {
			err = fmt.Errorf("%d times", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.States(); len(got) != 1 {
		t.Fatalf("a replica was taken for a master: %v", got)
	}
	ask(other, "REPLICAOF", "NO", "ONE")
	for _, n := range []*bustest.Node{a, b} {
		n.Await("the switch and the return are told", func() bool { return len(n.States()) == 3 && n.Up() })
	}
	holds(t, other, at)
	hears(t, a, b, at, "after the switch")
}

func holds(t *testing.T, s *devstack.Redis, subject string) {
	t.Helper()
	said, err := s.Ask(context.Background(), "PUBSUB", "SHARDCHANNELS", "*"+subject)
	if err != nil || said == "" {
		t.Errorf("the subject is not heard from %s: %v", s.Addr(), err)
	}
}
