package client

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/coder/websocket"
)

// link is one connection.
type link struct {
	ws   *websocket.Conn
	poke chan struct{} // the keeper has something to look at

	// guarded by Client.mu
	hello   hello
	since   time.Time // of the hello; zero: it has not come
	waiting map[int64]*request
	pace    allowance
	bye     bool
	goneBy  time.Time // when to leave, after a bye
	renewAt time.Time // zero: never
}

// heed is what the reader does after it has let go of the lock: telling people outside.
type heed []func()

// read applies what comes until nothing does.
func (c *Client) read(l *link) error {
	var buf bytes.Buffer
	for {
		kind, r, err := l.ws.Reader(context.Background()) // CloseNow ends it; a context would cost for each frame
		if err != nil {
			return err
		}
		buf.Reset()
		if _, err := io.Copy(&buf, r); err != nil {
			return err
		}
		if kind != websocket.MessageText {
			c.message(l, []byte("binary"))
			continue
		}
		c.message(l, buf.Bytes())
	}
}

// message takes one or more objects, separated by newlines.
func (c *Client) message(l *link, msg []byte) {
	var objects []object
	for line := range bytes.SplitSeq(msg, []byte{'\n'}) {
		c.cfg.OnFrame(line)
		var o object
		if err := json.Unmarshal(line, &o); err != nil {
			o = object{Closed: &Refusal{}} // nothing is closed without a channel: a breach
		}
		objects = append(objects, o)
	}
	var h heed
	c.mu.Lock()
	c.stats.Bytes += uint64(len(msg))
	for i := range objects {
		c.stats.Objects++
		c.take(l, &objects[i], &h)
	}
	c.mu.Unlock()
	for _, f := range h {
		f()
	}
}

// take is called with mu held.
func (c *Client) take(l *link, o *object, h *heed) {
	switch {
	case o.Hello != nil:
		c.greet(l, o.Hello, h)
	case l.since.IsZero():
		c.breach(h, Breach{What: "something before hello"})
	case o.ID != nil:
		r := l.waiting[*o.ID]
		if r == nil {
			c.breach(h, Breach{What: "an answer that nobody waits for"})
			return
		}
		delete(l.waiting, *o.ID)
		r.heed = h
		r.done(o, nil)
	case o.Err != nil:
		c.breach(h, Breach{What: "a request was not understood: " + o.Err.Code})
	case o.Bye != nil:
		c.stats.Byes++
		lo, hi := o.Bye.RetryMS[0], o.Bye.RetryMS[1]
		l.bye, l.goneBy = true, time.Now().Add(time.Duration((lo+c.cfg.Random()*(hi-lo))*float64(time.Millisecond)))
		l.stir()
	default:
		c.push(o, h)
	}
}

func (l *link) stir() {
	select {
	case l.poke <- struct{}{}:
	default:
	}
}

// greet is called with mu held: now there is a connection.
func (c *Client) greet(l *link, say *hello, h *heed) {
	if !l.since.IsZero() {
		c.breach(h, Breach{What: "a second hello"})
		return
	}
	l.hello, l.since = *say, time.Now()
	if c.epoch != "" && c.epoch != say.Epoch {
		c.stats.Epochs++
	}
	c.epoch = say.Epoch
	c.stats.Connections++
	c.link = l
	c.planRenewal(l, say.AuthExp)
	for _, s := range c.subs {
		if s.wanted {
			s.status.Phase, s.again = Joining, false
			s.after, s.tries = time.Time{}, 0
			s.tell()
		}
	}
	c.stir()
	l.stir()
	*h = append(*h, func() { c.cfg.OnState(true, nil) })
}

// lost is the end of a connection: what is held stays, and is stale from now on.
func (c *Client) lost(l *link, err error) {
	c.mu.Lock()
	if c.link == l {
		c.link = nil
	}
	now := time.Now()
	for _, s := range c.subs {
		s.on, s.again, s.since, s.asked = false, false, false, nil
		if s.wanted {
			s.status.Phase = Offline
			if s.status.Stale.IsZero() {
				s.status.Stale = now
			}
			s.tell()
		}
		c.forget(s)
	}
	var back []*request
	for _, r := range l.waiting {
		if r.harmless {
			back = append(back, r)
		} else if !r.internal {
			r.done(nil, ErrLost)
		}
	}
	c.calls = append(back, c.calls...)
	c.mu.Unlock()
	c.down(err)
}

// breach is called with mu held.
func (c *Client) breach(h *heed, b Breach) {
	c.stats.Breaches++
	*h = append(*h, func() {
		c.cfg.Logger.Warn("client: the server broke the protocol", "channel", b.Channel, "entity", b.Entity, "held", b.Held, "got", b.Got, "what", b.What)
		c.cfg.OnBreach(b)
	})
}
