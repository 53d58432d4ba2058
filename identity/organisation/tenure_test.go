package organisation

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// TestMoveLeavesThePastAlone: a move changes the days from its own until the next posting, and no other.
func TestMoveLeavesThePastAlone(t *testing.T) {
	t.Parallel()
	days := rapid.Int32Range(100, 160)
	rapid.Check(t, func(t *rapid.T) {
		tenure := Tenure{Joined: 100}
		truth := map[servicedate.Date]string{} // as booked, day by day
		for range rapid.IntRange(0, 12).Draw(t, "moves") {
			from, centre := servicedate.Date(days.Draw(t, "from")), rapid.SampledFrom([]string{"", "A", "B", "C"}).Draw(t, "centre")
			until := servicedate.Date(1000)
			for _, p := range tenure.Postings {
				if p.From > from {
					until = min(until, p.From)
				}
			}
			for d := from; d < until && d < 200; d++ {
				truth[d] = centre
			}
			before := tenure
			tenure = tenure.Move(centre, from)
			if len(before.Postings) > 0 && &before.Postings[0] == &tenure.Postings[0] {
				t.Fatal("the tenure before was changed")
			}
		}
		for d := servicedate.Date(100); d < 200; d++ {
			if got, ok := tenure.On(d); !ok || got != truth[d] {
				t.Fatalf("day %d: %q %v, want %q of %+v", d, got, ok, truth[d], tenure)
			}
		}
	})
}

func TestTenureEnds(t *testing.T) {
	t.Parallel()
	who := Tenure{Joined: 100, Left: 110, Postings: []Posting{{100, "A"}}}
	for day, want := range map[servicedate.Date]bool{0: false, 99: false, 100: true, 109: true, 110: false} {
		if _, ok := who.On(day); ok != want {
			t.Errorf("day %d: %v", day, ok)
		}
	}
}
