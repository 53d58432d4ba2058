package realtime

import (
	"sort"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
)

// firstPart is how much of its sets goes into an answer itself, all sets of a list together; the rest follows in parts, kept
// signals as pushes, when the socket can take it.
const firstPart = 48 << 10

// attach makes the connection a subscriber under a name of the view's channel, and appends the set as its answer shows it.
// Until the caller releases the subscription, nothing of the channel is sent.
func (c *Conn) attach(p *pinned, name string, have map[string]uint64, body []byte) (*subscription, []byte, error) {
	p.shard.mu.Lock()
	defer p.shard.mu.Unlock()
	if p.view.over() { // since it was read
		return nil, body, fault.New("not_found")
	}
	s := &subscription{conn: c, name: name, head: p.view.head, shard: p.shard, subject: p.sub, view: p.view, held: true}
	if s.renamed() {
		s.head = wire.AppendHead(nil, name)
	}
	old, err := c.enlist(s)
	if old != nil {
		old.view.leave(old)
	}
	if err != nil {
		return nil, body, err
	}
	p.view.enter(s)
	if since := c.hub.staleSince(); !since.IsZero() {
		c.mu.Lock()
		s.signals.put(nodeKey, wire.AppendPush(nil, s.head, staleTail(since)))
		s.weigh()
		c.mu.Unlock()
	}
	// One that asks again on the same connection may have been sent more since it asked:
	// a patch from what it says it has would not fit any more, a document always does.
	return s, s.answer(have, old == nil, body), nil
}

// room says whether the connection may have a channel, before anything is read for it.
func (c *Conn) room(ch *Channel) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.roomLocked(ch.Name, ch.Kind)
}

// roomLocked is called with mu held.
func (c *Conn) roomLocked(name string, k *Kind) error {
	if c.subs[name] == nil && (len(c.subs) >= c.limits.Subscriptions || k.Wide && c.windows >= c.limits.Windows) {
		return fault.New("too_many")
	}
	return nil
}

// enlist gives a subscription its place in the connection, from which it moves an older one of its channel.
func (c *Conn) enlist(s *subscription) (old *subscription, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return nil, fault.New("unavailable")
	}
	if err := c.roomLocked(s.name, s.view.channel.Kind); err != nil {
		return nil, err
	}
	if old = c.subs[s.name]; old != nil {
		old.end()
	}
	if !c.quota.subscribe() {
		return old, fault.New("too_many")
	}
	c.subs[s.name] = s
	if s.view.channel.Kind.Wide {
		c.windows++
	}
	c.hub.counts.subscriptions.Add(1)
	return old, nil
}

// answer is what ok holds: the set, or what differs from what the client has.
func (s *subscription) answer(have map[string]uint64, patches bool, body []byte) []byte {
	room := firstPart - len(body)
	body = append(body, `{"set":{`...)
	start := len(body)
	for _, m := range s.view.sorted() {
		held := have[m.name]
		if held >= m.version {
			continue
		}
		if len(body)-start > room {
			if s.marks == nil {
				s.marks = map[*member]uint64{}
			}
			s.marks[m] = 0
			if patches {
				s.marks[m] = held
			}
			continue
		}
		if len(body) > start {
			body = append(body, ',')
		}
		if patch, ok := m.since(held); ok && held > 0 && patches {
			body = wire.SetPatch(body, m.name, held, m.version, patch)
			s.conn.hub.counts.resumedByPatch.Add(1)
		} else {
			body = wire.SetDocument(body, m.name, m.version, m.doc)
			s.conn.hub.counts.sentWhole.Add(1)
		}
	}
	body = append(body, '}')
	body = s.appendGone(body, have)
	if s.late = len(body)+s.subject.sigBytes > firstPart; !s.late {
		body = s.appendSignals(body)
	}
	if s.parts = len(s.marks) > 0; s.parts {
		body = append(body, `,"more":true`...)
	}
	return append(body, '}')
}

// appendGone lists what the client has and the set has not.
func (s *subscription) appendGone(body []byte, have map[string]uint64) []byte {
	var left []string
	for name := range have {
		e := s.subject.entities[name]
		if m := s.view.members[e]; e == nil || m == nil || m.gone {
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return body
	}
	sort.Strings(left)
	body = append(body, `,"gone":[`...)
	for i, name := range left {
		if i > 0 {
			body = append(body, ',')
		}
		body = wire.AppendString(body, name)
	}
	return append(body, ']')
}

func (s *subscription) appendSignals(body []byte) []byte {
	if len(s.subject.signals) == 0 {
		return body
	}
	body = append(body, `,"sig":{`...)
	first := true
	for _, k := range s.subject.signals {
		if !first {
			body = append(body, ',')
		}
		first = false
		body = wire.AppendSignalMember(body, k.push)
	}
	return append(body, '}')
}

// release lets the channel flow: its answer is on its way.
func (s *subscription) release() {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	s.held = false
	if s.expired != "" { // since the answer was written
		s.conn.sendLocked(s.closed(s.expired))
		s.expired = ""
	}
	s.conn.queue(s)
}
