package billing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/internal/fault"
)

// news is an event that is signed with some secret, and what became of it.
func (s *scene) news(ctx context.Context, secret string, n int) string {
	e := gateway.Event{ID: fmt.Sprint("evt_", n), Type: "account.updated", Object: "account", Of: "acct_1", Account: "acct_1", At: time.Now()}
	if err := s.tellBefore(ctx, s.hook, secret, e); err != nil {
		return fault.As(err).Code
	}
	return "believed"
}

// stand has the inbox's clock stand still; on moves it.
func (s *scene) stand() (on func(time.Duration)) {
	at := time.Now()
	s.inbox.Clock(func() time.Time { return at })
	return func(d time.Duration) { at = at.Add(d) }
}

// unreadable has whoever reads accounts wait, until it is let go.
func (s *scene) unreadable(t *testing.T) (letGo func()) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.db.SuperURL())
	if err == nil {
		_, err = c.Exec(t.Context(), "begin; lock table gateway_account in access exclusive mode")
	}
	if err != nil {
		t.Fatal(err)
	}
	letGo = sync.OnceFunc(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
	t.Cleanup(letGo)
	return letGo
}

// Junk at an address that somebody knows is refused and counted, however much of it comes, and after its first asks PostgreSQL nothing for a moment.
func TestJunkAsksPostgreSQLNothing(t *testing.T) {
	t.Parallel()
	s, ctx := newScene(t), t.Context()
	s.stand()
	if got := s.news(ctx, "guessed", 0); got != "bad_request" {
		t.Fatal(got)
	}
	s.unreadable(t)
	for n := range 300 {
		if got := s.news(ctx, "guessed", n); got != "bad_request" {
			t.Fatalf("%d: %s", n, got)
		}
	}
	if n := s.inbox.Counts().Refused; n != 301 {
		t.Errorf("%d are counted", n)
	}
}

// A flood that begins all at once looks at the account once, whoever came first and hung up.
func TestAFloodLooksOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.stand()
	letGo := s.unreadable(t)
	looking := func() int64 {
		return s.db.Int(t, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
	}
	first, hangUp := context.WithCancel(t.Context())
	var flood sync.WaitGroup
	flood.Go(func() { s.news(first, "guessed", 0) })
	for looking() == 0 {
		time.Sleep(5 * time.Millisecond) // nobody tells
	}
	for n := range 50 {
		flood.Go(func() {
			if got := s.news(t.Context(), "guessed", n); got != "bad_request" {
				t.Error(got)
			}
		})
	}
	hangUp()
	for range 40 { // nobody tells either who only stands in line
		if n := looking(); n > 1 {
			t.Errorf("%d look at once", n)
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	letGo()
	flood.Wait()
}

// A secret that is taken away counts no more at once, and one that is added within a moment, on a node that has just refused something too.
func TestATurnedSecretCountsSoon(t *testing.T) {
	t.Parallel()
	s, ctx := newScene(t), t.Context()
	on := s.stand()
	for n, c := range []struct{ secret, want string }{{"guessed", "bad_request"}, {"old", "believed"}, {"new", "believed"}, {"newer", "bad_request"}} {
		if got := s.news(ctx, c.secret, n); got != c.want {
			t.Errorf("before, %q: %s", c.secret, got)
		}
	}
	if _, err := s.accounts.Change(ctx, s.db.A.ID, gateway.Stripe, func(c *gateway.Credentials) {
		c.WebhookSecrets = []gateway.Secret{gateway.Hide("new"), gateway.Hide("newer")}
	}); err != nil {
		t.Fatal(err)
	}
	for n, c := range []struct{ secret, want string }{{"old", "bad_request"}, {"new", "believed"}} {
		if got := s.news(ctx, c.secret, 10+n); got != c.want {
			t.Errorf("at once, %q: %s", c.secret, got)
		}
	}
	on(time.Second)
	for n, c := range []struct{ secret, want string }{{"old", "bad_request"}, {"new", "believed"}, {"newer", "believed"}} {
		if got := s.news(ctx, c.secret, 20+n); got != c.want {
			t.Errorf("a second later, %q: %s", c.secret, got)
		}
	}
}
