package realtime_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// A supervisor hears a conversation while they are one in it and hold a right to it: without either they never had, and when one of the two ends, so does what they hear, on
// whichever node, while those who talk go on.
func TestASupervisorHearsForAsLongAsTheyMay(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	p := s.pair(t, "builtin", false)
	boss := s.db.A.Rider2
	token := s.person("boss", boss)
	hold := func(g ...policy.Grant) { s.doors.change(token, func(a *policy.Actor) { a.Grants = g }) }
	in, elsewhere := policy.Grant{Permission: policy.SessionListenPermission, Scope: policy.Scope{Queue: p.queue(t)}}, policy.Grant{Permission: policy.SessionListenPermission, Scope: policy.Scope{Queue: uuid.New()}}
	watches := func(on bool) {
		t.Helper()
		p.write(t, two.db, func(*store.Session) {}) // nothing that a set would be read anew for, and yet another version
		err := two.db.InTx(t.Context(), s.db.A.ID, func(tx *store.Tx) error {
			all, at, err := tx.LockSessions(t.Context(), p.id)
			if err != nil {
				return err
			}
			if on {
				_, err = tx.SuperviseSession(t.Context(), &all[0], boss, store.RoleObserver, true, at)
			} else {
				if _, err = tx.EndPart(t.Context(), &all[0], boss, at); err == nil {
					err = tx.Emit(event.Access{User: boss}.Change())
				}
			}
			if err != nil {
				return err
			}
			all[0].Tell()
			return tx.SaveSessions(t.Context(), at, all)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	client, spy := dial(t, one, p.clientToken), dial(t, one, token)
	if err := client.sub(p.channel()); err != nil {
		t.Fatalf("%+v", err)
	}
	refused := func(why string) {
		t.Helper()
		if err := spy.sub(p.channel()); err == nil || err.Code != "not_found" {
			t.Fatalf("%s: %+v", why, err)
		}
	}
	hold(in)
	spy = dial(t, one, token)
	refused("a right alone")
	watches(true)
	hold(elsewhere)
	spy = dial(t, one, token)
	refused("of another queue")
	hold(in)
	spy = dial(t, one, token)
	if err := spy.sub(p.channel()); err != nil {
		t.Fatalf("who supervises: %+v", err)
	}
	spy.converges(s, p.channel())
	watches(false)
	spy.await("the end of what they hear", func() bool { return spy.closed[p.channel()] != "" })
	if code := p.tells(spy, "msg", "k", `{}`); code != "not_found" {
		t.Errorf("and talk on: %q", code)
	}
	refused("who supervises no more")

	watches(true)
	if err := spy.sub(p.channel()); err != nil {
		t.Fatalf("again: %+v", err)
	}
	hold(elsewhere)
	s.revoked(t, boss)
	spy.await("the end of it", func() bool { return spy.closed[p.channel()] != "" })
	client.converges(s, p.channel())
	client.mu.Lock()
	defer client.mu.Unlock()
	if client.closed[p.channel()] != "" {
		t.Error("the client hears nothing more either")
	}
}

func (p *pair) queue(t *testing.T) uuid.UUID {
	t.Helper()
	return uuid.MustParse(p.db.Texts(t, `select queue_id::text from session where id = $1`, p.id)[0])
}

// revoked tells every node that somebody's rights are others.
func (s *scene) revoked(t *testing.T, user uuid.UUID) {
	t.Helper()
	if err := s.db.InTx(t.Context(), s.db.A.ID, func(tx *store.Tx) error { return tx.Emit(event.Access{User: user}.Change()) }); err != nil {
		t.Fatal(err)
	}
}
