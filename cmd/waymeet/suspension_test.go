package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A tenant that is suspended loses sockets, requests, tickets and handshakes on every node within two seconds, whoever suspends it, and
// has them again when it is resumed. The other tenant notices nothing.
func TestSuspensionReachesEveryNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	far := *w
	far.url, _ = serveNode(t, w.DB, "two", w.log)
	nodes := map[string]*world{"one": w, "two": &far}
	environment := map[string]string{"WAYMEET_DATABASE_URL": w.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": w.SystemURL()}
	command := func(t *testing.T, line string) {
		t.Helper()
		var out bytes.Buffer
		tty := &terminal{in: strings.NewReader(""), out: &out, err: &out, environment: func(n string) string { return environment[n] }}
		if code := run(context.Background(), tty, strings.Fields(line)); code != 0 {
			t.Fatalf("%s: %d\n%s", line, code, out.String())
		}
	}
	sql := func(t *testing.T, status string) {
		t.Helper()
		if err := w.TryAs(w.SystemURL(), "update tenant set status = '"+status+"' where slug = '"+w.a.Slug+"'"); err != nil {
			t.Fatal(err)
		}
	}
	for _, way := range []struct {
		name            string
		suspend, resume func(*testing.T)
	}{
		{"by the command", func(t *testing.T) { command(t, "tenant suspend "+w.a.Slug) }, func(t *testing.T) { command(t, "tenant resume "+w.a.Slug) }},
		{"by a statement", func(t *testing.T) { sql(t, "suspended") }, func(t *testing.T) { sql(t, "active") }},
	} {
		t.Run(way.name, func(t *testing.T) {
			cookie := w.refreshCookie(t, w.a)
			sockets, others, tickets := map[string][]*line{}, map[string]*line{}, map[string]string{}
			for name, n := range nodes {
				for _, role := range []string{"rider", "dispatcher"} {
					l := n.dial(t, w.a.tokens[role])
					if got := l.ask(t, `"sub":"me"`); !strings.Contains(got, `"ok":`) {
						t.Fatal(got)
					}
					sockets[name] = append(sockets[name], l)
				}
				others[name] = n.dial(t, w.b.tokens["rider"])
				got := n.send(t, w.a.tokens["driver"], http.MethodPost, "/v1/realtime/tickets", "")
				if tickets[name], _ = got.json()["ticket"].(string); tickets[name] == "" {
					t.Fatal(got)
				}
			}
			way.suspend(t)
			at := time.Now()
			within := func(what string) {
				t.Helper()
				took := time.Since(at)
				t.Logf("%s: %v", what, took)
				if took > 15*time.Second { // two, with time to spare; the log says how long it was
					t.Errorf("%s took %v", what, took)
				}
			}
			for name, n := range nodes {
				for n.send(t, w.a.tokens["driver"], http.MethodGet, "/v1/lines", "").Status != http.StatusUnauthorized {
					if time.Since(at) > 15*time.Second {
						t.Fatalf("requests are still answered on %s", name)
					}
				}
				within("requests are refused on " + name)
			}
			for name, all := range sockets {
				for _, l := range all {
					select {
					case err := <-l.closed:
						if websocket.CloseStatus(err) != 4001 {
							t.Errorf("closed with %v on %s", err, name)
						}
					case <-time.After(15 * time.Second):
						t.Fatalf("a socket stays open on %s", name)
					}
				}
				within("sockets are closed on " + name)
			}
			for name, n := range nodes {
				for door, header := range map[string]http.Header{
					"a token":  {"Authorization": {"Bearer " + w.a.tokens["rider"]}, "Sec-WebSocket-Protocol": {"waymeet.v1"}},
					"a ticket": {"Origin": {n.url}, "Sec-WebSocket-Protocol": {"waymeet.v1, ticket." + tickets[name]}},
				} {
					if got := n.knock(t, header); got != http.StatusUnauthorized {
						t.Errorf("a handshake with %s on %s: %d", door, name, got)
					}
				}
				if got := n.send(t, w.a.tokens["rider"], http.MethodPost, "/v1/realtime/tickets", ""); got.Status != http.StatusUnauthorized {
					t.Errorf("a ticket on %s: %v", name, got)
				}
				if got := n.send(t, "", http.MethodPost, "/v1/auth/sign-in", `{"tenant":"`+w.a.Slug+`","email":"rider@`+w.a.Canary+`.example","password":"`+worldPassword+`"}`); got.Status != http.StatusUnauthorized {
					t.Errorf("signing in on %s: %v", name, got)
				}
				if got := n.withCookie(t, "/v1/auth/refresh", cookie); got != http.StatusUnauthorized {
					t.Errorf("refreshing on %s: %d", name, got)
				}
				if got := others[name].ask(t, `"sub":"me"`); !strings.Contains(got, `"ok":`) {
					t.Errorf("the other tenant's rider on %s: %s", name, got)
				}
				if got := n.send(t, w.b.tokens["rider"], http.MethodGet, "/v1/me", ""); got.Status != http.StatusOK {
					t.Errorf("the other tenant's rider on %s: %v", name, got)
				}
			}
			w.Exec(t, `update sign_in set rotated_at = rotated_at - interval '1 hour'`) // a long time passes: nobody's answer is lost any more
			way.resume(t)
			for name, n := range nodes { // a refusal is not remembered
				if got := n.send(t, w.a.tokens["rider"], http.MethodGet, "/v1/me", ""); got.Status != http.StatusOK {
					t.Errorf("resumed on %s: %v", name, got)
				}
				if got := n.dial(t, w.a.tokens["dispatcher"]).ask(t, `"sub":"me"`); !strings.Contains(got, `"ok":`) {
					t.Errorf("resumed on %s: %s", name, got)
				}
			}
			if got := w.withCookie(t, "/v1/auth/refresh", cookie); got != http.StatusOK { // nor was the sign-in ended by who tried
				t.Errorf("refreshing when resumed: %d", got)
			}
		})
	}
}

// knock asks for a socket and gives the answer's status.
func (w *world) knock(t *testing.T, header http.Header) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, w.url+"/v1/realtime", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
