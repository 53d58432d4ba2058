package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// seats is what is known of holds that are under way.
type seats struct {
	order   Hold
	free    []*client // callers that ask nothing
	waiting []*held   // due, and no caller was free
	open    []*held   // by channel
	made    uint64    // since the generator began
	base    uint64    // made, before this order
	settled uint64    // holds whose patch and whose answer have come
}

// held is one hold.
type held struct {
	channel  int
	due      uint64
	answered uint64
	patched  uint64
}

// hold takes seats on schedule. Each trip has one hold under way, so the patch that comes is that hold's: the trips are
// many, and its turn comes again long after.
func (g *generator) hold(o Hold) (Answer, error) {
	if g.seats == nil {
		g.seats = &seats{open: make([]*held, len(g.opened.Channels))}
	}
	s := g.seats
	s.order, s.base, s.settled, s.waiting = o, s.made, 0, nil
	clear(s.open)
	for len(s.free) < o.Callers {
		fd, err := dial(o.Addr)
		if err != nil {
			return Answer{}, err
		}
		c := &client{fd: fd, state: calling, channel: -1}
		if err := g.adopt(c); err != nil {
			return Answer{}, err
		}
		s.free = append(s.free, c)
	}
	start := now()
	due := func(i int) uint64 { return start + uint64(float64(i)/o.Rate*1e9) }
	total := int(o.Rate * o.Seconds)
	r := &g.took
	for i, moved, seen := 0, start, uint64(0); i < total || s.settled+r.failed < uint64(total); {
		for at := now(); i < total && due(i) <= at; i++ {
			g.ask(&held{channel: int(s.made) % len(s.open), due: due(i)})
		}
		until := now() + uint64(100*time.Millisecond)
		if i < total {
			until = due(i)
		}
		if err := g.turn(until); err != nil {
			return Answer{}, err
		}
		if done := s.settled + r.failed; done != seen || i < total {
			moved, seen = now(), done
		} else if now()-moved > quiet {
			break
		}
	}
	return Answer{
		Published: uint64(total), Delivered: s.settled, Failed: r.failed, Lost: int64(total) - int64(s.settled+r.failed),
		Seconds: float64(max(r.newest, start)-start) / 1e9,
		P50MS:   r.latency.percentile(0.5), P99MS: r.latency.percentile(0.99), MaxMS: milliseconds(r.latency.most),
		AnsweredP50MS: r.answered.percentile(0.5), AnsweredP99MS: r.answered.percentile(0.99),
	}, nil
}

// ask sends a hold, when a caller is free.
func (g *generator) ask(h *held) {
	s := g.seats
	s.made++
	s.open[h.channel] = h // one that is still there is lost
	s.waiting = append(s.waiting, h)
	g.askNext()
}

func (g *generator) askNext() {
	s := g.seats
	for len(s.waiting) > 0 && len(s.free) > 0 {
		h, c := s.waiting[0], s.free[len(s.free)-1]
		s.free = s.free[:len(s.free)-1]
		if g.clients[c.fd] != c { // the server ended it meanwhile
			continue
		}
		s.waiting = s.waiting[1:]
		c.call = h
		c.asked++
		n := g.signals
		g.signals++
		// Riders in turn, each from an address of their own: a node paces addresses, as it should. And the legs in turn, so
		// that a trip fills evenly.
		leg := int(n) / len(s.open) % (len(s.order.Stops) - 1)
		rider := int(n) % len(g.opened.Readers)
		body := fmt.Sprintf(`{"trip":%q,"from":%q,"to":%q,"party":1}`,
			strings.TrimPrefix(g.opened.Channels[h.channel], "trip:"), s.order.Stops[leg], s.order.Stops[leg+1])
		g.send(c, fmt.Appendf(nil, "POST /v1/bookings HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nIdempotency-Key: bench-%d\r\n"+
			"X-Forwarded-For: 10.%d.%d.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			s.order.Addr, g.opened.Readers[rider], n, rider>>8&255, rider&255, len(body), body))
	}
}

// answered reads the answers of the HTTP API.
func (g *generator) answered(c *client, b []byte) []byte {
	head, rest, whole := bytes.Cut(b, headEnd)
	if !whole || c.call == nil {
		return b
	}
	length, err := strconv.Atoi(headerOf(head, "Content-Length"))
	if err != nil {
		g.drop(c, "an answer without a length")
		return nil
	}
	if len(rest) < length {
		return b
	}
	h, s := c.call, g.seats
	c.call = nil
	s.free = append(s.free, c)
	h.answered = now()
	if status := statusOf(head); status != http.StatusCreated {
		g.took.failed++
		g.note(fmt.Sprintf("a hold was answered %d: %.300s", status, rest[:length]))
		if s.open[h.channel] == h {
			s.open[h.channel] = nil
		}
	}
	g.settle(h)
	g.askNext()
	return rest[length:]
}

// patched is a change on a trip's channel.
func (g *generator) patched(c *client, at uint64) {
	if h := g.seats.open[c.channel]; h != nil && h.patched == 0 {
		h.patched = at
		g.settle(h)
	}
}

// settle counts a hold of which everything has come.
func (g *generator) settle(h *held) {
	s := g.seats
	if h.patched == 0 || h.answered == 0 || s.open[h.channel] != h {
		return
	}
	s.open[h.channel] = nil
	s.settled++
	g.took.newest = max(h.patched, h.answered)
	g.took.latency.add(h.patched - min(h.patched, h.due))
	g.took.answered.add(h.patched - min(h.patched, h.answered))
}
