package session

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

const (
	mostWords  = 64               // of one connection, while PostgreSQL is away
	forgetting = 30 * time.Second // a connection that says nothing for so long is another one when it comes back
)

// ear is the heartbeats that this node hears.
type ear struct {
	mu    sync.Mutex
	known map[connection]*voice
}

func newEar() ear { return ear{known: map[connection]*voice{}} }

// connection is whoever beats: the newest of somebody who takes part.
type connection struct {
	tenant        tenant.ID
	session, user uuid.UUID
}

// voice is what a node knows of one: nothing that the next needs.
type voice struct {
	epoch   int64
	last    time.Duration // its word before
	words   []word
	refused string // a code: what the row said of its last words
}

// word is one heartbeat.
type word struct {
	connection
	at time.Duration // it came in
	meter.Beat
}

// Beat is a heartbeat of a connection: it lives, and media came in since its last, or did not. It is written down with all others
// of this moment, and what the row says of it is the answer to the next. How long it is since the one before is this
// node's to measure: the client is not asked.
func (s *Service) Beat(ctx context.Context, by By, id uuid.UUID, epoch int64, media bool) error {
	c, at := connection{by.Tenant, id, by.User}, s.now()
	known, err := s.ear.hear(c, epoch, media, at)
	if known || err != nil {
		return err
	}
	if err := s.check(ctx, by, id, epoch); err != nil { // once a connection
		return err
	}
	s.ear.meet(c, epoch, media, at)
	return nil
}

// check asks whether a connection may speak for somebody in a conversation that goes on.
func (s *Service) check(ctx context.Context, by By, id uuid.UUID, epoch int64) error {
	x, _, err := s.db.Read(by.Tenant).LiveSession(ctx, id)
	if store.IsNotFound(err) {
		return fault.New("session_not_found")
	}
	if err != nil {
		return err
	}
	for _, p := range x.Parties {
		if p.User != by.User {
			continue
		}
		switch {
		case x.Charged != nil:
			return fault.New("session_over")
		case p.Epoch != epoch || !p.Here:
			return fault.New("session_superseded")
		}
		return nil
	}
	return fault.New("session_not_found")
}

// hear notes a word of a connection that is known.
func (e *ear) hear(c connection, epoch int64, media bool, at time.Duration) (known bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	v := e.known[c]
	switch {
	case v == nil || v.epoch < epoch || at-v.last > forgetting:
		return false, nil
	case v.epoch > epoch:
		return true, fault.New("session_superseded")
	case v.refused != "":
		delete(e.known, c)
		return true, fault.New(v.refused)
	}
	v.add(word{c, at, meter.Beat{Epoch: epoch, Since: at - v.last, Media: media}})
	return true, nil
}

// meet notes the first word of a connection: it covers nothing.
func (e *ear) meet(c connection, epoch int64, media bool, at time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	v := e.known[c]
	if v == nil || v.epoch <= epoch {
		v = &voice{epoch: epoch}
		e.known[c] = v
		v.add(word{c, at, meter.Beat{Epoch: epoch, Media: media}})
	}
}

func (v *voice) add(w word) {
	v.last = w.at
	if v.words = append(v.words, w); len(v.words) > mostWords {
		v.words = v.words[1:]
	}
}

// take is all words since the last time, by tenant, and forgets connections that have gone.
func (e *ear) take(now time.Duration) map[tenant.ID][]word {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[tenant.ID][]word{}
	for c, v := range e.known {
		if len(v.words) > 0 {
			out[c.tenant] = append(out[c.tenant], v.words...)
			v.words = nil
		} else if now-v.last > forgetting {
			delete(e.known, c)
		}
	}
	return out
}

// keep puts words back that could not be written.
func (e *ear) keep(words []word) {
	e.mu.Lock()
	defer e.mu.Unlock()
	back := map[connection][]word{}
	for _, w := range words {
		back[w.connection] = append(back[w.connection], w)
	}
	for c, old := range back {
		v := e.known[c]
		if v == nil || v.epoch != old[0].Epoch {
			continue
		}
		v.words = append(old, v.words...)
		if n := len(v.words) - mostWords; n > 0 {
			v.words = v.words[n:]
		}
	}
}

// refuse lets a connection hear, at its next word, what the row said of it.
func (e *ear) refuse(c connection, epoch int64, code string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if v := e.known[c]; v != nil && v.epoch == epoch {
		v.refused = code
	}
}
