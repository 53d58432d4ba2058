package solver

import (
	"cmp"
	"slices"
	"time"
)

// Seen is the wait of somebody who waited and was served: what they asked for, how many of their skill were before them, how long it took.
type Seen struct {
	Needs  []Need
	Ahead  int
	Waited time.Duration
}

// Range is what somebody who waits is shown.
type Range struct{ Low, High time.Duration }

// Holds says whether a wait fell inside.
func (r Range) Holds(waited time.Duration) bool { return r.Low <= waited && waited <= r.High }

// Estimator tells a queue's waits from those that were (delay history: R. Ibrahim and W. Whitt, "Real-Time Delay Estimation Based on
// Delay History", M&SOM 11 (2009)). The last waits, each stretched to the place in the queue that is asked about, are weighed by how
// much was asked for that is asked for now; the range is what lies between two quantiles of them. How far out those are is
// learnt from how often shown ranges held (I. Gibbs and E. Candès, "Adaptive Conformal Inference Under Distribution
// Shift", NeurIPS 2021): so the share that holds comes near the aim also while a day gets busier.
//
// It decides nothing, and each node may have its own.
type Estimator struct {
	history []Seen // the newest last
	tails   int    // basis points that both ends leave out; below 0 the range is wider than all that was seen
	learnt  bool
}

const (
	remembered = 60 // waits
	fewest     = 5  // below it nothing honest can be said
	missAim    = 1400
	missPace   = 150 // of 10,000: how fast the tails are learnt
	tailsMost  = 4000
	tailsLeast = -4000
)

// Served remembers a wait that ended in service.
func (e *Estimator) Served(s Seen) {
	s.Needs = slices.Clone(s.Needs)
	if e.history = append(e.history, s); len(e.history) > remembered {
		e.history = slices.Delete(e.history, 0, len(e.history)-remembered)
	}
}

// Judge learns from a range that was shown to somebody and how long they then waited.
func (e *Estimator) Judge(shown Range, waited time.Duration) {
	miss := 10_000
	if shown.Holds(waited) {
		miss = 0
	}
	e.tails = min(max(e.aim()+missPace*(missAim-miss)/10_000, tailsLeast), tailsMost)
	e.learnt = true
}

func (e *Estimator) aim() int {
	if !e.learnt {
		return missAim
	}
	return e.tails
}

// Wait is the range for somebody with so many before them; false: too little is known to say anything.
func (e *Estimator) Wait(needs []Need, ahead int) (Range, bool) {
	if len(e.history) < fewest {
		return Range{}, false
	}
	type wait struct {
		long   time.Duration
		weight int
	}
	waits, all := make([]wait, len(e.history)), 0
	for i, s := range e.history {
		w := wait{s.Waited * time.Duration(max(ahead, 0)+1) / time.Duration(max(s.Ahead, 0)+1), likeness(needs, s.Needs)}
		waits[i], all = w, all+w.weight
	}
	slices.SortFunc(waits, func(a, b wait) int { return cmp.Compare(a.long, b.long) })
	tails := e.aim()
	left := all * max(tails, 0) / 20_000 // of the weight, on either side
	low, high := 0, len(waits)-1
	for sum := waits[low].weight; sum <= left && low < high; sum += waits[low].weight {
		low++
	}
	for sum := waits[high].weight; sum <= left && high > low; sum += waits[high].weight {
		high--
	}
	r := Range{waits[low].long, waits[high].long}
	if tails < 0 {
		r.Low -= r.Low * time.Duration(-tails) / 10_000
		r.High += r.High * time.Duration(-tails) / 10_000
	}
	return r, true
}

// likeness is how much somebody else's wait says about one's own.
func likeness(mine, other []Need) int {
	shared := 0
	for _, n := range mine {
		if slices.ContainsFunc(other, func(o Need) bool { return o.Skill == n.Skill }) {
			shared++
		}
	}
	switch {
	case len(mine) == 0 || len(other) == 0:
		return 4
	case mine[0].Skill == other[0].Skill:
		return 32 + 8*shared
	case shared > 0:
		return 8
	}
	return 1
}
