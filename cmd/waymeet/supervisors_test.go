package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Somebody is let run one queue: its board, who waits in it and its rules are theirs, over HTTP and the socket; of another they learn nothing, nor who may practise, and
// they cannot push people into it. It ends on a node that did not hear it from the API, and what the account's roles say has nothing to do with it.
func TestWhoRunsOneQueueRunsThatOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	far := *w
	far.url, _ = serveNode(t, w.DB, "two", w.log)
	admin, token, user := w.a.tokens["admin"], w.a.tokens["driver"], w.a.Users["driver"].String()
	mine, other, request := w.a.things["queueToSpill"], w.a.things["queue"], w.a.things["requestToRun"]
	at, ch := "/v1/queues/"+mine+"/supervisors", "queue:"+mine
	ask := func(method, path, body string) answered {
		t.Helper()
		return far.send(t, token, method, path, body)
	}
	until := func(what string, ok func() bool) {
		t.Helper()
		for late := time.Now().Add(15 * time.Second); !ok(); {
			if time.Now().After(late) {
				t.Fatalf("not heard: %s", what)
			}
		}
	}
	foreign := [][3]string{
		{http.MethodGet, "/v1/queues/" + other + "/board", ""},
		{http.MethodPost, "/v1/queues/" + other + "/overflow", ""},
		{http.MethodPut, "/v1/queues/" + other, rules("Mine now", w.a.things["skill"], "", `,"version":1`)},
		{http.MethodPost, "/v1/requests/" + request + "/priority", `{"priority":9}`},
		{http.MethodPost, "/v1/requests/" + request + "/move", `{"queue":"` + mine + `"}`},
		{http.MethodGet, "/v1/requests/" + request, ""},
	}
	denied := func(when string, all ...[3]string) {
		t.Helper()
		for _, x := range all {
			if got := ask(x[0], x[1], x[2]); got.Status != http.StatusNotFound && got.Status != http.StatusForbidden || strings.Contains(got.Body, w.a.Canary) {
				t.Errorf("%s: %s %s: %v", when, x[0], x[1], got)
			}
		}
	}
	denied("before", append(foreign, [3]string{http.MethodGet, "/v1/queues/" + mine + "/board", ""})...)
	if got := w.send(t, w.a.tokens["supervisor"], http.MethodPost, at, `{"email":"driver@`+w.a.Canary+`.example"}`); got.Status != http.StatusForbidden {
		t.Errorf("a supervisor names another: %v", got)
	}
	if got := w.send(t, admin, http.MethodPost, at, `{"email":"nobody@nowhere.example"}`); got.Status != http.StatusUnprocessableEntity || got.json()["code"] != "supervisor_unknown" {
		t.Errorf("who has no account: %v", got)
	}
	for range 2 {
		if got := w.send(t, admin, http.MethodPost, at, `{"email":"driver@`+w.a.Canary+`.example"}`); got.Status != http.StatusCreated || got.json()["user"] != user {
			t.Fatal(got)
		}
	}
	until("their queue", func() bool { return ask(http.MethodGet, "/v1/queues/"+mine+"/board", "").Status == http.StatusOK })
	denied("of one queue", foreign...)
	for _, x := range [][3]string{{http.MethodGet, "/v1/practices", ""}, {http.MethodGet, "/v1/reports", ""}, {http.MethodPost, "/v1/skills", `{"name":"Mine"}`}, {http.MethodPost, "/v1/queues", rules("Mine too", w.a.things["skill"], "", "")}} {
		if got := ask(x[0], x[1], x[2]); got.Status != http.StatusForbidden {
			t.Errorf("%s %s: %v", x[0], x[1], got)
		}
	}
	if got := ask(http.MethodGet, "/v1/queues", ""); strings.Count(got.Body, `"sla_s"`) != 1 || !strings.Contains(got.Body, mine) {
		t.Errorf("queues: %v", got)
	}
	if got := w.send(t, w.a.tokens["client"], http.MethodGet, "/v1/queues", ""); strings.Count(got.Body, `"sla_s"`) < 3 {
		t.Errorf("a client's queues: %v", got)
	}
	w.Exec(t, `update request set queue_id = $2 where id = $1`, request, mine)
	if got := ask(http.MethodPost, "/v1/requests/"+request+"/priority", `{"priority":4}`); got.Status != http.StatusOK {
		t.Errorf("who waits in it: %v", got)
	}
	denied("into another's", [3]string{http.MethodPost, "/v1/requests/" + request + "/move", `{"queue":"` + other + `"}`})
	if n := w.Int(t, `select count(*) from request where id = $1 and queue_id = $2`, request, mine); n != 1 {
		t.Error("somebody was moved into a queue of others")
	}

	socket := far.dial(t, token)
	if got := socket.ask(t, `"sub":"`+ch+`"`); !strings.Contains(got, `"ok"`) {
		t.Fatal(got)
	}
	if got := socket.ask(t, `"sub":"queue:`+other+`"`); !strings.Contains(got, `"not_found"`) {
		t.Errorf("another's board: %s", got)
	}
	if got := w.send(t, admin, http.MethodPatch, "/v1/users/"+user, `{"roles":["rider"]}`); got.Status != http.StatusOK || strings.Contains(got.Body, "supervisor") {
		t.Errorf("roles: %v", got)
	}
	if got := w.send(t, admin, http.MethodGet, at, ""); !strings.Contains(got.Body, user) {
		t.Errorf("what they run went with their roles: %v", got)
	}
	if got := w.send(t, admin, http.MethodDelete, at+"/"+user, ""); got.Status != http.StatusNoContent {
		t.Fatal(got)
	}
	socket.await(t, func(f string) bool { return strings.Contains(f, `"ch":"`+ch+`"`) && strings.Contains(f, `"closed":`) })
	until("the end", func() bool { return ask(http.MethodGet, "/v1/queues/"+mine+"/board", "").Status/100 == 4 })
	if n := w.Int(t, `select count(*) from audit where action in ('supervisor.named', 'supervisor.removed') and target = 'queue/' || $1::text`, mine); n != 2 {
		t.Errorf("%d in the audit log", n)
	}
}
