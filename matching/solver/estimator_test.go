package solver

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// floorOfTwo is a day of two skills with experts of their own and a load that comes and goes, from half of what can be done to more
// than that. It returns how many waits fell inside the range that was shown at the arrival, of how many, and how wide ranges were
// against how long waits were.
func floorOfTwo(seed uint64) (inside, shown int, wide float64) {
	dice := rand.New(rand.NewPCG(seed, 9))
	var e Estimator
	var widths, waits float64
	type waiter struct {
		came  float64
		ahead int
		held  Range
		shown bool
	}
	servers, talk := [2]int{8, 4}, 300.0
	ends, queues := [2][]float64{}, [2][]waiter{}
	next := [2]float64{}
	const day = 24 * 3600.0
	for now := 0.0; now < day; {
		// What comes first: an arrival, or the end of a session.
		kind, skill, at := 0, 0, math.Inf(1)
		for s := range servers {
			if next[s] < at {
				kind, skill, at = 0, s, next[s]
			}
			for _, end := range ends[s] {
				if end < at {
					kind, skill, at = 1, s, end
				}
			}
		}
		now = at
		needs := []Need{{Skill: Skill(skill), Level: 1}}
		if kind == 0 {
			load := 0.85 + 0.3*math.Sin(2*math.Pi*now/(8*3600))
			next[skill] = now + dice.ExpFloat64()*talk/(load*float64(servers[skill]))
			if len(ends[skill]) < servers[skill] {
				ends[skill] = append(ends[skill], now+dice.ExpFloat64()*talk)
				continue
			}
			w := waiter{came: now, ahead: len(queues[skill])}
			w.held, w.shown = e.Wait(needs, w.ahead)
			queues[skill] = append(queues[skill], w)
			continue
		}
		for i, end := range ends[skill] {
			if end == at {
				ends[skill] = append(ends[skill][:i], ends[skill][i+1:]...)
				break
			}
		}
		if len(queues[skill]) == 0 {
			continue
		}
		w := queues[skill][0]
		queues[skill] = queues[skill][1:]
		ends[skill] = append(ends[skill], now+dice.ExpFloat64()*talk)
		waited := time.Duration((now - w.came) * float64(time.Second))
		if w.shown {
			shown++
			if w.held.Holds(waited) {
				inside++
			}
			widths += (w.held.High - w.held.Low).Seconds()
			waits += waited.Seconds()
			e.Judge(w.held, waited)
		}
		e.Served(Seen{needs, w.ahead, waited})
	}
	return inside, shown, widths / waits
}

// Four of five waits fall inside what was shown, and what was shown says something.
func TestWaitsFallInsideWhatWasShown(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		inside, shown, wide := floorOfTwo(seed)
		t.Logf("%d of %d inside (%.3f), as wide as %.2f waits", inside, shown, float64(inside)/float64(shown), wide)
		if shown < 300 || inside*100 < shown*80 {
			t.Errorf("seed %d: %d of %d waits fell inside", seed, inside, shown)
		}
		if wide > 2.5 {
			t.Errorf("seed %d: ranges are %.1f times as wide as waits are long", seed, wide)
		}
	}
}

// A range is one, further back it is later, and other skills' waits say less than one's own.
func TestRangesMakeSense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var e Estimator
		mine, other := []Need{{1, 3}}, []Need{{2, 3}}
		for range rapid.IntRange(0, 100).Draw(t, "waits") {
			s := Seen{rapid.SampledFrom([][]Need{nil, mine, other, {{2, 1}, {1, 1}}}).Draw(t, "needs"), rapid.IntRange(0, 9).Draw(t, "ahead"), time.Duration(rapid.IntRange(0, 3600).Draw(t, "waited")) * time.Second}
			e.Served(s)
			if rapid.Bool().Draw(t, "judged") {
				e.Judge(Range{0, time.Minute}, s.Waited)
			}
		}
		before := Range{}
		for ahead := range 12 {
			r, ok := e.Wait(mine, ahead)
			if ok != (len(e.history) >= fewest) || r.Low < 0 || r.Low > r.High || r.Low < before.Low || r.High < before.High {
				t.Fatalf("%+v (%v) behind %d, %+v one before", r, ok, ahead, before)
			}
			before = r
		}
	})
	var e Estimator
	for range 10 {
		e.Served(Seen{[]Need{{1, 1}}, 0, time.Minute})
		e.Served(Seen{[]Need{{2, 1}}, 0, time.Hour})
	}
	if r, _ := e.Wait([]Need{{1, 1}}, 0); r.High != time.Minute {
		t.Errorf("who waits for a quick skill is shown %s", r.High)
	}
}
