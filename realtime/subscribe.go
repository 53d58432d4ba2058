package realtime

import (
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
)

// maxAtOnce is how many channels one request may name.
const maxAtOnce = 256

// subscribe answers with the sets; of a list, what cannot be read has its own err.
func (c *Conn) subscribe(r wire.Request) {
	asker := c.who.Load()
	ctx, cancel, who := c.asking()
	defer cancel()
	if len(r.Channels) > maxAtOnce {
		c.refuse(r, fault.New("too_many"))
		return
	}
	have := r.Have
	if r.Epoch != c.hub.Epoch() {
		have = nil
	}
	switch {
	case have != nil:
		c.hub.counts.resumed.Add(uint64(len(r.Channels)))
	case r.Have != nil:
		c.hub.counts.begunAnew.Add(uint64(len(r.Channels)))
	}
	var joined []*subscription
	one := func(name string, body []byte) ([]byte, error) {
		channel, err := parse(name, who)
		if err != nil {
			return body, err
		}
		p, err := c.hub.join(ctx, who, channel, have != nil || !c.hub.staleSince().IsZero())
		if err != nil {
			return body, err
		}
		defer p.release()
		before := len(body)
		s, body, err := c.attach(p, have, body)
		if err != nil {
			return body, err
		}
		if now := c.who.Load(); now != asker { // its rights changed meanwhile, and may not have met this subscription
			if err := may(policy.With(ctx, now.Actor), channel.Kind.Read, p.resource()); err != nil {
				s.detach()
				return body[:before], err
			}
		}
		joined = append(joined, s)
		return body, nil
	}
	if !r.List {
		body, err := one(r.Channels[0], nil)
		if err != nil {
			c.refuse(r, err)
			return
		}
		c.ok(r, body)
	} else {
		body := []byte{'{'}
		for i, name := range r.Channels {
			if i > 0 {
				body = append(body, ',')
			}
			body = append(wire.AppendString(body, name), ':')
			var err error
			if body, err = one(name, body); err != nil {
				body = append(body, `{"err":`...)
				body = append(wire.AppendRefusal(body, refusal(who.Locale, fault.As(err))), '}')
			}
		}
		c.ok(r, append(body, '}'))
	}
	for _, s := range joined {
		s.release()
	}
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
