package realtime

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/realtime/wire"
	"github.com/waymeet/waymeet/store/outbox"
)

// Committed is the outbox's: a change that this node committed, or that its tail found.
func (h *Hub) Committed(e outbox.Entry) {
	if people, stirs := event.Stirs(e.Change); stirs {
		h.queues(e.Tenant, people)
	}
	m := bus.Message{Kind: bus.Change, Entity: e.Change.Entity, Version: uint64(e.Change.Version), Xid: e.XID, At: e.At}
	for _, ch := range e.Change.Channels {
		if ch == event.AccessChannel {
			h.access(e.Tenant, outbox.AccessOf(e.Change))
			continue
		}
		m.Gone, m.Data = e.Change.Gone, e.Change.Docs[event.OnChannel(e.Change.Entity, ch)]
		h.deliver(subjectOf(e.Tenant.UUID(), ch), m)
	}
	m.Gone, m.Data = true, nil
	for _, ch := range e.Change.Left {
		h.deliver(subjectOf(e.Tenant.UUID(), ch), m)
	}
}

func (h *Hub) deliver(subject string, m bus.Message) {
	if _, shown := h.live.Load(subject); shown {
		h.shard(subject).add(item{subject: subject, message: m})
	}
}

// Missed is the outbox's: every set that is shown must be read anew.
func (h *Hub) Missed() {
	h.log.Warn("realtime: changes were missed, all sets are read anew")
	for _, s := range h.shards {
		s.add(item{reread: true})
	}
}

// Rewound is the outbox's: versions may have gone back. Sockets are closed, and their
// clients come back without anything that they could hold against the truth.
func (h *Hub) Rewound(history string) {
	sum := sha256.Sum256([]byte(history + "\n" + event.Projections))
	epoch := hex.EncodeToString(sum[:8])
	if old := h.epoch.Swap(&epoch); old == nil || *old == epoch {
		return
	}
	h.log.Warn("realtime: another history, all sockets are closed", "epoch", epoch)
	h.crowd.each(func(c *Conn) { c.shut(wire.CloseDrain, "another epoch") })
	for _, s := range h.shards {
		s.add(item{forget: true})
	}
}

// Alive is the outbox's: the tail reads.
func (h *Hub) Alive(at time.Time) { h.tailAlive(at) }

// receive is the bus's: all that one read from Redis brought. Each lane gets its part at once.
func (h *Hub) receive(batch []bus.Delivery) {
	lent := h.partings.Get().(*[][]item)
	defer h.partings.Put(lent)
	parts := *lent
	for _, d := range batch {
		if d.Subject == bus.Control {
			h.notice(d.Payload)
			continue
		}
		if d.Subject == bus.Questions {
			h.asked(d.Payload)
			continue
		}
		if bus.ToldBy(d.Payload) == h.node {
			continue
		}
		s := h.shard(d.Subject)
		parts[s.lane.place] = append(parts[s.lane.place], item{shard: s, subject: d.Subject, payload: d.Payload})
	}
	for i, l := range h.lanes {
		if len(parts[i]) > 0 {
			l.bring(parts[i])
			clear(parts[i])
			parts[i] = parts[i][:0]
		}
	}
}

// queues tells whoever serves a tenant's queues that something has changed there.
func (h *Hub) queues(t tenant.ID, people []uuid.UUID) {
	if f := h.cfg.OnQueues; f != nil {
		f(t, people)
	}
}

func (h *Hub) notice(payload string) {
	var n outbox.Notice
	m, err := bus.Decode(payload)
	if err != nil || m.Kind != bus.Notice || json.Unmarshal(m.Data, &n) != nil {
		h.log.Warn("realtime: a notice that cannot be read")
		return
	}
	if n.Queues {
		h.queues(tenant.ID(n.Tenant), n.People)
		return
	}
	h.access(tenant.ID(n.Tenant), n.Access)
}
