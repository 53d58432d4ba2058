package realtime

import (
	"context"
	"sync"
)

// lane brings news to some of the shards, on one goroutine. It takes all that arrived while it was writing, so that under load
// one write carries many frames. There are as many lanes as processors, and more shards than lanes: a lock that a long
// fan-out holds stands in the way of few, and a batch of the bus wakes no more goroutines than can run.
type lane struct {
	hub    *Hub
	shards []*shard
	wake   chan struct{}

	mu      sync.Mutex
	queue   []item // guarded by mu
	flooded bool   // guarded by mu: the queue was full, sets must be read anew
}

// maxQueue bounds what may wait; beyond it reading the sets is cheaper than the news.
const maxQueue = 256 << 10

func newLane(h *Hub) *lane { return &lane{hub: h, wake: make(chan struct{}, 1)} }

func (l *lane) add(i item) {
	l.mu.Lock()
	if news := i.sig == "" && !i.forget && !i.reread; news && len(l.queue) >= maxQueue {
		l.flooded = true
	} else {
		l.queue = append(l.queue, i)
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// take swaps the queue for an empty one, whose memory is used again.
func (l *lane) take(empty []item) (work []item, flooded bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	work, l.queue = l.queue, empty
	flooded, l.flooded = l.flooded, false
	return work, flooded
}

func (l *lane) run(ctx context.Context) {
	var spare []item
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		for {
			work, flooded := l.take(spare)
			if len(work) == 0 && !flooded {
				spare = work
				break
			}
			if flooded {
				l.hub.log.Warn("realtime: more news than this node can take, sets are read anew")
				for _, s := range l.shards {
					work = append(work, item{shard: s, reread: true})
				}
			}
			l.dispatch(work)
			clear(work) // payloads must not live on in it
			if spare = work[:0]; cap(spare) > spareItems {
				spare = nil
			}
		}
	}
}

// spareItems is the largest queue that is kept for the next batch.
const spareItems = 4 << 10

// dispatch hands each shard its part, in order.
func (l *lane) dispatch(work []item) {
	for i := range work {
		s := work[i].shard
		s.batch = append(s.batch, &work[i])
	}
	for _, s := range l.shards {
		if len(s.batch) > 0 {
			s.dispatch()
			clear(s.batch)
			s.batch = s.batch[:0]
		}
	}
}
