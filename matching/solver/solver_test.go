package solver

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// numbered are ids in the order of their numbers.
func numbered(n int) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[8:], uint64(n)+1)
	return id
}

func anyExpert(t *rapid.T, id int) Expert {
	e := Expert{
		ID: numbered(id), Price: rapid.Int64Range(0, 20).Draw(t, "price") * 100, Rating: rapid.IntRange(-10, 520).Draw(t, "rating"),
		Slots: rapid.IntRange(0, 2).Draw(t, "slots"), IdleSince: start.Add(time.Duration(rapid.IntRange(-2000, 10).Draw(t, "idle")) * time.Second),
		Levels: map[Skill]uint8{},
	}
	for s := range Skill(4) {
		if l := rapid.Uint8Range(0, MaxLevel).Draw(t, "level"); l > 0 {
			e.Levels[s] = l
		}
	}
	for l := range Language(3) {
		if rapid.Bool().Draw(t, "speaks") {
			e.Speaks = append(e.Speaks, l)
		}
	}
	for m := range modalities {
		if rapid.IntRange(0, 3).Draw(t, "modality") > 0 {
			e.Modalities = append(e.Modalities, m)
		}
	}
	return e
}

func anyRequest(t *rapid.T, id, experts int) Request {
	r := Request{
		ID: numbered(1000 + id), Modality: Modality(rapid.IntRange(0, int(modalities)).Draw(t, "modality")), Ceiling: rapid.Int64Range(0, 20).Draw(t, "ceiling") * 100,
		Priority: rapid.IntRange(0, 2).Draw(t, "priority"), Placed: start.Add(-time.Duration(rapid.IntRange(0, 90).Draw(t, "placed")) * time.Second), Ring: rapid.IntRange(0, 4).Draw(t, "ring"),
	}
	for _, s := range rapid.SliceOfNDistinct(rapid.Uint16Range(0, 4), 0, 3, rapid.ID[uint16]).Draw(t, "skills") {
		r.Needs = append(r.Needs, Need{Skill(s), rapid.Uint8Range(1, MaxLevel).Draw(t, "need")})
	}
	for _, l := range rapid.SliceOfNDistinct(rapid.Uint16Range(0, 3), 0, 2, rapid.ID[uint16]).Draw(t, "languages") {
		r.Speaks = append(r.Speaks, Language(l))
	}
	for _, list := range []*[]uuid.UUID{&r.Sticky, &r.Except} {
		if rapid.Bool().Draw(t, "named") {
			*list = append(*list, numbered(rapid.IntRange(0, experts).Draw(t, "who")))
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "for one") == 0 {
		r.Only = numbered(rapid.IntRange(0, experts).Draw(t, "only"))
	}
	return r
}

// plainly says the same as the bitmaps, one expert after the other.
func plainly(terms Terms, r Request, e Expert, at time.Time) (Parts, bool) {
	ring := terms.Rings[min(r.Ring, len(terms.Rings)-1)]
	needs := r.Needs
	for n := 0; n < ring.Drop && len(needs) > 1; n++ {
		needs = needs[:len(needs)-1]
	}
	may := e.Slots > 0 && slices.Contains(e.Modalities, r.Modality) && !slices.Contains(r.Except, e.ID) && (r.Only == uuid.Nil || r.Only == e.ID) && (r.Ceiling == 0 || e.Price <= r.Ceiling)
	for _, n := range needs {
		may = may && int(e.Levels[n.Skill]) >= max(1, int(n.Level)-ring.Lower)
	}
	may = may && (len(r.Speaks) == 0 || slices.ContainsFunc(r.Speaks, func(l Language) bool { return slices.Contains(e.Speaks, l) }))
	w, p, sum, matched := terms.Weights, Parts{}, int64(0), 0
	for _, n := range r.Needs {
		if sum += int64(e.Levels[n.Skill]); e.Levels[n.Skill] > 0 {
			matched++
		}
	}
	if len(r.Needs) > 0 {
		p.Proficiency = w.Proficiency * (sum * 1000 / int64(5*len(r.Needs)))
	}
	p.Rating = w.Rating * 2 * int64(max(0, min(500, e.Rating)))
	full := cmp.Or(r.Ceiling, 2*w.Reference)
	if full > 0 && e.Price < full {
		p.Price = w.Price * (1000 - 1000*e.Price/full)
	}
	if slices.Contains(r.Sticky, e.ID) {
		p.Sticky = 1000 * w.Sticky
	}
	p.Idle = w.Idle * (max(0, min(600_000, at.Sub(e.IdleSince).Milliseconds())) * 1000 / 600_000)
	p.Generalist = -100 * w.Generalist * int64(min(10, len(e.Levels)-matched))
	p.Priority = 1000 * w.Priority * int64(r.Priority)
	p.Waited = w.Waited * int64(at.Sub(r.Placed)/time.Second)
	return p, may
}

func anyTerms(t *rapid.T) Terms {
	w := DefaultWeights
	w.Reference = 500
	if rapid.Bool().Draw(t, "other weights") { // few values, so that scores tie
		n := rapid.Int64Range(0, 2)
		w = Weights{n.Draw(t, "w"), n.Draw(t, "w"), n.Draw(t, "w"), n.Draw(t, "w"), n.Draw(t, "w"), n.Draw(t, "w"), n.Draw(t, "w"), n.Draw(t, "w"), 500}
	}
	return Terms{w, DefaultRings}
}

// anyPool is a pool after a history, and the experts that must be in it.
func anyPool(t *rapid.T, size int) (*Pool, map[int]Expert) {
	p, there := NewPool(), map[int]Expert{}
	for range rapid.IntRange(0, 3*size).Draw(t, "steps") {
		id := rapid.IntRange(0, size-1).Draw(t, "id")
		e, known := there[id]
		switch rapid.IntRange(0, 5).Draw(t, "step") {
		case 0:
			p.Remove(numbered(id))
			delete(there, id)
		case 1:
			if took := p.Take(numbered(id)); took != (known && e.Slots > 0) {
				t.Fatalf("took %v of %+v", took, e)
			} else if took {
				e.Slots--
				there[id] = e
			}
		case 2:
			if p.Give(numbered(id), start); known {
				e.Slots, e.IdleSince = e.Slots+1, start
				there[id] = e
			}
		default:
			there[id] = anyExpert(t, id)
			p.Put(there[id])
		}
	}
	return p, there
}

// Bitmaps, heap and ties come to what sorting everybody comes to.
func TestTheBestAreTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, there := anyPool(t, 80)
		terms := anyTerms(t)
		if p.Len() != len(there) {
			t.Fatalf("%d known, %d there", p.Len(), len(there))
		}
		for n := range 3 {
			r := anyRequest(t, n, 80)
			var want []Decision
			for _, e := range there {
				if parts, may := plainly(terms, r, e, start); may {
					want = append(want, Decision{Expert: e.ID, Parts: parts, Score: parts.Total()})
				}
			}
			slices.SortFunc(want, func(a, b Decision) int {
				return cmp.Or(cmp.Compare(b.Score, a.Score), bytes.Compare(a.Expert[:], b.Expert[:]))
			})
			k := rapid.IntRange(0, 12).Draw(t, "k")
			got := p.Best(&terms, &r, start, k)
			if len(got) != min(k, len(want)) {
				t.Fatalf("%d of the %d best of %d", len(got), k, len(want))
			}
			for i, d := range got {
				if d.place = 0; d != want[i] {
					t.Fatalf("number %d is %+v, not %+v", i, d, want[i])
				}
			}
			if n := p.Candidates(&terms, &r); n != len(want) {
				t.Fatalf("%d candidates, %d are", n, len(want))
			}
			best, ok := p.Decide(&terms, &r, start)
			if best.place = 0; ok != (len(want) > 0) || ok && best != want[0] {
				t.Fatalf("%+v (%v), not %+v", best, ok, want)
			}
		}
	})
}

// A freed expert goes to the greatest score, then to whom comes first; the order of the list is nothing.
func TestTheNextIsWhoGainsMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, there := anyPool(t, 6)
		terms := anyTerms(t)
		var waiting []Request
		for n := range rapid.IntRange(0, 8).Draw(t, "waiting") {
			waiting = append(waiting, anyRequest(t, n, 6))
		}
		id := rapid.SampledFrom(append(slices.Sorted(maps.Keys(there)), 99)).Draw(t, "expert")
		at, _, ok := p.Next(&terms, numbered(id), waiting, start)
		var want *Request
		most := int64(0)
		for i := range waiting {
			parts, may := plainly(terms, waiting[i], there[id], start)
			if _, known := there[id]; known && may && (want == nil || parts.Total() > most || parts.Total() == most && waiting[i].Before(want) < 0) {
				want, most = &waiting[i], parts.Total()
			}
		}
		if ok != (want != nil) || ok && want != &waiting[at] {
			t.Fatalf("%d (%v), not %+v", at, ok, want)
		}
	})
}

// Whoever can serve in a ring can serve in the next.
func TestRingsOnlyWiden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := anyPool(t, 40)
		terms := anyTerms(t)
		r := anyRequest(t, 0, 40)
		before := set{}
		for ring := range DefaultRings {
			r.Ring = ring
			now := slices.Clone(p.candidates(&terms, &r))
			before.each(func(i int) {
				if !now.has(i) {
					t.Fatalf("ring %d does not let in whom ring %d did", ring, ring-1)
				}
			})
			before = now
		}
	})
	for waited, want := range map[time.Duration][2]time.Duration{
		0: {0, 10 * time.Second}, 10*time.Second - 1: {0, 10 * time.Second}, 10 * time.Second: {1, 25 * time.Second}, 44 * time.Second: {2, 45 * time.Second}, time.Hour: {3, 0},
	} {
		if ring, next := DefaultRings.At(waited); time.Duration(ring) != want[0] || next != want[1] {
			t.Errorf("after %s: ring %d, next at %s", waited, ring, next)
		}
	}
	for name, rs := range map[string]Rings{
		"none": {}, "late": {{time.Second, 0, 0}}, "back": {{0, 1, 0}, {time.Second, 0, 0}}, "twice": {{0, 0, 0}, {0, 1, 0}}, "too low": {{0, 5, 0}}, "less dropped": {{0, 0, 1}, {time.Second, 1, 0}},
	} {
		if rs.Widen() {
			t.Errorf("%s widens", name)
		}
	}
	if !DefaultRings.Widen() {
		t.Error("the default does not widen")
	}
}
