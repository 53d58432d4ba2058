package realtime

import (
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
)

// Bounds of one request: how many channels it may name, and how many bytes of names they may be told to have in all: each
// channel's answer may name them all again, as gone.
const (
	maxAtOnce = 256
	maxNamed  = 256 << 10
)

func namedBytes(r wire.Request) (n int) {
	for name := range r.Have {
		n += len(name) + len(`"",`)
	}
	return n * len(r.Channels)
}

// subscribe answers with the sets; of a list, what cannot be read has its own err.
func (c *Conn) subscribe(r wire.Request) {
	asker := c.who.Load()
	ctx, cancel, who := c.asking()
	defer cancel()
	if len(r.Channels) > maxAtOnce || namedBytes(r) > maxNamed {
		c.refuse(r, fault.New("too_many"))
		return
	}
	have := r.Have
	if r.Epoch != c.hub.Epoch() {
		have = nil
	}
	var joined []*subscription
	var parts []part
	one := func(name string, body []byte) (out []byte, err error) {
		before := len(body)
		defer func() {
			if p := recover(); p != nil {
				c.abandon(name)
				out, err = body[:before], c.hub.caught("a subscription", p)
			}
		}()
		channel, err := parse(name, who)
		if err != nil {
			return body, err
		}
		if err := c.room(&channel); err != nil {
			return body, err
		}
		p, err := c.hub.join(ctx, who, channel, c.quota.limits.Load().Windows, have != nil || !c.hub.staleSince().IsZero())
		if err != nil {
			return body, err
		}
		defer p.release()
		s, body, err := c.attach(p, name, have, body)
		if err != nil {
			return body, err
		}
		if now := c.who.Load(); now != asker { // its rights changed meanwhile, and may not have met this subscription
			if err := may(policy.With(ctx, now.Actor), p.view.channel.Kind.Read, p.resource()); err != nil {
				s.detach()
				return body[:before], err
			}
		}
		switch {
		case have != nil:
			c.hub.counts.resumed.Add(1)
		case r.Have != nil:
			c.hub.counts.begunAnew.Add(1)
		}
		joined = append(joined, s)
		parts = append(parts, part{s: s, from: before, to: len(body)})
		return body, nil
	}
	refused := func(body []byte, err error) []byte {
		body = append(body, `{"err":`...)
		return append(wire.AppendRefusal(body, refusal(who.Locale, fault.As(err))), '}')
	}
	if !r.List {
		body, err := one(r.Channels[0], nil)
		if err == nil && parts[0].code() != "" {
			err = fault.New(parts[0].why)
		}
		if err != nil {
			c.refuse(r, err)
		} else {
			c.ok(r, body)
		}
	} else {
		body := []byte{'{'}
		named := make(map[string]struct{}, len(r.Channels))
		for _, name := range r.Channels {
			if _, twice := named[name]; twice {
				continue
			}
			named[name] = struct{}{}
			if len(body) > 1 {
				body = append(body, ',')
			}
			body = append(wire.AppendString(body, name), ':')
			var err error
			if body, err = one(name, body); err != nil {
				body = refused(body, err)
			}
		}
		c.ok(r, mend(append(body, '}'), parts, refused))
	}
	for _, s := range joined {
		s.release()
	}
}

// part is where an answer shows one channel's set.
type part struct {
	s        *subscription
	from, to int
	why      string
}

// code is why the channel was closed while its answer was being made; empty: it was not.
func (p *part) code() string {
	p.why = p.s.outlived()
	return p.why
}

// mend takes out of a list's answer what may not be shown any more: a list of many channels takes a while, and rights may end
// meanwhile.
func mend(body []byte, parts []part, refused func([]byte, error) []byte) []byte {
	var out []byte
	at := 0
	for i := range parts {
		p := &parts[i]
		if p.code() == "" {
			continue
		}
		out = refused(append(out, body[at:p.from]...), fault.New(p.why))
		at = p.to
	}
	if at == 0 {
		return body
	}
	return append(out, body[at:]...)
}

// unsubscribe leaves channels; one that was not subscribed is left already.
func (c *Conn) unsubscribe(r wire.Request) {
	for _, name := range r.Channels {
		c.mu.Lock()
		s := c.subs[name]
		c.mu.Unlock()
		if s != nil {
			s.detach()
		}
	}
	c.ok(r, []byte("{}"))
}
