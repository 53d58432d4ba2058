package realtime

import (
	"slices"
	"sort"
	"time"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/realtime/wire"
)

// view is a set that subscribers see, filters included. Guarded by the shard's mu.
type view struct {
	name     string // its one name
	head     []byte // of its pushes
	channel  Channel
	subject  *subject
	members  map[*entity]*member
	size     int // members that are not gone
	subs     []*subscription
	longer   int // bytes that all of them together have more in the names of the channel than if each had ours
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
}

// outgoing collects the frames of one batch for one view: a free socket takes all in one write.
type outgoing struct {
	joined []byte
	events []happening
	tells  bool                 // some of them are signals
	spelt  map[string]*outgoing // the same under other names of the channel, by the head of their pushes
}

// happening is one frame in outgoing.
type happening struct {
	end  int     // of its frame in joined
	m    *member // nil: a signal
	from uint64  // version that its readers hold; 0: they do not have it
	key  string  // of a signal
}

// under is the batch as those are told it who have another name for the channel: written once for all who spell it alike.
func (o *outgoing) under(from, to []byte) *outgoing {
	if out := o.spelt[string(to)]; out != nil {
		return out
	}
	longer := len(to) - len(from)
	out, at := &outgoing{joined: make([]byte, 0, len(o.joined)+len(o.events)*max(longer, 0)), events: slices.Clone(o.events)}, 0
	for i, e := range o.events {
		out.joined = wire.AppendRenamed(out.joined, o.joined[at:e.end], from, to)
		out.events[i].end, at = len(out.joined), e.end
	}
	if len(o.spelt) < maxSpelt {
		if o.spelt == nil {
			o.spelt = map[string]*outgoing{}
		}
		o.spelt[string(to)] = out
	}
	return out
}

// maxSpelt is how many spellings of a batch are kept until all have been told it. There are as many as a tenant likes.
const maxSpelt = 8

// changed tells the view that an entity of its subject is new. doc nil: it is gone.
func (v *view) changed(n *news) {
	v.moved = true
	m := v.members[n.entity]
	was := m != nil && !m.gone
	is := n.doc != nil && v.channel.wants(n.row) && (was || v.mayEnter(m, n.version, n.xid))
	switch {
	case is && !was:
		if m = v.admit(n.entity); len(v.subs) > 0 {
			v.frame(m, 0, n.all())
		}
	case is:
		if len(v.subs) > 0 {
			v.frame(m, n.from, n.next())
		}
	case was:
		v.dismiss(m, n.from, n.version)
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
	if len(v.subs) > 0 {
		v.frame(m, from, wire.GoneTail(nil, m.name, version))
	}
}

// frame queues a push for all subscribers.
func (v *view) frame(m *member, from uint64, tail []byte) {
	v.out.joined = wire.AppendPush(v.out.joined, v.head, tail)
	v.out.events = append(v.out.events, happening{end: len(v.out.joined), m: m, from: from})
}

func (v *view) signal(key string, tail []byte) {
	if len(v.subs) == 0 {
		return
	}
	v.out.joined = wire.AppendPush(v.out.joined, v.head, tail)
	v.out.events = append(v.out.events, happening{end: len(v.out.joined), key: key})
	v.out.tells = true
}

// flush hands the batch to every subscriber: one write each.
func (v *view) flush() {
	if len(v.out.events) > 0 {
		wait := len(v.subs) > 0 && !v.subs[0].conn.quota.spend(len(v.out.joined)*len(v.subs)+len(v.out.events)*v.longer)
		if wait {
			v.subs[0].conn.hub.counts.throttled.Add(1)
		}
		for _, s := range v.subs {
			s.conn.push(s, &v.out, wait)
		}
		v.out = outgoing{} // sockets may hold on to its bytes
	}
	switch {
	case len(v.subs) == 0:
	case v.size > v.channel.Kind.most():
		v.expelAll(wire.CodeTooMany)
	case v.over():
		v.expelAll(wire.CodeNotFound)
	}
}

// over says that what the channel is about is no more.
func (v *view) over() bool { return v.channel.Kind.Sole && v.whole && v.size == 0 }

// staleTail is the signal that the node has fallen behind, for one who comes late to it.
func staleTail(since time.Time) []byte {
	return wire.SignalTail(nil, wire.SignalPush{Sig: "stale", Key: nodeKey, At: since.UTC().Format(timeFormat), Data: staleBody(since)})
}

// expelAll ends all subscriptions with a code of the catalogue.
func (v *view) expelAll(code string) {
	for len(v.subs) > 0 {
		s := v.subs[len(v.subs)-1]
		s.conn.expel(s, code)
		v.leave(s)
	}
}

// catchUp is what leads a lagging subscriber from the version it holds to the newest; nil when it lacks nothing.
func (m *member) catchUp(from uint64) []byte {
	switch {
	case m.gone && (from == 0 || m.goneVersion <= from):
		return nil
	case m.gone:
		return wire.GoneTail(nil, m.name, m.goneVersion)
	case m.version <= from:
		return nil
	}
	return m.newsSince(from)
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

func (v *view) enter(s *subscription) {
	v.subs = append(v.subs, s)
	v.longer += len(s.head) - len(v.head)
}

func (v *view) leave(s *subscription) {
	for i, x := range v.subs {
		if x == s {
			last := len(v.subs) - 1
			v.subs[i], v.subs[last] = v.subs[last], nil
			v.subs = v.subs[:last]
			v.longer -= len(s.head) - len(v.head)
			break
		}
	}
	if len(v.subs) == 0 {
		v.idle = time.Now()
	}
}
