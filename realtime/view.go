package realtime

import (
	"sort"
	"time"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/realtime/wire"
)

// view is a channel as its subscribers name it. Guarded by the shard's mu.
type view struct {
	name     string // what clients said, filters included
	channel  Channel
	subject  *subject
	members  map[*entity]*member
	size     int // members that are not gone
	subs     []*subscription
	pins     int // joins under way
	idle     time.Time
	seen     snapshot // what the last set that was read could see
	resource policy.Resource
	moved    bool    // an entity changed since resource was read: its driver may be another
	reading  *flight // a read under way
	next     *flight // the read that begins after it
	out      outgoing
	unread   bool // a read failed: the set may lack something
	whole    bool // a read succeeded, and every change since then was heard or will be
}

// member is an entity in a view. It stays when the entity leaves, so that a subscriber
// who lags is told of the leaving, and of a return in the right order.
type member struct {
	*entity
	gone        bool
	goneVersion uint64

	// The last encoding for those who lag, made once for all who lag alike.
	encodedFrom, encodedTo uint64
	encodedGone            bool
	encoded                []byte
}

// outgoing collects the frames of one batch for one view: a free socket takes all in one write.
type outgoing struct {
	joined []byte
	events []happening
}

// happening is one frame in outgoing.
type happening struct {
	end  int     // of its frame in joined
	m    *member // nil: a signal
	from uint64  // version that its readers hold; 0: they do not have it
	key  string  // of a signal
}

func (v *view) wants(name string, doc []byte) bool {
	return v.channel.Match == nil || v.channel.Match(name, doc)
}

// changed tells the view that an entity of its subject is new. doc nil: it is gone.
func (v *view) changed(e *entity, from uint64, patch, doc []byte, xid uint64) {
	v.moved = true
	m := v.members[e]
	was := m != nil && !m.gone
	is := doc != nil && v.wants(e.name, doc) && (was || v.mayEnter(m, e.version, xid))
	switch {
	case was && is && patch != nil && len(patch) < len(doc):
		v.frame(m, from, wire.AppendPatch(nil, v.name, e.name, from, e.version, patch))
	case was && is:
		v.frame(m, from, wire.AppendDocument(nil, v.name, e.name, e.version, doc))
	case is:
		m = v.admit(e)
		v.frame(m, 0, wire.AppendDocument(nil, v.name, e.name, e.version, doc))
	case was:
		v.dismiss(m, from, e.version)
	}
}

// mayEnter says that a version can bring in an entity that is not a member. Not one whose
// transaction the last read saw: that read told who is in. Nor one at or below the version
// at which it left: a read saw it gone, so its leaving is that version or a later one,
// though the snapshot, which is a moment older than the read, may have seen neither.
func (v *view) mayEnter(m *member, version, xid uint64) bool {
	return !v.seen.sees(xid) && (m == nil || version > m.goneVersion)
}

func (v *view) admit(e *entity) *member {
	m := v.members[e]
	if m == nil {
		m = &member{entity: e, gone: true}
		v.members[e] = m
	}
	if m.gone {
		m.gone = false
		v.size++
	}
	return m
}

func (v *view) dismiss(m *member, from, version uint64) {
	m.gone, m.goneVersion = true, version
	v.size--
	v.frame(m, from, wire.AppendGone(nil, v.name, m.name, version))
}

// frame queues a payload for all subscribers.
func (v *view) frame(m *member, from uint64, payload []byte) {
	if len(v.subs) == 0 {
		return
	}
	v.out.joined = wire.AppendFrame(v.out.joined, payload)
	v.out.events = append(v.out.events, happening{end: len(v.out.joined), m: m, from: from})
}

func (v *view) signal(key string, payload []byte) {
	if len(v.subs) == 0 {
		return
	}
	v.out.joined = wire.AppendFrame(v.out.joined, payload)
	v.out.events = append(v.out.events, happening{end: len(v.out.joined), key: key})
}

// flush hands the batch to every subscriber: one write each.
func (v *view) flush() {
	if len(v.out.events) > 0 {
		wait := len(v.subs) > 0 && !v.subs[0].conn.quota.spend(len(v.out.joined)*len(v.subs))
		if wait {
			v.subs[0].conn.hub.counts.throttled.Add(1)
		}
		for _, s := range v.subs {
			s.conn.push(s, &v.out, wait)
		}
		v.out = outgoing{} // sockets may hold on to its bytes
	}
	if v.size > maxEntities && len(v.subs) > 0 {
		v.expelAll(wire.CodeTooMany)
	}
}

// staleFrame is the signal that the node has fallen behind, for one who comes late to it.
func (v *view) staleFrame(since time.Time) []byte {
	return wire.AppendFrame(nil, wire.AppendSignal(nil, wire.SignalPush{
		Channel: v.name, Sig: "stale", Key: nodeKey, At: since.UTC().Format(timeFormat), Data: staleBody(since)}))
}

// expelAll ends all subscriptions with a code of the catalogue.
func (v *view) expelAll(code string) {
	for len(v.subs) > 0 {
		s := v.subs[len(v.subs)-1]
		s.conn.expel(s, code)
		v.leave(s)
	}
}

// catchUp is the frame that leads a lagging subscriber from the version it holds to the
// newest; nil when it lacks nothing.
func (v *view) catchUp(m *member, from uint64) []byte {
	if m.gone && from == 0 || !m.gone && m.version <= from {
		return nil
	}
	if m.gone && m.goneVersion <= from {
		return nil
	}
	if m.encoded != nil && m.encodedFrom == from && m.encodedTo == m.version && m.encodedGone == m.gone {
		return m.encoded
	}
	var payload []byte
	if m.gone {
		payload = wire.AppendGone(nil, v.name, m.name, m.goneVersion)
	} else if patch, ok := m.since(from); ok {
		payload = wire.AppendPatch(nil, v.name, m.name, from, m.version, patch)
	} else {
		payload = wire.AppendDocument(nil, v.name, m.name, m.version, m.doc)
	}
	m.encoded = wire.AppendFrame(nil, payload)
	m.encodedFrom, m.encodedTo, m.encodedGone = from, m.version, m.gone
	return m.encoded
}

// sorted is the members in the set, by name: a set's bytes do not depend on a map's order.
func (v *view) sorted() []*member {
	out := make([]*member, 0, v.size)
	for _, m := range v.members {
		if !m.gone {
			out = append(out, m)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

func (v *view) leave(s *subscription) {
	for i, x := range v.subs {
		if x == s {
			last := len(v.subs) - 1
			v.subs[i], v.subs[last] = v.subs[last], nil
			v.subs = v.subs[:last]
			break
		}
	}
	if len(v.subs) == 0 {
		v.idle = time.Now()
	}
}
