package store_test

import (
	"encoding/json"
	"maps"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// shown is what somebody who watches channels holds: the latest of each entity, if its versions grow.
type shown struct {
	mu   sync.Mutex
	t    *testing.T
	held map[string]map[string]event.Change // by channel and entity
}

func (s *shown) hear(c store.Committed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, change := range c.Changes {
		for _, ch := range change.Channels {
			if s.held[ch] == nil {
				s.held[ch] = map[string]event.Change{}
			}
			if was, known := s.held[ch][change.Entity]; known && change.Version <= was.Version && string(was.Docs[event.OnChannel(change.Entity, ch)]) != string(change.Docs[event.OnChannel(change.Entity, ch)]) {
				s.t.Errorf("%s on %s is told otherwise in version %d than in %d", change.Entity, ch, change.Version, was.Version)
			}
			s.held[ch][change.Entity] = change
		}
		for _, ch := range change.Left {
			delete(s.held[ch], change.Entity)
		}
	}
}

func (s *shown) on(channel string) map[string]json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]json.RawMessage{}
	for entity, c := range s.held[channel] {
		out[entity] = c.Docs[event.OnChannel(entity, channel)]
	}
	return out
}

// Whoever watches a request, its queue, or what they are rung for holds what PostgreSQL holds, after every step.
func TestWhatIsToldOfQueuesIsWhatIsThere(t *testing.T) {
	t.Parallel()
	a := newAdvice(t, 2, 1)
	s := &shown{t: t, held: map[string]map[string]event.Change{}}
	a.OnCommit(s.hear)
	var r uuid.UUID
	agree := func(step string, waiting, rings int) {
		t.Helper()
		got, err := a.Read(a.A.ID).LiveRequest(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if told := s.on("request:" + r.String())[got.Entity()]; string(told) != string(got.Doc()) {
			t.Errorf("%s: told %s, there is %s", step, told, got.Doc())
		}
		board, err := a.Read(a.A.ID).LiveQueue(t.Context(), a.Queue, 10)
		there := map[string]json.RawMessage{}
		for _, w := range board.Waiting {
			there[w.Entity()] = w.Queued()
		}
		for _, o := range board.Offers {
			there[o.Entity()] = o.Taken()
		}
		for _, e := range board.Experts { // the others nobody has told of yet
			if e.Version > 1 {
				there[e.Entity()] = e.Doc()
			}
		}
		if told := s.on(event.QueuesChannel); err != nil || len(board.Waiting) != waiting || len(board.Experts) != 2 || !maps.EqualFunc(told, there, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Errorf("%s: told %s, there is %s (%v)", step, told, there, err)
		}
		client, err := a.Read(a.A.ID).LiveMe(t.Context(), a.Clients[0])
		if told := s.on("me:" + a.Clients[0].String()); err != nil || len(client.Requests) != waiting || len(told) != waiting {
			t.Errorf("%s: the client was told %s, there is %+v (%v)", step, told, client, err)
		}
		n := 0
		for _, e := range a.Experts {
			mine, err := a.Read(a.A.ID).LiveMe(t.Context(), e)
			told := s.on("me:" + e.String())
			if err != nil || len(told) != len(mine.Offers) {
				t.Errorf("%s: an expert was told %s, there is %+v (%v)", step, told, mine, err)
			}
			for _, o := range mine.Offers {
				if n++; string(told[o.Entity()]) != string(o.Doc()) {
					t.Errorf("%s: an expert was told %s, there is %s", step, told[o.Entity()], o.Doc())
				}
			}
		}
		if n != rings {
			t.Errorf("%s: %d rings, want %d", step, n, rings)
		}
	}
	r = a.request(t, 0)
	agree("placed", 1, 0)
	first, _ := a.ring(t, r, 0)
	agree("rung", 1, 1)
	a.decide(t, store.OfferDecline, first, a.Experts[0])
	agree("declined", 1, 0)
	second, _ := a.ring(t, r, 1)
	a.due(t, second)
	a.ring(t, r, 0) // refused, and settles what was missed on the way
	agree("missed", 1, 0)
	if err := a.InTx(t.Context(), a.A.ID, func(tx *store.Tx) error {
		_, err := tx.ExpertIntent(t.Context(), a.Experts[0], "available")
		if err == nil {
			_, err = tx.ExpertIntent(t.Context(), a.Experts[1], "available")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	third := uuid.New()
	want(t, "for less", a.ringWide(t, a.owned, third, r, 0, 1), "")
	agree("rung for less", 1, 1)
	a.decide(t, store.OfferAccept, third, a.Experts[0])
	agree("accepted", 0, 0)
	a.decide(t, store.OfferRequeue, third, uuid.Nil)
	agree("waits again", 1, 0)
	a.cancel(t, r)
	agree("cancelled", 0, 0)
}
