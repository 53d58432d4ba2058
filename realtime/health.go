package realtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/waymeet/waymeet/realtime/bus"
)

// nodeKey is the key of the signals with which a node speaks of itself: stale, fresh.
const nodeKey = "node"

// What waits for a client that cannot take it, the newest of each: by sender, so that two parties who number their signals
// alike do not replace each other's; and a node's "fresh" by itself, because it must come behind the changes it vouches for.
const freshWaits = nodeKey + " fresh"

func waitsAs(m *bus.Message) string {
	switch {
	case m.Key != nodeKey:
		return m.Sig + "\x00" + m.From + "\x00" + m.Key
	case m.Sig == "fresh":
		return freshWaits
	}
	return nodeKey
}

// catchUpWait is how long one attempt to prove that nothing is missing may take.
const catchUpWait = 10 * time.Second

// health is whether what this node shows is known to be current: the bus is heard, the
// tail is alive, and since the last loss the tail has passed everything that could have
// been lost with it.
type health struct {
	mu      sync.Mutex
	busUp   bool      // guarded by mu
	askBus  bool      // guarded by mu: it was up once, or could not be reached
	tailAt  time.Time // guarded by mu
	stale   time.Time // guarded by mu: since when; zero: current
	proving bool      // guarded by mu
	losses  int       // guarded by mu
	begun   bool      // guarded by mu
}

// busState is the bus's.
func (h *Hub) busState(up bool) {
	h.health.mu.Lock()
	h.health.busUp = up
	h.health.askBus = true
	if !up {
		h.health.losses++
	}
	h.health.mu.Unlock()
	h.tail.Hurry(!up)
	h.judge(time.Now())
}

func (h *Hub) tailAlive(at time.Time) {
	h.health.mu.Lock()
	h.health.tailAt = at
	h.health.mu.Unlock()
	h.judge(at)
}

// judge tells all readers when the node falls behind, and has it proved when it may be current again.
func (h *Hub) judge(now time.Time) {
	g := &h.health
	g.mu.Lock()
	defer g.mu.Unlock()
	sound := g.busUp && now.Sub(g.tailAt) <= h.cfg.Timing.Stale
	switch {
	case !sound && (g.stale.IsZero() || !g.begun):
		g.begun, g.stale = true, now
		h.tellAll("stale", staleBody(now))
	case sound && !g.stale.IsZero() && !g.proving:
		losses := g.losses
		g.proving = h.spawn(func() { h.prove(losses) })
	}
}

func (h *Hub) prove(losses int) {
	ctx, cancel := context.WithTimeout(h.ctx(), catchUpWait)
	defer cancel()
	err := h.tail.CaughtUp(ctx)
	g := &h.health
	g.mu.Lock()
	defer g.mu.Unlock()
	g.proving = false
	if err == nil && g.losses == losses && g.busUp {
		g.stale = time.Time{}
		h.tellAll("fresh", []byte("{}"))
	}
}

func staleBody(since time.Time) []byte {
	return fmt.Appendf(nil, `{"since":%q}`, since.UTC().Format(timeFormat))
}

func (h *Hub) tellAll(sig string, body []byte) {
	for _, s := range h.shards {
		s.add(item{sig: sig, node: body})
	}
}

// staleSince is when this node fell behind, or zero.
func (h *Hub) staleSince() time.Time {
	h.health.mu.Lock()
	defer h.health.mu.Unlock()
	return h.health.stale
}

// Ready says what a load balancer must know: nil when the node serves sockets well. A
// Redis that is away does not count, because changes still come within a second, and
// because it is away for all nodes: one that starts meanwhile is as good as those that
// lost it, and is needed when they die. Only its first answer, or that there is none, is waited for.
func (h *Hub) Ready() error {
	h.health.mu.Lock()
	defer h.health.mu.Unlock()
	switch {
	case h.Epoch() == "" || h.health.tailAt.IsZero():
		return errors.New("the outbox has not been read yet")
	case time.Since(h.health.tailAt) > 2*h.cfg.Timing.Stale:
		return errors.New("the outbox cannot be read")
	case !h.health.askBus:
		return errors.New("redis has not answered yet")
	}
	return nil
}
