package matching_test

import (
	"testing"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching"
)

// An expert can be reached for as long as one of their sockets is open, on whichever node; the last that closes makes them suspect.
func TestSocketsKeepAnExpertReachable(t *testing.T) {
	t.Parallel()
	l := newLounge(t, 1, 1)
	l.Exec(t, `delete from expert_presence`)
	one, _ := l.node(t, matching.Config{})
	two, _ := l.node(t, matching.Config{})
	e := l.by(l.Experts[0])
	reach := func(want string) {
		t.Helper()
		l.until(t, `select coalesce((select reach_of(until, closed_at, push_until, clock_timestamp()) from expert_presence), 'gone')`, want)
	}
	reach("gone")
	r := l.ask(t, one, 0, 3)
	first, second, third := ident.New(), ident.New(), ident.New()
	one.Came(e, first)
	reach("connected")
	l.rung(t, r)
	one.Came(e, second)
	one.Went(e, first)
	reach("connected")
	two.Came(e, third) // speaks for them from now on
	l.until(t, `select (epoch >= 2)::text from expert_presence`, "true")
	two.Went(e, third) // and one, who still has a socket, takes the lease back
	reach("suspect")
	reach("connected")
	one.Went(e, second)
	reach("suspect")
	one.Came(l.by(l.Clients[0]), ident.New()) // who is no expert has nothing to be reached for
	one.Went(l.by(l.Clients[0]), first)
}
