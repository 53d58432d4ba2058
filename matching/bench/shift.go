package bench

import (
	"context"
	"slices"
	"time"

	"github.com/waymeet/waymeet/matching/solver"
)

// Day is what a simulated shift came to.
type Day struct {
	Decisions int
	P50, P99  time.Duration // of a decision
	Gini      float64       // of the experts' busy seconds: 0 all the same, 1 one did everything
	Served    int
	Left      int // still waiting at the end
}

// Shift is so many hours of so many experts, or the first so many decisions of it (0: all).
func Shift(ctx context.Context, experts int, hours time.Duration, decisions int, weights solver.Weights) (Day, error) {
	f := newFloor(newWorld(experts, 1, weights))
	end := opening.Add(hours)
	busySeconds := make([]float64, experts)
	day := Day{}
	session := func(i int) {
		talk := f.talk()
		busySeconds[i] += min(talk, end.Sub(f.now)).Seconds()
		f.plan(f.now.Add(talk), func() { f.back(i) })
	}
	f.decided = func(_ *solver.Request, i int) {
		day.Served++
		session(i)
	}
	for i, e := range f.experts { // most are in a session already
		if f.dice.Float64() < load && f.pool.Take(e.ID) {
			session(i)
		}
	}
	var next func()
	next = func() {
		f.plan(f.now.Add(f.gap(f.rate())), next)
		f.arrive(f.client(f.now))
	}
	f.plan(f.now.Add(f.gap(f.rate())), next)
	for at := opening; at.Before(end) && (decisions == 0 || len(f.took) < decisions); at = at.Add(time.Second) {
		if err := ctx.Err(); err != nil {
			return day, err
		}
		f.run(at)
	}
	slices.Sort(f.took)
	day.Decisions, day.Left = len(f.took), len(f.waiting)+len(f.batch)
	if n := len(f.took); n > 0 {
		day.P50, day.P99 = f.took[n/2], f.took[n*99/100]
	}
	day.Gini = gini(busySeconds)
	return day, nil
}

// gini is half the mean difference between any two, over the mean.
func gini(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	sum, ranked := 0.0, 0.0
	for i, x := range sorted {
		sum, ranked = sum+x, ranked+float64(i+1)*x
	}
	n := float64(len(sorted))
	if sum == 0 {
		return 0
	}
	return 2*ranked/(n*sum) - (n+1)/n
}
