package realtime

import (
	"sync"
	"time"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/realtime/bus"
)

// shard owns the subjects whose names hash to it.
type shard struct {
	hub  *Hub
	lane *lane

	mu       sync.Mutex
	subjects map[string]*subject // guarded by mu
	shownAt  []time.Time         // guarded by mu: when what this batch shows was committed

	// owned by the lane
	batch   []*item
	touched []*subject
}

// item is one piece of news.
type item struct {
	shard   *shard
	subject string
	message bus.Message // decoded already, or
	payload string      // as the bus brought it

	reread bool   // all sets
	forget bool   // all that is known
	node   []byte // payload-maker's body of a signal about the node itself
	sig    string
}

func newShard(h *Hub, l *lane) *shard {
	s := &shard{hub: h, lane: l, subjects: map[string]*subject{}}
	l.shards = append(l.shards, s)
	return s
}

func (s *shard) add(i item) {
	i.shard = s
	s.lane.add(i)
}

// dispatch takes the shard's part of a batch.
func (s *shard) dispatch() {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, it := range s.batch {
		switch {
		case it.reread:
			s.rereadAll()
		case it.forget:
			s.forgetAll()
		case it.sig != "":
			for _, sub := range s.subjects {
				sub.signal(bus.Message{Sig: it.sig, Key: nodeKey, At: now, Data: it.node}, false, now)
				s.touch(sub)
			}
		default:
			if sub := s.subjects[it.subject]; sub != nil {
				s.touch(sub)
				s.news(sub, it, now)
			}
		}
	}
	for i, sub := range s.touched {
		sub.touched = false
		s.touched[i] = nil
		sub.flush()
	}
	s.touched = s.touched[:0]
	if len(s.shownAt) > 0 {
		now = time.Now()
		for _, at := range s.shownAt {
			s.hub.counts.lags.observe(now.Sub(at))
		}
		s.shownAt = s.shownAt[:0]
	}
}

func (s *shard) touch(sub *subject) {
	if !sub.touched {
		sub.touched = true
		s.touched = append(s.touched, sub)
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
