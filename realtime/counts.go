package realtime

import (
	"sync/atomic"

	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/store/outbox"
)

// counts is what the hub counts, for metrics.
type counts struct {
	subscriptions  atomic.Int64
	requests       atomic.Uint64
	deliveries     atomic.Uint64
	conflations    atomic.Uint64
	dropped        atomic.Uint64 // signals of clients too far behind
	refused        atomic.Uint64 // upgrades of those who may come later
	strangers      atomic.Uint64 // upgrades of those without a credential that counts
	resumedByPatch atomic.Uint64
	sentWhole      atomic.Uint64
	setsRead       atomic.Uint64
	accepted       atomic.Uint64
	resumed        atomic.Uint64 // subscriptions that were told what differs from what they had
	begunAnew      atomic.Uint64 // subscriptions that were told the whole set, though they had something
	backlog        atomic.Int64  // bytes that wait for sockets, at the last sweep
	behind         atomic.Int64  // sockets that something waits for, at the last sweep
	throttled      atomic.Uint64
	panics         atomic.Uint64
	lags           lags
}

// Stats is the hub's state, for metrics.
type Stats struct {
	Connections, Subscriptions                                 int64
	Requests, Deliveries, Conflations, DroppedSignals, Refused uint64
	ResumedByPatch, SentWhole, SetsRead                        uint64
	Accepted, Resumed, BegunAnew                               uint64
	Windows                                                    int   // boards with their filters, each once, of all tenants
	Backlog, Behind                                            int64 // bytes that wait for sockets, and the sockets that they wait for
	Bus                                                        bool
	Stale                                                      bool
	Lag                                                        Lag
	Tail                                                       outbox.Lag
	Traffic                                                    bus.Stats
	Throttled                                                  uint64 // batches that waited for their tenant's bytes
	Panics                                                     uint64 // bugs that a request, a set or a connection met
	Strangers                                                  uint64 // refused for want of a credential that counts: they are not among Refused
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
		DroppedSignals: c.dropped.Load(), Refused: c.refused.Load(), Strangers: c.strangers.Load(),
		ResumedByPatch: c.resumedByPatch.Load(), SentWhole: c.sentWhole.Load(), SetsRead: c.setsRead.Load(),
		Accepted: c.accepted.Load(), Resumed: c.resumed.Load(), BegunAnew: c.begunAnew.Load(),
		Backlog: c.backlog.Load(), Behind: c.behind.Load(), Windows: h.windows.all(), Lag: c.lags.read(), Tail: h.tail.Lag(), Traffic: h.bus.Stats(), Throttled: c.throttled.Load(), Panics: c.panics.Load(),
		Bus: h.bus.Up(), Stale: !h.staleSince().IsZero(),
	}
}
