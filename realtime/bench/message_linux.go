package bench

import (
	"bytes"
	"fmt"
)

var (
	hello   = []byte(`{"hello":`)
	refusal = []byte(`"err":`)
	change  = []byte(`"e":"trip/`)
)

// message is one text message: objects on lines of their own.
func (g *generator) message(c *client, b []byte, at uint64) {
	switch {
	case c.state == standing && !c.publisher:
		g.deliveries(c, b, at)
		if g.seats != nil && bytes.Contains(b, change) {
			g.patched(c, at)
		}
	case c.state == standing:
		if n := bytes.Count(b, refusal); n > 0 {
			g.took.failed += uint64(n)
			g.note(fmt.Sprintf("a signal was refused: %.300s", b))
		}
	case c.state == greeting && bytes.HasPrefix(b, hello):
		if c.publisher {
			g.stand(c)
			return
		}
		g.subscribe(c)
	case c.state == subscribing:
		line, rest, more := bytes.Cut(b, []byte("\n"))
		if !bytes.HasPrefix(line, fmt.Appendf(nil, `{"id":%d,`, c.asked)) { // of a channel that it had before, or a node's word
			if more {
				g.message(c, rest, at)
			}
			return
		}
		if bytes.Contains(line[:min(len(line), 40)], refusal) {
			g.drop(c, fmt.Sprintf("a subscription was refused: %.300s", line))
			return
		}
		g.stand(c)
		c.last = g.sequences[c.channel]
		if more {
			g.message(c, rest, at)
		}
	}
}

func (g *generator) stand(c *client) {
	c.state = standing
	g.opening--
	g.standing++
	if c.channel >= 0 {
		g.subscribers[c.channel]++
	}
}

// deliveries counts the stamps in a message and holds them against the channel's sequence.
func (g *generator) deliveries(c *client, b []byte, at uint64) {
	for {
		s, rest, ok := nextStamp(b)
		if !ok {
			return
		}
		b = rest
		switch {
		case s.channel != c.channel:
			g.took.repeated++
			continue
		case s.sequence > c.last:
			c.miss(c.last+1, s.sequence)
			c.last = s.sequence
		case c.missing[s.sequence]:
			delete(c.missing, s.sequence)
			g.took.disordered++
		default:
			g.took.repeated++
			continue
		}
		g.took.delivered++
		g.took.newest = at
		g.took.latency.add(at - min(at, s.due))
	}
}

// miss remembers what has been passed over: it may still come.
func (c *client) miss(from, to uint64) {
	for ; from < to && len(c.missing) < 10_000; from++ {
		if c.missing == nil {
			c.missing = map[uint64]bool{}
		}
		c.missing[from] = true
	}
}
