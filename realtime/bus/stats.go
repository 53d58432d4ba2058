package bus

import "sync/atomic"

// Stats is what a bus has done since Open.
type Stats struct {
	Reconnects uint64 // times that it came up again after a loss
	Received   uint64 // messages handed to Receive
	Published  uint64 // messages that Redis took
	Dropped    uint64 // messages that it did not take, or that did not fit into what may wait
}

// counters are written on hot paths: each is one uncontended addition.
type counters struct{ ups, received, published, dropped atomic.Uint64 }

// Stats may be asked at any time.
func (b *Bus) Stats() Stats {
	c := &b.counts
	return Stats{
		Reconnects: max(c.ups.Load(), 1) - 1,
		Received:   c.received.Load(), Published: c.published.Load(), Dropped: c.dropped.Load(),
	}
}
