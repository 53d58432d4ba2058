package queue

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/matching/solver"
)

var (
	start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	words = []Word{Funded, Booked, Ring, Nobody, Accept, Leave, Gone, Back, CallMe, Priority, "shout"}
	busy  = Definition{Rings: solver.DefaultRings, SLA: time.Minute, Overflow: time.Minute, Callback: 3 * time.Minute, Keep: 30 * time.Second, Call: 40 * time.Second, Calls: 2}
)

// Whatever happens, in whatever order: a place is kept, ends are final, rings and overflow only go on, each step comes once, and nobody is rung for
// a client who is not there.
func TestAPlaceIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Request{ID: uuid.UUID{1}, State: rapid.SampledFrom([]State{Funding, Waiting, Waiting}).Draw(t, "state"), Placed: start, Due: start.Add(40 * time.Second)}
		now, seen := start, map[Step]int{}
		for range rapid.IntRange(1, 30).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(-5, 30).Draw(t, "later")) * time.Second)
			before := r
			var steps []Step
			w := Word("")
			if rapid.Bool().Draw(t, "time") {
				r, steps, _ = busy.Pass(r, now)
			} else if rapid.IntRange(0, 3).Draw(t, "call") == 0 {
				r, _ = busy.Ring(r, now)
			} else {
				w = rapid.SampledFrom(words).Draw(t, "word")
				r, _ = r.Hear(w, rapid.IntRange(0, 3).Draw(t, "priority"), now)
			}
			for _, s := range steps {
				if seen[s]++; s != Widens && seen[s] > 1 || seen[s] > 3 {
					t.Fatalf("%s for the %d. time", s, seen[s])
				}
			}
			switch {
			case before.State.Over() && r != before:
				t.Fatalf("%s was final: %+v", before.State, r)
			case before.State.Queued() && r.Placed != before.Placed:
				t.Fatalf("%q moved the place from %s to %s", w, before.Placed, r.Placed)
			case r.Priority != before.Priority && w != Priority:
				t.Fatalf("%q changed the priority", w)
			case r.Ring < before.Ring || before.Overflow && !r.Overflow || before.Asked && !r.Asked:
				t.Fatalf("went back from %+v to %+v", before, r)
			case r.State == Offered && before.State != Offered && !before.Away.IsZero():
				t.Fatal("somebody is rung for a client who is away")
			case r.State == Offered && before.State == Callback:
				t.Fatal("somebody is rung for a client who has not come")
			case r.Calls > before.Calls && (before.State != Callback || before.Calls == busy.Calls || before.Calls > 0 && now.Before(before.Called.Add(busy.Call+CallPause))):
				t.Fatalf("called at %s: %+v", now, before)
			case seen[Drops] > 0 && r.State == Cancelled && before.State == Callback && w == "" && before.Calls < busy.Calls:
				t.Fatalf("dropped before the last call: %+v", before)
			case r.State == Matched && before.State != Matched && before.State != Offered:
				t.Fatalf("matched from %s", before.State)
			case r.State.Queued() && before.State == Funding && w != Funded:
				t.Fatalf("%q gave a place that is not funded", w)
			}
		}
	})
}

// What Pass says comes next is when it comes, and not before.
func TestNextIsWhenSomethingHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Request{ID: uuid.UUID{1}, State: rapid.SampledFrom([]State{Waiting, Scheduled, Offered}).Draw(t, "state"), Placed: start, Due: start}
		if r.State == Waiting && rapid.Bool().Draw(t, "away") {
			r.Away = start.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "since")) * time.Second)
		}
		now, order := start.Add(-time.Second), []Step(nil)
		if r.State != Scheduled {
			now = start
		}
		for {
			after, _, next := busy.Pass(r, now)
			if next.IsZero() {
				break
			}
			if !next.After(now) {
				t.Fatalf("next at %s, it is %s", next, now)
			}
			if same, steps, _ := busy.Pass(after, next.Add(-1)); len(steps) > 0 || same != after {
				t.Fatalf("%v before %s", steps, next)
			}
			var steps []Step
			if r, steps, _ = busy.Pass(after, next); len(steps) == 0 {
				t.Fatalf("nothing happens at %s to %+v", next, after)
			}
			order, now = append(order, steps...), next
		}
		if r.State != Cancelled && !slices.Equal(slices.DeleteFunc(slices.Clone(order), func(s Step) bool { return s == Widens || s == Enters }), []Step{Overflow, Asks}) {
			t.Fatalf("%v: %+v", order, r)
		}
	})
}

// Positions are 1 to n, in the order of priority and place.
func TestPositionsAreThePlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q []Request
		for i := range rapid.IntRange(1, 12).Draw(t, "waiting") {
			q = append(q, Request{ID: uuid.UUID{byte(i)}, State: rapid.SampledFrom([]State{Waiting, Offered, Callback, Cancelled, Funding}).Draw(t, "state"),
				Priority: rapid.IntRange(0, 1).Draw(t, "priority"), Placed: start.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "placed")) * time.Second)})
		}
		var queued []Request
		for _, r := range q {
			if r.State.Queued() {
				queued = append(queued, r)
			} else if p := Position(q, r.ID); p != 0 {
				t.Fatalf("%s has place %d", r.State, p)
			}
		}
		slices.SortFunc(queued, Request.Before)
		for i, r := range queued {
			if p := Position(q, r.ID); p != i+1 {
				t.Fatalf("%d, not %d", p, i+1)
			}
		}
	})
	if Position(nil, uuid.UUID{1}) != 0 {
		t.Error("nobody has a place in an empty queue")
	}
}

func TestDefinitions(t *testing.T) {
	for want, d := range map[Flaw]Definition{
		None: busy, BadRings: {}, BadOrder: {Rings: busy.Rings, Overflow: time.Minute, Callback: time.Second}, BadKeep: {Rings: busy.Rings, Keep: time.Second},
	} {
		if got := d.Check(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if got := (Definition{Rings: busy.Rings, Calls: 1}).Check(); got != BadCalls {
		t.Errorf("calls of no length: %q", got)
	}
	r := Request{State: Waiting, Placed: start}
	if busy.Late(r, start.Add(time.Minute)) || !busy.Late(r, start.Add(time.Minute+1)) {
		t.Error("late is after what was promised")
	}
}

// Who was called for the last time and does not come waits no longer; who comes has their place, and may be called anew another time.
func TestWhoIsCalledComesOrIsDropped(t *testing.T) {
	r := Request{State: Scheduled, Placed: start, Due: start}
	r, steps, _ := busy.Pass(r, start)
	if r.State != Callback || !slices.Contains(steps, Enters) || r.Placed != start {
		t.Fatalf("%v: %+v", steps, r)
	}
	at := start
	for n := 1; n <= busy.Calls; n++ {
		var done bool
		if r, done = busy.Ring(r, at); !done || !busy.Ringing(r, at) || busy.MayCall(r, at) {
			t.Fatalf("call %d: %+v", n, r)
		}
		if back, _ := r.Hear(Back, 0, at.Add(time.Second)); back.State != Waiting || back.Placed != start {
			t.Fatalf("came: %+v", back)
		}
		over := at.Add(busy.Call)
		if early, _, _ := busy.Pass(r, over.Add(-1)); early.State != Callback {
			t.Fatalf("dropped while call %d rings", n)
		}
		after, _, _ := busy.Pass(r, over)
		if want := n == busy.Calls; (after.State == Cancelled) != want {
			t.Fatalf("after call %d: %+v", n, after)
		}
		if _, again := busy.Ring(r, over.Add(CallPause-1)); again {
			t.Fatal("called again without a pause")
		}
		at = over.Add(CallPause)
	}
}
