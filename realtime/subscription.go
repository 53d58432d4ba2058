package realtime

import (
	"bytes"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
)

// subscription is one connection's interest in one view.
type subscription struct {
	conn    *Conn
	name    string // of the channel, as the client said it
	head    []byte // of its pushes: the view's, where that is the name
	shard   *shard
	subject *subject
	view    *view

	// guarded by conn.mu
	held    bool               // its answer is not written yet: everything waits
	over    bool               // nothing may be sent any more
	expired string             // why, if that is said behind the answer
	queued  bool               // it is in conn.dirty
	parts   bool               // the set is still being sent, in parts
	marks   map[*member]uint64 // what the client lacks, with the version that it holds
	late    bool               // the signals that its channel keeps did not fit into the answer
	signals waiting            // frames, the newest of each key
	counted int                // bytes of signals that the connection counts
}

// Bounds of what waits for a client that cannot take it.
const (
	maxWaitingSignals = 256
	maxWaitingBytes   = 64 << 10  // of signals
	maxWaitingAll     = 256 << 10 // of a connection's signals
	refillBytes       = 16 << 10
	partBytes         = 32 << 10
)

// renamed says that the client's name for the channel is not the one that its view has.
func (s *subscription) renamed() bool { return s.name != s.view.name }

func (s *subscription) behind() bool {
	return s.held || s.parts || s.late || len(s.marks) > 0 || len(s.signals) > 0
}

// push hands a batch to a subscriber: straight to its socket where that is free, as
// marks where it is not, or where the tenant must wait. Called with the shard's mu held.
func (c *Conn) push(s *subscription, out *outgoing, wait bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.ending || s.over {
		return
	}
	free := !wait && !c.busy && !s.behind()
	if s.renamed() && (free || out.tells) { // marks have no name
		out = out.under(s.view.head, s.head)
	}
	events, at := out.events, 0
	if free {
		n, err := c.tryWrite(out.joined)
		c.hub.counts.deliveries.Add(uint64(len(events)))
		if err != nil || n == len(out.joined) {
			return
		}
		c.startDrain()
		for events[0].end <= n {
			at = events[0].end
			events = events[1:]
		}
		if n > at { // a frame that has begun must be finished
			c.head = bytes.Clone(out.joined[n:events[0].end]) // a slow socket must not keep the whole batch
			at = events[0].end
			events = events[1:]
		}
	}
	for _, e := range events {
		s.mark(e, out.joined[at:e.end])
		at = e.end
	}
	if wait && !c.busy {
		c.lineUp()
	}
	c.queue(s)
}

// lineUp has the connection wait for its tenant's bytes. Called with mu held.
func (c *Conn) lineUp() {
	if !c.lined {
		c.lined = true
		c.quota.await(c)
	}
}

// released is the end of that wait.
func (c *Conn) released() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lined, c.paid = false, provisional
	if len(c.dirty) > 0 {
		c.kick()
	}
}

// mark notes what the client lacks. Called with conn.mu held.
func (s *subscription) mark(e happening, frame []byte) {
	if e.m != nil {
		if s.marks == nil {
			s.marks = map[*member]uint64{}
		}
		if _, lacks := s.marks[e.m]; lacks {
			s.conn.hub.counts.conflations.Add(1)
		} else {
			s.marks[e.m] = e.from
		}
		return
	}
	switch e.key { // the later word of the node is the one that counts
	case nodeKey:
		s.signals.drop(freshWaits)
	case freshWaits:
		s.signals.drop(nodeKey)
	}
	lost := s.signals.put(e.key, frame) // best effort: a client that far behind has no use for them
	s.conn.hub.counts.dropped.Add(uint64(lost + s.weigh()))
}

// weigh tells the connection how much of signals waits. Where that is too much in all, the fullest channel's oldest make room,
// as in a channel that is full by itself: it says how many were lost. A node's words about itself stay: they are small, and
// what is shown means something else without them. Called with conn.mu held, whenever signals has changed.
func (s *subscription) weigh() (lost int) {
	c := s.conn
	n := s.signals.bytes()
	c.told += n - s.counted
	s.counted = n
	for c.told > maxWaitingAll {
		var full *subscription
		for _, x := range c.subs {
			if full == nil || x.counted > full.counted {
				full = x
			}
		}
		if full == nil || !full.signals.shed() {
			return lost
		}
		lost++
		n := full.signals.bytes()
		c.told += n - full.counted
		full.counted = n
	}
	return lost
}

// queue puts a subscription that has something to send in line. Called with conn.mu held.
func (c *Conn) queue(s *subscription) {
	if s.held || s.over || !s.behind() {
		return
	}
	if !s.queued {
		s.queued = true
		c.dirty = append(c.dirty, s)
	}
	if !c.lined {
		c.kick()
	}
}

// encode turns marks into frames, from what the client holds to what is newest at this
// moment. Called by the connection's drainer only.
func (c *Conn) encode() []byte {
	c.mu.Lock()
	var s *subscription
	for len(c.dirty) > 0 && s == nil {
		if s = c.dirty[0]; s.over {
			s, c.dirty = nil, c.dirty[1:]
		}
	}
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	s.shard.mu.Lock()
	defer s.shard.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []byte
	if !s.over {
		out = s.drainMarks()
		c.hub.counts.deliveries.Add(1)
	}
	c.dirty = c.dirty[1:]
	s.queued = false
	c.queue(s) // to the end of the line, if something is left
	paid := c.quota.settle(max(len(out)-c.paid, 0))
	c.paid = 0
	switch {
	case len(c.dirty) == 0:
		c.dirty = nil
	case paid:
		c.hungry = true
	default:
		c.hungry = false
		c.lineUp()
	}
	return out
}

// drainMarks is called with both locks held.
func (s *subscription) drainMarks() (out []byte) {
	defer s.weigh()
	fresh := s.signals.drop(freshWaits) // it speaks of the changes below
	if s.late {
		s.late = false
		out = s.appendKept(out)
	}
	for _, w := range s.signals {
		out = append(out, w.frame...)
	}
	s.signals = nil
	for m, from := range s.marks {
		if s.parts && from == 0 {
			continue
		}
		if len(out) >= refillBytes {
			if fresh != nil {
				s.signals.put(freshWaits, fresh)
			}
			return out
		}
		delete(s.marks, m)
		if tail := m.catchUp(from); tail != nil {
			out = wire.AppendPush(out, s.head, tail)
		}
	}
	if s.parts {
		out = append(out, s.part()...)
	}
	if len(s.marks) == 0 {
		s.marks = nil
		return append(out, fresh...)
	}
	if fresh != nil {
		s.signals.put(freshWaits, fresh)
	}
	return out
}

// appendKept appends what the channel keeps as pushes, but for what waits in a newer form.
func (s *subscription) appendKept(out []byte) []byte {
	for _, k := range s.subject.signals {
		if s.signals.has(k.wait) {
			continue
		}
		out = wire.AppendPush(out, s.head, wire.SignalTail(nil, k.push))
	}
	return out
}

// part is the next continuation of a large set.
func (s *subscription) part() []byte {
	var members []byte
	more := false
	for m := range s.marks { // only those that the client does not have at all are left
		if len(members) >= partBytes {
			more = true
			break
		}
		delete(s.marks, m)
		if !m.gone {
			if len(members) > 0 {
				members = append(members, ',')
			}
			members = wire.SetDocument(members, m.name, m.version, m.doc)
		}
	}
	s.parts = more
	return wire.AppendFrame(nil, wire.AppendSetPart(nil, s.name, members, more))
}

// expel ends a subscription from the server's side. Called with the shard's mu held; the
// caller takes it out of the view.
func (c *Conn) expel(s *subscription, code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.over {
		return
	}
	s.end()
	if s.held { // nothing of a channel precedes its answer
		s.expired = code
		return
	}
	c.sendLocked(s.closed(code))
}

func (s *subscription) closed(code string) []byte {
	return wire.AppendFrame(nil, wire.AppendClosed(nil, s.name, code, fault.Sentence(s.conn.locale(), code, nil)))
}

// outlived is why a subscription is over before its answer is written; the answer says so, and nothing else will.
func (s *subscription) outlived() (code string) {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	code, s.expired = s.expired, ""
	return code
}

// end is called with conn.mu held.
func (s *subscription) end() {
	s.over, s.late = true, false
	s.marks, s.signals = nil, nil
	s.weigh()
	if s.conn.subs[s.name] == s {
		delete(s.conn.subs, s.name)
		if s.view.channel.Kind.Wide {
			s.conn.windows--
		}
		s.conn.hub.counts.subscriptions.Add(-1)
		s.conn.quota.subs.Add(-1)
	}
}

// detach ends a subscription at its client's wish, or with its connection.
func (s *subscription) detach() {
	s.shard.mu.Lock()
	defer s.shard.mu.Unlock()
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if !s.over {
		s.end()
	}
	s.view.leave(s)
	s.shard.spare(s.subject, s.view)
}
