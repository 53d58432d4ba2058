package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// Rights that are taken by a statement in the database, by no verb of ours, end channels and sockets on every node like any others.
func TestRightsTakenByAStatementReachEveryNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	far := *w
	far.url, _ = serveNode(t, w.DB, "two", w.log)
	nodes := map[string]*world{"one": w, "two": &far}
	board := "board:" + w.a.things["date"]
	// Each takes from somebody else, so that no news of what was before can do its work.
	for _, way := range []struct {
		name, who, channel, take string
		disabled                 bool
	}{
		{name: "a role says less", who: "finance", channel: "finance",
			take: `update role r set permissions = array_remove(r.permissions, 'finance.read') from app_user u where u.id = $1 and r.tenant_id = u.tenant_id and r.name = 'finance'`},
		{name: "a role becomes another", who: "dispatcher", channel: board,
			take: `update user_role ur set role_id = r.id from role r where ur.user_id = $1 and r.tenant_id = ur.tenant_id and r.name = 'agent'`},
		{name: "a role is taken", who: "admin", channel: board, take: `delete from user_role where user_id = $1`},
		{name: "somebody is disabled", who: "driver", channel: "me", disabled: true, take: `update app_user set status = 'disabled' where id = $1`},
	} {
		t.Run(way.name, func(t *testing.T) {
			sockets, others := map[string]*line{}, map[string]*line{}
			for name, n := range nodes {
				sockets[name], others[name] = n.dial(t, w.a.tokens[way.who]), n.dial(t, w.b.tokens[way.who])
				if got := sockets[name].ask(t, `"sub":"`+way.channel+`"`); !strings.Contains(got, `"ok":`) {
					t.Fatal(got)
				}
				if got := others[name].ask(t, `"sub":"`+way.channel+`"`); !strings.Contains(got, `"ok":`) {
					t.Fatal(got)
				}
			}
			w.Exec(t, way.take, w.a.Users[way.who])
			at := time.Now()
			for name, n := range nodes {
				if way.disabled {
					select {
					case err := <-sockets[name].closed:
						if websocket.CloseStatus(err) != 4001 {
							t.Errorf("closed with %v on %s", err, name)
						}
					case <-time.After(15 * time.Second): // two, with time to spare; the log says how long it was
						t.Fatalf("the socket stays open on %s", name)
					}
					if got := n.send(t, w.a.tokens[way.who], http.MethodGet, "/v1/me", ""); got.Status != http.StatusUnauthorized {
						t.Errorf("a request on %s: %v", name, got)
					}
				} else {
					sockets[name].await(t, func(f string) bool { return strings.HasPrefix(f, `{"ch":"`+way.channel+`","closed":`) })
					if got := sockets[name].ask(t, `"sub":"`+way.channel+`"`); !refused(got, "not_found") {
						t.Errorf("again on %s: %s", name, got)
					}
				}
				t.Logf("on %s: %v", name, time.Since(at))
				if got := others[name].frames(); strings.Contains(got, `"closed"`) {
					t.Errorf("the other tenant on %s: %s", name, got)
				}
			}
		})
	}
	w.Exec(t, `insert into user_role (tenant_id, user_id, role_id) select u.tenant_id, u.id, r.id from app_user u join role r on r.tenant_id = u.tenant_id
		and r.name = 'dispatcher' where u.id = $1`, w.a.Users["dispatcher"])
	for name, n := range nodes { // what is given is there as soon
		for late := time.Now().Add(15 * time.Second); n.send(t, w.a.tokens["dispatcher"], http.MethodGet, "/v1/realtime/sets/"+board, "").Status != http.StatusOK; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("given and not there on %s", name)
			}
		}
	}
}
