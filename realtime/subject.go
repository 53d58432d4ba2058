package realtime

import (
	"time"

	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/realtime/wire"
)

// subject is a base channel of one tenant on this node. Guarded by the shard's mu.
type subject struct {
	name     string
	views    map[string]*view
	entities map[string]*entity
	signals  map[string]kept // the last of each key, of kinds that keep them
	sigBytes int             // what they take in an answer
	listen   *flight         // until the bus has confirmed
	touched  bool            // in the batch that is being taken
}

// kept is a signal that newcomers are shown.
type kept struct {
	push wire.SignalPush
	wait string // the key under which it waits
	size int    // in an answer
	at   time.Time
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
	s.become(m.Entity, m.Version, m.Xid, doc, now)
	return true
}

// become brings an entity to a version that is newer than what is known, in all views.
func (s *subject) become(name string, version, xid uint64, doc []byte, now time.Time) *entity {
	e := s.entities[name]
	if e == nil {
		e = &entity{name: name}
		s.entities[name] = e
	}
	from, patch := e.become(version, xid, doc, now)
	shown := false
	for _, v := range s.views {
		v.changed(e, from, patch, doc, xid)
		if m := v.members[e]; m != nil && !m.gone {
			shown = true
		}
	}
	if !shown {
		e.doc, e.steps = nil, nil
	}
	return e
}

// merge takes a set that was read for one view. Whatever is newer in it is news for all
// views; whoever it does not show has left this one, unless something that this read could
// not see has brought them since. It says false when it cannot tell: another read, which
// ended after this one had begun, brought an entity that this one lacks.
func (s *subject) merge(v *view, set Set, seen snapshot, began, now time.Time) bool {
	v.seen, v.resource = seen, set.Resource
	overtaken := false // something newer is known: what was read with the set may be old as well
	present := make(map[*entity]bool, len(set.Entities))
	for _, x := range set.Entities {
		doc, err := wire.Document(nil, x.Doc)
		if err != nil || !v.wants(x.Name, doc) {
			continue
		}
		e := s.entities[x.Name]
		if e == nil || x.Version > e.version {
			e = s.become(x.Name, x.Version, 0, doc, now)
		} else if x.Version == e.version && e.doc == nil {
			e.doc = doc
		}
		present[e] = true
		overtaken = overtaken || e.version > x.Version
		if m := v.members[e]; (m == nil || m.gone) && e.doc != nil && v.wants(e.name, e.doc) {
			m = v.admit(e)
			v.frame(m, 0, wire.AppendDocument(nil, v.name, e.name, e.version, e.doc))
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
	for _, v := range s.views {
		push.Channel = v.name
		payload := wire.AppendSignal(nil, push)
		if m.To == "" {
			v.signal(waitsAs(&m), payload)
			continue
		}
		one := outgoing{joined: wire.AppendFrame(nil, payload)}
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
	s.keep(m.Key, kept{push: push, wait: waitsAs(&m), at: now})
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
