package solver

import (
	"encoding/binary"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// brute tries every assignment.
func brute(rows [][]Edge, taken map[int]bool) int64 {
	if len(rows) == 0 {
		return 0
	}
	best := brute(rows[1:], taken)
	for _, e := range rows[0] {
		if !taken[e.Column] {
			taken[e.Column] = true
			best = max(best, e.Value+brute(rows[1:], taken))
			delete(taken, e.Column)
		}
	}
	return best
}

// The assignment is one, and no other is worth more.
func TestNoAssignmentIsWorthMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(0, 6).Draw(t, "columns")
		most := rapid.SampledFrom([]int64{2, 1000, served}).Draw(t, "most")
		rows := make([][]Edge, rapid.IntRange(0, 6).Draw(t, "rows"))
		for r := range rows {
			for c := range columns {
				if rapid.IntRange(0, 3).Draw(t, "edge") > 0 {
					rows[r] = append(rows[r], Edge{c, rapid.Int64Range(-most/4, most).Draw(t, "value")})
				}
			}
		}
		sum, taken := int64(0), map[int]bool{}
		for r, c := range Assignment(rows, columns) {
			if c < 0 {
				continue
			}
			i := slices.IndexFunc(rows[r], func(e Edge) bool { return e.Column == c })
			if i < 0 || taken[c] {
				t.Fatalf("row %d has column %d", r, c)
			}
			taken[c] = true
			sum += rows[r][i].Value
		}
		if want := brute(rows, map[int]bool{}); sum != want {
			t.Fatalf("%d, and %d is possible", sum, want)
		}
	})
}

// A micro-batch serves as many as can be served, at the greatest sum, whatever order it came in; and it explains itself.
func TestABatchIsTheBestOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, there := anyPool(t, 6)
		terms := anyTerms(t)
		var batch []Request
		for n := range rapid.IntRange(0, 5).Draw(t, "batch") {
			r := anyRequest(t, n, 6)
			r.Needs = r.Needs[:min(1, len(r.Needs))]
			batch = append(batch, r)
		}
		rows := make([][]Edge, len(batch))
		for i, r := range batch {
			for id, e := range there {
				if parts, may := plainly(terms, r, e, start); may {
					for slot := range min(e.Slots, 5) {
						rows[i] = append(rows[i], Edge{id*10 + slot, served + parts.Total()})
					}
				}
			}
		}
		got := p.Assign(&terms, batch, start)
		sum, used := int64(0), map[int]int{}
		for _, c := range got {
			parts, may := plainly(terms, batch[c.Request], there[int(binary.BigEndian.Uint64(c.Expert[8:]))-1], start)
			if used[c.place]++; !may || parts != c.Parts || parts.Total() != c.Score || used[c.place] > p.experts[c.place].slots {
				t.Fatalf("%+v: %+v, %v, used %d times", c, parts, may, used[c.place])
			}
			sum += served + c.Score
		}
		if want := brute(rows, map[int]bool{}); sum != want {
			t.Fatalf("%d, and %d is possible", sum, want)
		}
		other := rapid.Permutation(batch).Draw(t, "order")
		pairs := func(batch []Request, chosen []Chosen) map[uuid.UUID]Decision {
			of := map[uuid.UUID]Decision{}
			for _, c := range chosen {
				of[batch[c.Request].ID] = c.Decision
			}
			return of
		}
		if one, two := pairs(batch, got), pairs(other, p.Assign(&terms, other, start)); !maps.Equal(one, two) {
			t.Fatalf("%v, in another order %v", one, two)
		}
	})
}

// Among equals whoever comes first is served, however they are listed.
func TestTheFirstOfEqualsIsServed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, terms := NewPool(), Terms{Rings: DefaultRings}
		experts, requests := rapid.IntRange(1, 4).Draw(t, "experts"), rapid.IntRange(1, 8).Draw(t, "requests")
		for i := range experts {
			p.Put(Expert{ID: numbered(i), Slots: 1, Modalities: []Modality{Chat}})
		}
		var batch []Request
		for i := range requests {
			batch = append(batch, Request{ID: numbered(i), Placed: start.Add(-time.Duration(i/2) * time.Second)})
		}
		batch = rapid.Permutation(batch).Draw(t, "order")
		chosen := p.Assign(&terms, batch, start)
		if len(chosen) != min(experts, requests) {
			t.Fatalf("%d served of %d by %d", len(chosen), requests, experts)
		}
		for _, c := range chosen {
			before := 0
			for i := range batch {
				if batch[i].Before(&batch[c.Request]) < 0 {
					before++
				}
			}
			if before >= experts {
				t.Fatalf("number %d is served by one of %d", before+1, experts)
			}
		}
	})
}

func TestRequestsWaitForOneAnotherOnlyWhereItHelps(t *testing.T) {
	for _, c := range []struct {
		candidates, waiting int
		want                time.Duration
	}{{0, 5, 0}, {3, 1, 0}, {100, 5, 0}, {3, 2, Window}, {16, 2, 0}, {15, 2, Window}} {
		if got := Wait(c.candidates, c.waiting); got != c.want {
			t.Errorf("%d candidates for %d: %s", c.candidates, c.waiting, got)
		}
	}
}
