package realtime

import (
	"context"
	"sync"
	"time"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/realtime/bus"
)

// shard owns the subjects whose names hash to it. One goroutine takes all that arrived
// while it was writing, so that under load one write carries many frames.
type shard struct {
	hub *Hub

	mu       sync.Mutex
	subjects map[string]*subject // guarded by mu
	shownAt  []time.Time         // guarded by mu: when what this batch shows was committed

	queueMu sync.Mutex
	queue   []item // guarded by queueMu
	flooded bool   // guarded by queueMu: the queue was full, sets must be read anew
	wake    chan struct{}
}

// item is one piece of news.
type item struct {
	subject string
	message bus.Message // decoded already, or
	payload string      // as the bus brought it

	reread bool   // all sets
	forget bool   // all that is known
	node   []byte // payload-maker's body of a signal about the node itself
	sig    string
}

// maxQueue bounds what may wait; beyond it reading the sets is cheaper than the news.
const maxQueue = 64 << 10

func newShard(h *Hub) *shard {
	return &shard{hub: h, subjects: map[string]*subject{}, wake: make(chan struct{}, 1)}
}

func (s *shard) add(i item) {
	s.queueMu.Lock()
	if news := i.sig == "" && !i.forget && !i.reread; news && len(s.queue) >= maxQueue {
		s.flooded = true
	} else {
		s.queue = append(s.queue, i)
	}
	s.queueMu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *shard) take() (work []item, flooded bool) {
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	work, s.queue = s.queue, nil
	flooded, s.flooded = s.flooded, false
	return work, flooded
}

func (s *shard) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for work, flooded := s.take(); len(work) > 0; work, flooded = s.take() {
			if flooded {
				s.hub.log.Warn("realtime: more news than this node can take, sets are read anew")
				work = append(work, item{reread: true})
			}
			s.dispatch(work)
		}
	}
}

func (s *shard) dispatch(work []item) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	touched := map[*subject]bool{}
	for i := range work {
		it := &work[i]
		switch {
		case it.reread:
			s.rereadAll()
		case it.forget:
			s.forgetAll()
		case it.sig != "":
			for _, sub := range s.subjects {
				sub.signal(bus.Message{Sig: it.sig, Key: nodeKey, At: now, Data: it.node}, false, now)
				touched[sub] = true
			}
		default:
			if sub := s.subjects[it.subject]; sub != nil {
				touched[sub] = true
				s.news(sub, it, now)
			}
		}
	}
	for sub := range touched {
		sub.flush()
	}
	if len(s.shownAt) > 0 {
		now = time.Now()
		for _, at := range s.shownAt {
			s.hub.counts.lags.observe(now.Sub(at))
		}
		s.shownAt = s.shownAt[:0]
	}
}

func (s *shard) news(sub *subject, it *item, now time.Time) {
	m := it.message
	if it.payload != "" {
		var err error
		if m, err = bus.Decode(it.payload); err != nil {
			s.hub.log.Warn("realtime: a message that cannot be read", "subject", sub.name)
			return
		}
	}
	switch m.Kind {
	case bus.Change:
		if e := sub.entities[m.Entity]; e == nil || m.Version > e.version {
			s.shownAt = append(s.shownAt, m.At)
		}
		if m.Entity == event.Whole || !sub.apply(m, now) {
			for _, v := range sub.views {
				s.read(sub, v)
			}
		}
	case bus.Signal:
		sub.signal(m, sub.keeps(m.Sig), now)
	}
}

func (s *shard) rereadAll() {
	for _, sub := range s.subjects {
		for _, v := range sub.views {
			s.read(sub, v)
		}
	}
}

func (s *shard) forgetAll() {
	for _, sub := range s.subjects {
		sub.entities = map[string]*entity{}
		for _, v := range sub.views {
			v.members, v.size, v.seen, v.whole = map[*entity]*member{}, 0, snapshot{}, false
			if len(v.subs) > 0 { // their sockets are being closed
				s.read(sub, v)
			}
		}
	}
}

// sweep drops views that nobody has asked for in a while, and what subjects need not remember.
func (s *shard) sweep(now time.Time, linger time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subjects {
		sub.sweep(now)
		for _, v := range sub.views {
			if v.unread && len(v.subs) > 0 && v.reading == nil {
				s.read(sub, v)
			}
			if len(v.subs) == 0 && v.pins == 0 && v.reading == nil && now.Sub(v.idle) > linger {
				s.drop(sub, v)
			}
		}
	}
}

func (s *shard) drop(sub *subject, v *view) {
	delete(sub.views, v.name)
	if len(sub.views) == 0 {
		delete(s.subjects, sub.name)
		s.hub.live.Delete(sub.name)
		s.hub.bus.Forget(sub.name)
	}
}
