package turns

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
)

func come(place *list.Element) bool {
	if place == nil {
		return true
	}
	select {
	case <-turn(place):
		return true
	default:
		return false
	}
}

// Tenants come in turn, whoever has more that waits; who waits no more is passed over; what is given back goes to the next.
func TestTurns(t *testing.T) {
	a, b, c := tenant.ID(ident.New()), tenant.ID(ident.New()), tenant.ID(ident.New())
	q := Of(4, 2)
	var of [3][]*list.Element
	for range 50 {
		of[0] = append(of[0], q.stand(a))
	}
	for range 2 {
		of[1] = append(of[1], q.stand(b))
	}
	of[2] = append(of[2], q.stand(c))
	state := func() (s string) {
		for _, ws := range of {
			n := 0
			for i, w := range ws {
				if come(w) {
					if n++; n != i+1 {
						return "out of order"
					}
				}
			}
			s += fmt.Sprint(n, " ")
		}
		return s
	}
	for i, step := range []struct {
		back tenant.ID
		want string
	}{
		{tenant.None, "2 2 0 "}, // its share, though it was first with fifty
		{a, "3 2 0 "},           // it was next, and gave one back
		{b, "3 2 1 "},           // now it is behind the others
		{a, "4 2 1 "}, {c, "4 2 1 "}, {b, "4 2 1 "}, {a, "5 2 1 "}, {a, "6 2 1 "},
	} {
		if step.back != tenant.None {
			q.GiveBack(step.back)
		}
		if got := state(); got != step.want {
			t.Fatalf("step %d: %s, want %s", i, got, step.want)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.Take(gone, a); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has left: %v", err)
	}
	for range 44 {
		q.GiveBack(a)
	}
	if got := state(); got != "50 2 1 " {
		t.Fatal(got)
	}
	q.GiveBack(a)
	q.GiveBack(a)
	if q.free != 4 || len(q.under)+len(q.lines)+len(q.order) != 0 {
		t.Errorf("in the end: %d free, %v, %v, %v", q.free, q.under, q.lines, q.order)
	}
}

// Whoever gave up in line does not keep others from what is free.
func TestTurnsOfThoseWhoLeft(t *testing.T) {
	a := tenant.ID(ident.New())
	q := Of(2, 1)
	if err := q.Take(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 {
		if err := q.Take(gone, a); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	q.GiveBack(a)
	for range 3 {
		if err := q.Take(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		q.GiveBack(a)
	}
	if q.free != 2 || len(q.under)+len(q.lines)+len(q.order) != 0 {
		t.Errorf("in the end: %d free, %v, %v, %v", q.free, q.under, q.lines, q.order)
	}
}

// Whoever has something that lasts is served in turn all the same, however many others ask without end.
func TestTurnsOfWhoeverHasSomethingLong(t *testing.T) {
	long := tenant.ID(ident.New())
	q := Of(4, 3)
	if q.stand(long) != nil {
		t.Fatal("nobody was before it")
	}
	var others []tenant.ID
	for range 20 {
		others = append(others, tenant.ID(ident.New()))
	}
	for _, o := range others[:3] {
		if q.stand(o) != nil {
			t.Fatal("there is room")
		}
	}
	for _, o := range others {
		for range 100 {
			q.stand(o)
		}
	}
	next := q.stand(long)
	for n, under := 0, others[:3]; ; n++ {
		select {
		case <-turn(next):
			return
		default:
		}
		if n > len(others) {
			t.Fatalf("not served after %d others", n)
		}
		q.GiveBack(under[0])
		under = append(under[1:], others[n%len(others)]) // whose turn it was
	}
}
