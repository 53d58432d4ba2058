package realtime

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/waymeet/waymeet/realtime/wire"
)

// sweep does once a second what time alone brings about.
func (h *Hub) sweep(ctx context.Context) {
	tick := time.NewTicker(min(time.Second, h.cfg.Timing.Ping/2))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			h.judge(now)
			var waiting, behind int64
			h.crowd.each(func(c *Conn) {
				c.sweep(now)
				if n := c.waiting(); n > 0 {
					waiting += int64(n)
					behind++
				}
			})
			h.counts.backlog.Store(waiting)
			h.counts.behind.Store(behind)
			for _, s := range h.shards {
				s.sweep(now, h.cfg.Timing.Linger)
			}
		}
	}
}

func (c *Conn) sweep(now time.Time) {
	t := c.hub.cfg.Timing
	if exp := c.who.Load().Expires; now.After(exp) {
		c.shut(wire.CloseCredential, "credential expired")
		return
	}
	if since := c.doubted.Load(); since != 0 && now.Sub(time.Unix(0, since)) > t.Doubt {
		c.untold()
		return
	}
	if c.doubtful.Load() {
		c.hub.spawn(c.reconsider)
	}
	heard := time.Unix(0, c.heard.Load())
	if now.Sub(heard) < t.Ping {
		return
	}
	if now.Sub(c.pinged) >= t.Ping {
		c.pinged = now
		_ = c.sendControl(wire.Ping) // a socket that takes nothing is judged below
	}
	// A slow phone's kernel may hold our ping back for minutes. That is not death while
	// it still confirms bytes.
	if acked := c.acknowledged(); acked != c.acked {
		if c.acked >= 0 { // the first look only tells where it stands
			c.ackedAt = now
		}
		c.acked = acked
	}
	if now.Sub(heard) > t.Dead && now.Sub(c.ackedAt) > t.Dead {
		c.shut(wire.CloseDead, "no sign of life")
	}
}

// waiting is how many bytes the node holds for a socket that cannot take them. Marks count as what they take: what they stand
// for is encoded when it can be sent.
func (c *Conn) waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.busy {
		return 0
	}
	n := len(c.head) + c.owed
	for _, s := range c.dirty {
		n += len(s.marks)*markBytes + s.signals.bytes()
	}
	return n
}

// markBytes is about what one mark takes: a pointer and a version in a map.
const markBytes = 32

// Drain sends everybody elsewhere: no new sockets, a goodbye with a delay to come back
// after, then sockets closed one by one over the given time.
func (h *Hub) Drain(ctx context.Context, over time.Duration) {
	h.crowd.mu.Lock()
	h.crowd.shut = true
	h.crowd.mu.Unlock()
	conns := h.crowd.all()
	rand.Shuffle(len(conns), func(i, j int) { conns[i], conns[j] = conns[j], conns[i] })
	for _, c := range conns {
		c.bid()
	}
	began := time.Now()
	for i, c := range conns {
		wait := time.Until(began.Add(over * time.Duration(i+1) / time.Duration(len(conns)+1)))
		if wait > 10*time.Millisecond {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
		}
		c.shut(wire.CloseDrain, "the node is leaving")
	}
}

// bid says goodbye, with a delay to come back after.
func (c *Conn) bid() { c.send(wire.AppendFrame(nil, wire.AppendBye(nil, "drain", 200, 4000))) }
