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
	touched []*subject // in the order in which the batch names them
}

// item is one piece of news.
type item struct {
	shard   *shard
	subject string
	next    *item       // of its subject, in the batch that is being taken
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

// dispatch takes the shard's part of a batch, subject by subject: whoever waits for the lock waits for one of them, not for all
// that a flood of another's has brought.
func (s *shard) dispatch() {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, it := range s.batch {
		if it.subject != "" {
			s.sort(it)
			continue
		}
		s.show(now)
		switch {
		case it.reread:
			s.rereadAll()
		case it.forget:
			s.forgetAll()
		case it.sig != "":
			for _, sub := range s.subjects {
				sub.signal(bus.Message{Sig: it.sig, Key: nodeKey, At: now, Data: it.node}, false, now)
				sub.flush()
			}
		}
	}
	s.show(now)
	if len(s.shownAt) > 0 {
		now = time.Now()
		for _, at := range s.shownAt {
			s.hub.counts.lags.observe(now.Sub(at))
		}
		s.shownAt = s.shownAt[:0]
	}
}

// sort puts an item behind those of its subject, if that is shown. Called with mu held.
func (s *shard) sort(it *item) {
	sub := s.subjects[it.subject]
	switch {
	case sub == nil:
		return
	case sub.first == nil:
		sub.first = it
		s.touched = append(s.touched, sub)
	default:
		sub.last.next = it
	}
	sub.last = it
}

// show takes what was sorted. One subject's is taken and shown in one piece, or somebody who joins in between would be told of
// it twice; between two the lock is let go. A subject that is dropped then had no readers. Called with mu held.
func (s *shard) show(now time.Time) {
	for i, sub := range s.touched {
		if i > 0 {
			s.mu.Unlock()
			s.mu.Lock()
		}
		for it := sub.first; it != nil; it = it.next {
			s.news(sub, it, now)
		}
		sub.first, sub.last = nil, nil
		sub.flush()
		s.touched[i] = nil
	}
	s.touched = s.touched[:0]
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
	case bus.Last:
		sub.remind(m, now)
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
			if v.idles() && now.Sub(v.idle) > linger {
				s.drop(sub, v)
			}
		}
	}
}

// spare drops a view that nobody has any more, before its time, where its tenant has many windows: those that linger must not
// stand in the way of those that are wanted. Called with mu held.
func (s *shard) spare(sub *subject, v *view) {
	if v.channel.Kind.Wide && v.idles() && s.hub.windows.scarce(tenantOf(sub.name)) {
		s.drop(sub, v)
	}
}

// idles says that nobody has the view and nobody waits for it.
func (v *view) idles() bool { return len(v.subs) == 0 && v.pins == 0 && v.reading == nil }

// drop forgets a view that is there.
func (s *shard) drop(sub *subject, v *view) {
	if sub.views[v.name] != v {
		return
	}
	delete(sub.views, v.name)
	if v.channel.Kind.Wide {
		s.hub.windows.giveBack(tenantOf(sub.name))
	}
	if len(sub.views) == 0 {
		delete(s.subjects, sub.name)
		s.hub.live.Delete(sub.name)
		s.hub.bus.Forget(sub.name)
	}
}
