package realtime

import (
	"time"

	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/realtime/wire"
)

// subject is a base channel of one tenant on this node. Guarded by the shard's mu.
type subject struct {
	name     string
	kind     *Kind
	views    map[string]*view
	entities map[string]*entity
	signals  map[string]kept // the last of each key, of kinds that keep them
	sigBytes int             // what they take in an answer
	listen   *flight         // until the bus has confirmed

	// What the batch that is being taken has about it: a list through the items' next; nil: nothing.
	first, last *item
}

// kept is a signal that newcomers are shown.
type kept struct {
	push wire.SignalPush
	wait string // the key under which it waits
	size int    // in an answer
	at   time.Time
	told time.Time // by its sender's node's clock
}

// What is kept of entities that no view shows, and of signals.
const (
	keepTombs   = 15 * time.Minute // longer than the outbox can repeat them
	keepSignals = 2 * time.Minute
	maxSignals  = 256
	maxKept     = 16 << 10 // bytes of them, as an answer shows them
)

// apply takes a change that came by bus or tail. It says false for one without documents,
// after which the sets must be read anew.
func (s *subject) apply(m bus.Message, now time.Time) bool {
	e := s.entities[m.Entity]
	if e != nil && m.Version <= e.version {
		return true
	}
	var doc []byte
	if !m.Gone {
		var err error
		if doc, err = wire.Document(nil, m.Data); err != nil {
			return false
		}
	}
	var row any
	if doc != nil {
		row = s.kind.row(m.Entity, doc)
	}
	s.become(m.Entity, m.Version, m.Xid, doc, row, now)
	return true
}

// become brings an entity to a version that is newer than what is known, in all views.
func (s *subject) become(name string, version, xid uint64, doc []byte, row any, now time.Time) *entity {
	e := s.entities[name]
	if e == nil {
		e = &entity{name: name}
		s.entities[name] = e
	}
	n := news{entity: e}
	n.from, n.patch = e.become(version, xid, doc, row, now)
	shown := false
	for _, v := range s.views {
		v.changed(&n)
		if m := v.members[e]; m != nil && !m.gone {
			shown = true
		}
	}
	if !shown {
		e.hide()
	}
	return e
}

// news is a change of an entity, with what pushes say about it: written when the first view wants it, for all.
type news struct {
	*entity
	from        uint64
	patch       []byte
	step, whole []byte
}

// next is for those who hold the version before.
func (n *news) next() []byte {
	switch {
	case n.step != nil:
	case n.patch != nil && len(n.patch) < len(n.doc):
		n.step = wire.PatchTail(nil, n.name, n.from, n.version, n.patch)
	default:
		n.step = n.all()
	}
	return n.step
}

// all is for those who hold nothing.
func (n *news) all() []byte {
	if n.whole == nil {
		n.whole = wire.DocumentTail(nil, n.name, n.version, n.doc)
	}
	return n.whole
}

// merge takes a set that was read for one view, in canonical form. Whatever is newer in it is news for all
// views; whoever it does not show has left this one, unless something that this read could
// not see has brought them since. It says false when it cannot tell: another read, which
// ended after this one had begun, brought an entity that this one lacks.
func (s *subject) merge(v *view, set Set, seen snapshot, began, now time.Time) bool {
	v.seen, v.resource = seen, set.Resource
	overtaken := false // something newer is known: what was read with the set may be old as well
	present := make(map[*entity]bool, len(set.Entities))
	for _, x := range set.Entities {
		e := s.entities[x.Name]
		if e == nil || x.Version > e.version {
			e = s.become(x.Name, x.Version, 0, x.Doc, x.row, now)
		} else if x.Version == e.version && e.doc == nil {
			e.doc, e.row = x.Doc, x.row
		}
		present[e] = true
		overtaken = overtaken || e.version > x.Version
		if m := v.members[e]; (m == nil || m.gone) && e.doc != nil && v.channel.wants(e.row) {
			m = v.admit(e)
			if len(v.subs) > 0 {
				v.frame(m, 0, wire.DocumentTail(nil, e.name, e.version, e.doc))
			}
		}
	}
	v.moved = overtaken
	certain := true
	for e, m := range v.members {
		switch {
		case m.gone || present[e]:
		case e.xid == 0 && e.at.After(began):
			certain = false
		case e.xid == 0 || seen.sees(e.xid):
			v.dismiss(m, e.version, e.version+1)
		}
	}
	return certain
}

// flush sends what the last changes brought. Every section under the shard's mu that may
// change something ends with it.
func (s *subject) flush() {
	for _, v := range s.views {
		v.flush()
	}
}

// signal shows a signal to all views, or to one user of them.
func (s *subject) signal(m bus.Message, keep bool, now time.Time) {
	push := wire.SignalPush{Sig: m.Sig, Key: m.Key, From: m.From, At: m.At.Format(timeFormat), Data: m.Data}
	tail := wire.SignalTail(nil, push)
	for _, v := range s.views {
		if !v.channel.hears(m.Key) {
			continue
		}
		if m.To == "" {
			v.signal(waitsAs(&m), tail)
			continue
		}
		one := outgoing{joined: wire.AppendPush(nil, v.head, tail)}
		one.events = []happening{{end: len(one.joined), key: waitsAs(&m)}}
		for _, sub := range v.subs {
			if sub.conn.userEntity == m.To {
				sub.conn.push(sub, &one, !sub.conn.quota.spend(len(one.joined)))
			}
		}
	}
	if !keep || m.To != "" || m.Key == "" {
		return
	}
	s.keep(m.Key, kept{push: push, wait: waitsAs(&m), at: now, told: m.At.Truncate(time.Microsecond)})
}

// keep has newcomers shown a signal, as long as it is among the newest; the oldest make room.
func (s *subject) keep(key string, k kept) {
	s.forget(key)
	if k.size = len(wire.AppendSignalMember(nil, k.push)) + len(","); k.size > maxKept {
		return
	}
	for len(s.signals) >= maxSignals || s.sigBytes+k.size > maxKept {
		oldest, found := "", false
		for name, x := range s.signals {
			if !found || x.at.Before(s.signals[oldest].at) {
				oldest, found = name, true
			}
		}
		s.forget(oldest)
	}
	if s.signals == nil {
		s.signals = map[string]kept{}
	}
	s.signals[key] = k
	s.sigBytes += k.size
}

func (s *subject) forget(key string) {
	s.sigBytes -= s.signals[key].size
	delete(s.signals, key)
}

// sweep forgets what nobody will ask about any more.
func (s *subject) sweep(now time.Time) {
	for key, k := range s.signals {
		if now.Sub(k.at) > keepSignals {
			s.forget(key)
		}
	}
	for name, e := range s.entities {
		if e.doc == nil && now.Sub(e.at) > keepTombs {
			delete(s.entities, name)
			for _, v := range s.views {
				delete(v.members, e)
			}
		}
	}
}
