package realtime

import "sync/atomic"

// counts is what the hub counts, for metrics.
type counts struct {
	subscriptions  atomic.Int64
	requests       atomic.Uint64
	deliveries     atomic.Uint64
	conflations    atomic.Uint64
	dropped        atomic.Uint64 // signals of clients too far behind
	refused        atomic.Uint64 // upgrades
	resumedByPatch atomic.Uint64
	sentWhole      atomic.Uint64
	setsRead       atomic.Uint64
}

// Stats is the hub's state, for metrics.
type Stats struct {
	Connections, Subscriptions                                 int64
	Requests, Deliveries, Conflations, DroppedSignals, Refused uint64
	ResumedByPatch, SentWhole, SetsRead                        uint64
	Bus                                                        bool
	Stale                                                      bool
}

// Stats is how things stand now.
func (h *Hub) Stats() Stats {
	h.crowd.mu.Lock()
	conns := len(h.crowd.conns)
	h.crowd.mu.Unlock()
	c := &h.counts
	return Stats{
		Connections: int64(conns), Subscriptions: c.subscriptions.Load(),
		Requests: c.requests.Load(), Deliveries: c.deliveries.Load(), Conflations: c.conflations.Load(),
		DroppedSignals: c.dropped.Load(), Refused: c.refused.Load(),
		ResumedByPatch: c.resumedByPatch.Load(), SentWhole: c.sentWhole.Load(), SetsRead: c.setsRead.Load(),
		Bus: h.bus.Up(), Stale: !h.staleSince().IsZero(),
	}
}
