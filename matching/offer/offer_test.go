package offer

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var (
	start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	words = []Word{Accept, Decline, Timeout, Cancel, Rescind, "shout"}
)

func someRound(n int) (r Round) {
	for i := range n {
		r = append(r, Offer{ID: uuid.UUID{byte(i + 1)}, Expert: uuid.UUID{9, byte(i + 1)}, State: Offered, Deadline: start.Add(Ring)})
	}
	return r
}

// Whatever is said, in whatever order and however often: an offer ends once, by what was said first that counts, and all who ask
// later hear that. One of a round is accepted at most, and then none rings any more.
func TestAnOfferEndsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := someRound(rapid.IntRange(1, 4).Draw(t, "offers"))
		at := start
		first := map[uuid.UUID]State{}
		took := 0
		for range rapid.IntRange(1, 20).Draw(t, "words") {
			at = at.Add(time.Duration(rapid.IntRange(-500, 6000).Draw(t, "later")) * time.Millisecond)
			w := rapid.SampledFrom(words).Draw(t, "word")
			before := slices.Clone(r)
			var changed []Offer
			id := uuid.UUID{byte(rapid.IntRange(1, 5).Draw(t, "which"))}
			if rapid.IntRange(0, 9).Draw(t, "all") == 0 && (w == Cancel || w == Rescind) {
				r, changed = r.End(w, at)
			} else {
				r, changed = r.Hear(id, w, at)
			}
			accepted, ringing := 0, 0
			for i, o := range r {
				was, now := before[i].State, o.State
				if was.Over() && o != before[i] {
					t.Fatalf("%s became %s", was, now)
				}
				if was != now != slices.Contains(changed, o) {
					t.Fatalf("%s became %s, told was %v", was, now, changed)
				}
				if was != now {
					first[o.ID] = now
					due := !at.Before(o.Deadline)
					if now == Accepted && (w != Accept || due || o.ID != id) || now == TimedOut && !due || now == Declined && (w != Decline || due) {
						t.Fatalf("%s by %q at %s of the deadline", now, w, at.Sub(o.Deadline))
					}
				}
				switch now {
				case Accepted:
					accepted++
				case Offered:
					ringing++
				}
				if told, _ := r.Answer(o.ID); now.Over() && told != first[o.ID] {
					t.Fatalf("told %s, it was %s", told, first[o.ID])
				}
			}
			if took = max(took, accepted); accepted > 1 || accepted < took || accepted == 1 && ringing > 0 {
				t.Fatalf("%d accepted and %d ringing: %v", accepted, ringing, r)
			}
			if out := r.Outcome(); out == Taken != (accepted == 1) || out == Ringing != (ringing > 0) {
				t.Fatalf("%s: %v", out, r)
			}
		}
		// Time alone ends all of it.
		for _, o := range r {
			r, _ = r.Hear(o.ID, Timeout, start.Add(Ring))
		}
		if r.Outcome() == Ringing {
			t.Fatalf("it rings after its deadline: %v", r)
		}
	})
}

func TestARepeatedAcceptHearsTheFirstResult(t *testing.T) {
	r, changed := someRound(2).Hear(uuid.UUID{1}, Accept, start.Add(time.Second))
	if len(changed) != 2 || changed[0].State != Accepted || changed[1].State != Rescinded {
		t.Fatalf("%+v", changed)
	}
	for _, later := range []time.Duration{2 * time.Second, time.Hour} {
		again, changed := r.Hear(uuid.UUID{1}, Accept, start.Add(later))
		if s, ok := again.Answer(uuid.UUID{1}); s != Accepted || !ok || changed != nil {
			t.Errorf("after %s: %s, %v", later, s, changed)
		}
		if s, _ := again.Answer(uuid.UUID{2}); s != Rescinded {
			t.Errorf("the other hears %s", s)
		}
	}
	late, _ := someRound(1).Hear(uuid.UUID{1}, Accept, start.Add(Ring))
	if s, _ := late.Answer(uuid.UUID{1}); s != TimedOut || late[0].Ended != start.Add(Ring) {
		t.Errorf("an accept at the deadline: %+v", late)
	}
	if _, ok := late.Answer(uuid.UUID{7}); ok {
		t.Error("an offer of another request is answered")
	}
}

func TestWhatAnEndMeans(t *testing.T) {
	for s, want := range map[State][3]bool{ // holds the slot, asks if they are there, not again for this request
		Offered: {true, false, false}, Accepted: {true, false, false}, Declined: {false, false, true},
		TimedOut: {false, true, true}, Cancelled: {}, Rescinded: {},
	} {
		if got := [3]bool{s.Holds(), s.Asks(), s.Excepts()}; got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}
