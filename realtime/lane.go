package realtime

import (
	"context"
	"sync"
	"time"
)

// lane brings news to some of the shards. One goroutine at a time runs it, its own or the one that reads from Redis, and
// takes all that arrived while it was writing, so that under load one write carries many frames. There are as many lanes as
// processors, and more shards than lanes: a lock that a long fan-out holds stands in the way of few.
//
// The reader runs a lane itself while that is quick: in small rooms waking another goroutine costs more than the writes.
// Once a batch took long it leaves the work to the lane's own goroutine, because Redis must be read.
type lane struct {
	hub    *Hub
	place  int // in the hub's lanes
	shards []*shard
	wake   chan struct{}

	mu      sync.Mutex
	queue   []item // guarded by mu
	flooded bool   // guarded by mu: the queue was full, sets must be read anew
	running bool   // guarded by mu: somebody takes from the queue
	slow    bool   // guarded by mu: the last batch took long

	spare []item // owned by whoever runs
}

const (
	maxQueue   = 256 << 10            // news that wait; beyond it reading the sets is cheaper
	spareItems = 4 << 10              // the largest queue that is kept for the next batch
	longBatch  = 1 * time.Millisecond // and the reader does not run the lane
)

func (l *lane) add(i item) {
	l.mu.Lock()
	l.append(i)
	idle := !l.running
	l.mu.Unlock()
	if idle {
		l.rouse()
	}
}

// append is called with mu held.
func (l *lane) append(items ...item) {
	for _, i := range items {
		if news := i.sig == "" && !i.forget && !i.reread; news && len(l.queue) >= maxQueue {
			l.flooded = true
		} else {
			l.queue = append(l.queue, i)
		}
	}
}

func (l *lane) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// bring adds what one read brought, or one socket told, and deals with it if that will not take long.
func (l *lane) bring(items []item) {
	l.mu.Lock()
	l.append(items...)
	idle, quick := !l.running, !l.slow
	l.running = l.running || idle && quick
	l.mu.Unlock()
	switch {
	case idle && quick:
		l.work(1)
	case idle:
		l.rouse()
	}
}

func (l *lane) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		l.mu.Lock()
		idle := !l.running
		l.running = true
		l.mu.Unlock()
		if idle { // otherwise whoever runs sees to it that nothing stays
			l.work(0)
		}
	}
}

// work takes batches until nothing is left, or a number of them. The caller has set running.
func (l *lane) work(most int) {
	for n := 1; ; n++ {
		work, more := l.take(most > 0 && n > most)
		if !more {
			return
		}
		began := time.Now()
		l.dispatch(work)
		clear(work) // payloads must not live on in it
		if l.spare = work[:0]; cap(work) > spareItems {
			l.spare = nil
		}
		slow := time.Since(began) > longBatch
		l.mu.Lock()
		l.slow = slow
		l.mu.Unlock()
	}
}

// take swaps the queue for an empty one, whose memory is used again; false: the caller runs the lane no more.
func (l *lane) take(enough bool) (work []item, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 && !l.flooded {
		l.running = false
		return nil, false
	}
	if enough {
		l.running = false
		l.rouse()
		return nil, false
	}
	work, l.queue, l.spare = l.queue, l.spare, nil
	if l.flooded {
		l.flooded = false
		l.hub.log.Warn("realtime: more news than this node can take, sets are read anew")
		for _, s := range l.shards {
			work = append(work, item{shard: s, reread: true})
		}
	}
	return work, true
}

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
