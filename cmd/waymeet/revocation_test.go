package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/store"
)

// What an admin takes away on one node ends on another within two seconds: requests, sockets and subscriptions, while a
// transaction stays open that began before: neither the tail nor the look for changes of access waits for it.
func TestRevocationReachesSocketsOfAnotherNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	far := *w
	far.url, _ = serveNode(t, w.DB, "two", w.log)

	open, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		err := w.InTx(context.Background(), w.b.ID, func(tx *store.Tx) error {
			if _, err := tx.LockUser(context.Background(), w.b.Rider); err != nil {
				return err
			}
			close(open)
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}()
	<-open
	defer func() { close(release); <-done }()

	dispatcher, rider := far.dial(t, w.a.tokens["dispatcher"]), far.dial(t, w.a.tokens["rider"])
	bystander := far.dial(t, w.b.tokens["rider"])
	board := "board:" + w.a.things["date"]
	if got := dispatcher.ask(t, `"sub":"`+board+`"`); !strings.Contains(got, `"ok":`) {
		t.Fatal(got)
	}
	if got := rider.ask(t, `"sub":"me"`); !strings.Contains(got, `"ok":`) {
		t.Fatal(got)
	}
	take := func(who, body string) time.Time {
		t.Helper()
		if got := w.send(t, w.a.tokens["admin"], http.MethodPatch, "/v1/users/"+w.a.Users[who].String(), body); got.Status != http.StatusOK {
			t.Fatal(got)
		}
		return time.Now()
	}
	within := func(name string, since time.Time) {
		t.Helper()
		took := time.Since(since)
		t.Logf("%s: %v", name, took)
		if took > 15*time.Second { // two, with time to spare; the log says how long it was
			t.Errorf("%s took %v", name, took)
		}
	}

	at := take("dispatcher", `{"roles":["rider"]}`)
	dispatcher.await(t, func(f string) bool {
		return strings.Contains(f, `"ch":"`+board+`"`) && strings.Contains(f, `"closed":`)
	})
	within("a role taken away ends its subscription", at)
	if got := dispatcher.ask(t, `"sub":"`+board+`"`); !refused(got, "not_found") {
		t.Errorf("and again: %s", got)
	}

	at = take("rider", `{"disabled":true}`)
	select {
	case err := <-rider.closed:
		if websocket.CloseStatus(err) != 4001 {
			t.Errorf("closed with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the socket of a disabled user stays open")
	}
	within("a disabled user's socket is closed", at)
	for far.send(t, w.a.tokens["rider"], http.MethodGet, "/v1/me", "").Status != http.StatusUnauthorized {
		if time.Since(at) > 15*time.Second {
			t.Fatal("requests of a disabled user are still answered")
		}
	}
	within("a disabled user's requests are refused", at)

	if got := bystander.ask(t, `"sub":"me"`); !strings.Contains(got, `"ok":`) {
		t.Errorf("the other tenant's rider: %s", got)
	}
}

// What is taken away ends sockets and channels as soon while its tenant has taken every connection to PostgreSQL that it may have on the node,
// with several times as many of its requests waiting: whether somebody may stay waits in no tenant's line.
func TestRevocationPassesTheTenantsLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	driver, dispatcher, rider := w.dial(t, w.a.tokens["driver"]), w.dial(t, w.a.tokens["dispatcher"]), w.dial(t, w.a.tokens["rider"])
	bystander, board := w.dial(t, w.b.tokens["rider"]), "board:"+w.a.things["date"]
	if got := dispatcher.ask(t, `"sub":"`+board+`"`); !strings.Contains(got, `"ok":`) {
		t.Fatal(got)
	}
	super, err := pgx.Connect(t.Context(), w.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	unlock := func() { _ = super.Close(context.Background()) }
	defer unlock()
	lock, err := super.Begin(t.Context())
	if err == nil {
		_, err = lock.Exec(t.Context(), `lock table pass_product in access exclusive mode`)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var greedy sync.WaitGroup
	defer greedy.Wait()
	defer cancel()
	for range 60 {
		greedy.Go(func() {
			for ctx.Err() == nil {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/v1/pass-products", nil)
				if err != nil {
					return
				}
				r.Header.Set("Authorization", "Bearer "+w.a.tokens["rider"])
				if res, err := http.DefaultClient.Do(r); err == nil {
					_ = res.Body.Close()
				}
			}
		})
	}
	for late := time.Now().Add(20 * time.Second); w.Int(t, `select count(*) from pg_stat_activity where datname = current_database() and usename = 'waymeet_app' and wait_event_type = 'Lock'`) < 12; {
		if time.Sleep(20 * time.Millisecond); time.Now().After(late) { // nobody tells
			t.Fatal("the tenant does not take its connections")
		}
	}
	ends := func(what string, l *line) {
		t.Helper()
		since := time.Now()
		select {
		case err := <-l.closed:
			if websocket.CloseStatus(err) != 4001 {
				t.Errorf("%s: closed with %v", what, err)
			}
		case <-time.After(12 * time.Second): // two, with time to spare; the log says how long it was
			t.Fatalf("%s: the socket stays open", what)
		}
		t.Logf("%s: %v", what, time.Since(since))
	}
	w.Exec(t, `update sign_in set ended_at = clock_timestamp() where user_id = $1`, w.a.Users["driver"])
	ends("a sign-in that ended", driver)
	w.Exec(t, `delete from user_role where user_id = $1`, w.a.Users["dispatcher"])
	dispatcher.await(t, func(f string) bool { return strings.HasPrefix(f, `{"ch":"`+board+`","closed":`) })
	w.Exec(t, `update tenant set status = 'suspended' where id = $1`, w.a.ID.UUID())
	ends("a tenant that was suspended", rider)
	ends("and its others", dispatcher)
	if got := bystander.ask(t, `"sub":"me"`); !strings.Contains(got, `"ok":`) {
		t.Errorf("the other tenant's rider: %s", got)
	}
	cancel()
	unlock()
}

// A sign-in that ends by a statement, whichever, ends on every node: its sockets close, and nobody else's do.
func TestSignInsThatAStatementEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	far := *w
	far.url, _ = serveNode(t, w.DB, "two", w.log)
	bystanders := []*line{w.dial(t, w.a.tokens["dispatcher"]), far.dial(t, w.b.tokens["rider"])}
	for _, c := range []struct{ name, who, sql string }{
		{"ended", "rider", `update sign_in set ended_at = clock_timestamp() where user_id = $1`},
		{"expired", "driver", `update sign_in set expires_at = clock_timestamp() where user_id = $1`},
		{"deleted", "expert", `delete from sign_in where user_id = $1`},
		{"gone with the roles that somebody had", "finance", `with roles as (delete from user_role where user_id = $1) delete from sign_in where user_id = $1`},
	} {
		near, distant := w.dial(t, w.a.tokens[c.who]), far.dial(t, w.a.tokens[c.who])
		w.Exec(t, c.sql, w.a.Users[c.who])
		since := time.Now()
		for where, s := range map[string]*line{"here": near, "there": distant} {
			select {
			case err := <-s.closed:
				if websocket.CloseStatus(err) != 4001 {
					t.Errorf("%s, %s: closed with %v", c.name, where, err)
				}
			case <-time.After(15 * time.Second): // two, with time to spare; the log says how long it was
				t.Fatalf("%s: the socket %s stays open", c.name, where)
			}
		}
		t.Logf("%s: %v", c.name, time.Since(since))
	}
	for _, s := range bystanders {
		if got := s.ask(t, `"sub":"me"`); !strings.Contains(got, `"ok":`) {
			t.Errorf("somebody else: %s", got)
		}
	}
}
