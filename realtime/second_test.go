package realtime_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// A second expert hears a conversation and tells in it while they have a part, without any right, and finds it in their own; when the part ends, so does all of that, on whichever node.
func TestASecondExpertHearsWhileTheyHaveAPart(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	p := s.pair(t, "builtin", false)
	expert := s.db.A.Rider2
	c := dial(t, one, s.person("second", expert))
	if err := c.sub("me"); err != nil {
		t.Fatalf("%+v", err)
	}
	seat := func(state store.TransferState, as func(tx *store.Tx, x *store.Session) error) {
		t.Helper()
		err := two.db.InTx(t.Context(), s.db.A.ID, func(tx *store.Tx) error {
			all, at, err := tx.LockSessions(t.Context(), p.id)
			if err != nil {
				return err
			}
			x := &all[0]
			x.Second = &store.Second{Summons: store.Summons{ID: uuid.New(), State: state}, Offer: p.id, Who: expert}
			x.Tell()
			if err := as(tx, x); err != nil {
				return err
			}
			return tx.SaveSessions(t.Context(), at, all)
		})
		if err != nil {
			t.Fatal(err)
		}
		c.converges(s, "me")
	}
	finds := func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return strings.Contains(c.set("me"), p.id.String())
	}
	for range 2 { // and once more
		if err := c.sub(p.channel()); err == nil || err.Code != "not_found" || finds() {
			t.Fatalf("without a part: %+v, %v", err, finds())
		}
		seat(store.TransferTaken, func(tx *store.Tx, x *store.Session) error { return tx.SeatSecond(t.Context(), x, expert, x.SaidAt) })
		if err := c.sub(p.channel()); err != nil || !finds() {
			t.Fatalf("with a part: %+v, %v", err, finds())
		}
		c.converges(s, p.channel())
		if code := p.tells(c, "msg", "k", `{}`); code != "" {
			t.Errorf("they cannot tell: %q", code)
		}
		seat(store.TransferDone, func(tx *store.Tx, x *store.Session) error {
			if _, err := tx.EndPart(t.Context(), x, expert, x.SaidAt); err != nil {
				return err
			}
			return tx.Emit(event.Access{User: expert}.Change())
		})
		c.await("the end of what they hear", func() bool { return c.closed[p.channel()] != "" })
		if code := p.tells(c, "msg", "k", `{}`); code != "not_found" {
			t.Errorf("they talk on: %q", code)
		}
	}
}
