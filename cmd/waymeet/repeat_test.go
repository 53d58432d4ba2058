package main

import (
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/rest"
)

// harmless are operations that ask for a key and claim none: why a repeat does nothing, whatever it says.
var harmless = map[string]string{
	"bank.preview":     "nothing is written",
	"opening.preview":  "nothing is written",
	"sessions.whisper": "is sessions.listen's handler and verb, and wants a provider that can",
}

// keyed are good requests of operations that swaps has none of, made when the others were: their draft is discarded, and there may be another.
var keyed = []struct {
	id string
	swap
}{
	{"experts.open", one("finance", "user", "/v1/experts/%s/account", `{"country":"AE","business":"individual"}`)},
	{"payouts.make", closed("finance", "/v1/payouts", `{"rail":"bank-file","minimum":{"amount":1,"currency":"EUR"}}`)},
}

// TestEveryKeyedOperationKnowsARepeat: of each operation that asks for an Idempotency-Key, a good request that comes again under its key
// changes nothing and hears the first answer, and another one under that key is refused.
//
// That another request has another hash is web/rest's to show. Here the kept hash is what changes, and so every operation can be asked.
func TestEveryKeyedOperationKnowsARepeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hush(t)
	w.Exec(t, `update webhook_event set state = 'done', settled_at = now()`)                                                                               // one that waits cannot be applied once more
	w.Exec(t, `with r as (select set_config('session_replication_role', 'replica', true)) update invoice set issued = issued - 60, due = due - 60 from r`) // some reminders are due
	asked := map[string]bool{}
	ask := func(route rest.Route, good swap) {
		asked[route.ID] = true
		t.Run(route.ID, func(t *testing.T) { w.repeat(t, route.Method, good) })
	}
	for _, route := range web.Routes {
		if cases := swaps[route.ID]; route.Key && harmless[route.ID] == "" && len(cases) > 0 {
			ask(route, cases[0])
		}
	}
	for _, k := range keyed {
		route, _ := w.web.API().Route(k.id)
		ask(route, k.swap)
	}
	for _, route := range web.Routes {
		if route.Key && !asked[route.ID] && harmless[route.ID] == "" {
			t.Errorf("%s has no good request: add one to swaps or to keyed", route.ID)
		}
	}
}

// entered is until when somebody comes into a session's media: entries are never kept, and a repeat gets a new one.
var entered = regexp.MustCompile(`"until":"[^"]*"`)

func (w *world) repeat(t *testing.T, method string, c swap) {
	t.Helper()
	key := ident.Token(9)
	path, body := c.ask(w.a.thing)
	ask := func() answered { return w.sendUnder(t, key, w.a.tokens[c.as], method, path, body) }
	first := ask()
	if first.Status/100 != 2 {
		t.Fatalf("the first: %d %s", first.Status, first.Body)
	}
	if n := w.Int(t, `select count(*) from idempotency where key = $1`, key); n != 1 {
		t.Errorf("%d claims on its key", n)
	}
	before := w.all(t)
	if again := ask(); again.Status != first.Status || entered.ReplaceAllString(again.Body, "") != entered.ReplaceAllString(first.Body, "") {
		t.Errorf("first: %d %s\nagain: %d %s", first.Status, first.Body, again.Status, again.Body)
	}
	w.Exec(t, `update idempotency set body_hash = sha256(body_hash) where key = $1`, key)
	if other := ask(); other.Status != http.StatusConflict || other.json()["code"] != "idempotency_conflict" {
		t.Errorf("another request under its key: %d %s", other.Status, other.Body)
	}
	if changed := slices.DeleteFunc(differs(before, w.all(t)), func(table string) bool { return table == "idempotency" }); len(changed) > 0 {
		t.Errorf("a repeat changed %v", changed)
	}
}
