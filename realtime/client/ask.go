package client

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/waymeet/waymeet/realtime/wire"
)

// Bounds of a request for many channels: its answer must not keep a slow link busy for
// long, because pushes of channels that were answered wait behind it.
const (
	maxList  = 50
	requestN = 64 // bytes of a request besides its channels and what is held
)

// ask makes the requests that subscriptions need now, and says when to look again. Called
// with mu held.
func (c *Client) ask(l *link, now time.Time) (out []*request, again time.Duration) {
	if !c.todo {
		return nil, 0
	}
	c.todo = false
	var fresh, narrow, wide []*Subscription
	later := func(d time.Duration) {
		c.todo = true
		if again == 0 || d < again {
			again = d
		}
	}
	may := func() bool {
		wait := l.pace.take(now)
		if wait > 0 {
			later(wait)
		}
		return wait == 0
	}
	for _, s := range c.subs {
		switch {
		case s.asked != nil:
		case !s.wanted && s.on:
			if may() {
				out = append(out, c.leaving(s))
			}
		case !s.wanted:
			c.forget(s)
		case s.on && !s.again:
		case s.after.After(now):
			later(s.after.Sub(now))
		case s.replica.epoch != l.hello.Epoch || s.replica.Len() == 0:
			fresh = append(fresh, s)
		case s.narrow() && !s.on:
			narrow = append(narrow, s)
		default:
			wide = append(wide, s)
		}
	}
	for _, group := range []struct { // what many are asked in one request comes first: it takes the least
		subs   []*Subscription
		resume bool
		most   int
	}{{fresh, false, maxList}, {narrow, true, maxList}, {wide, true, 1}} {
		for len(group.subs) > 0 {
			n := min(c.fits(l, group.subs), group.most)
			if !may() {
				break
			}
			out = append(out, c.joining(l, group.subs[:n], group.resume))
			group.subs = group.subs[n:]
		}
	}
	return out, again
}

// narrow says that a channel shows the one thing that it is named after. Only such are
// resumed as a list: what a list says it has, it says of each of its channels, and an
// entity that is held in one is not held in another.
func (s *Subscription) narrow() bool {
	kind, id, _ := strings.Cut(s.Channel, ":")
	_, named := s.replica.docs[kind+"/"+id]
	return named && s.replica.Len() == 1 && s.tries == 0
}

// fits is how many of them one request takes.
func (c *Client) fits(l *link, subs []*Subscription) (n int) {
	room := l.hello.MaxFrame - requestN - len(l.hello.Epoch)
	for n < len(subs) && n < maxList && subs[n].tries == 0 {
		if room -= 2*len(subs[n].Channel) + requestN; room < 0 { // once as a channel, once as what is held
			break
		}
		n++
	}
	return max(n, 1)
}

// joining asks for channels, with what is held of them.
func (c *Client) joining(l *link, subs []*Subscription, resume bool) *request {
	body := []byte(`"sub":`)
	if len(subs) == 1 {
		body = wire.AppendString(body, subs[0].Channel)
	} else {
		for i, s := range subs {
			body = wire.AppendString(append(body, "[,"[min(i, 1)]), s.Channel)
		}
		body = append(body, ']')
	}
	var named map[string]struct{}
	if resume {
		body = append(body, `,"epoch":`...)
		body = append(wire.AppendString(body, l.hello.Epoch), `,"have":`...)
		if len(subs) == 1 {
			body, named = subs[0].replica.have(body, l.hello.MaxFrame-requestN-len(body))
		} else {
			body, named = together(body, subs)
		}
	}
	r := &request{body: body, internal: true}
	lives := make([]int, len(subs))
	for i, s := range subs {
		s.asked, s.again, s.after = r, false, time.Now()
		lives[i] = s.life
	}
	epoch := l.hello.Epoch
	r.done = func(o *object, _ error) {
		if o == nil {
			return // the connection is gone, and lost has seen to it
		}
		c.answered(r, o, subs, lives, epoch, named)
	}
	return r
}

func together(dst []byte, subs []*Subscription) ([]byte, map[string]struct{}) {
	all := Replica{docs: map[string]Doc{}}
	for _, s := range subs {
		for e, d := range s.replica.docs {
			all.docs[e] = d
		}
	}
	return all.have(dst, 1<<30) // fits has counted
}

// answered is called with mu held.
func (c *Client) answered(r *request, o *object, subs []*Subscription, lives []int, epoch string, named map[string]struct{}) {
	all := map[string]joined{}
	var one joined
	switch {
	case o.Err != nil:
	case len(subs) > 1:
		if json.Unmarshal(o.OK, &all) != nil {
			c.breach(r.heed, Breach{What: "an answer that is none"})
		}
	case json.Unmarshal(o.OK, &one) != nil:
		c.breach(r.heed, Breach{Channel: subs[0].Channel, What: "an answer that is none"})
	default:
		all[subs[0].Channel] = one
	}
	for i, s := range subs {
		s.asked = nil
		j, ok := all[s.Channel]
		switch {
		case ok && j.Err == nil && s.life != lives[i]: // left meanwhile; it may say only what differs from what is dropped
			s.on, s.since, s.again = true, true, s.wanted
		case ok && j.Err == nil:
			c.join(s, &j, epoch, named, r.heed)
		case ok:
			c.refused(s, j.Err)
		case o.Err != nil && len(subs) == 1:
			c.refused(s, o.Err)
		default: // the whole list was refused: each by itself
			c.refused(s, &Refusal{Code: "list", Retry: true})
		}
	}
	c.stir()
}

// join is called with mu held.
func (c *Client) join(s *Subscription, j *joined, epoch string, named map[string]struct{}, h *heed) {
	anew := !s.since
	s.on, s.since, s.tries = true, true, 0
	if !s.wanted {
		return
	}
	s.status.Phase, s.status.Stale = Live, time.Time{}
	s.replica.join(epoch, named, anew, j, func(e string, st step, got outcome, why string) { c.note(s, e, st, got, why, h) })
	for key, o := range j.Sig {
		s.hears(o.signal(s.Channel, key), h)
	}
	s.tell()
}

// refused is called with mu held.
func (c *Client) refused(s *Subscription, r *Refusal) {
	if !s.wanted {
		return
	}
	if !r.Retry {
		s.close(r)
		return
	}
	s.again = s.on
	wait := backoff{first: c.cfg.Backoff, most: c.cfg.MaxDelay, random: c.cfg.Random, failures: s.tries}
	s.after = time.Now().Add(wait.next())
	s.tries++
}

// leaving asks the server to end a subscription. Called with mu held.
func (c *Client) leaving(s *Subscription) *request {
	r := &request{body: wire.AppendString([]byte(`"unsub":`), s.Channel), internal: true}
	s.asked = r
	r.done = func(o *object, _ error) {
		if o == nil {
			return
		}
		s.asked = nil
		s.on, s.since = o.Err != nil, o.Err != nil // it failed: the next look asks again
		c.forget(s)
		c.stir()
	}
	return r
}
