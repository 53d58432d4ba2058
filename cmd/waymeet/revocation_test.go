package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

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
