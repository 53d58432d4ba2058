package bench

import (
	"context"
	"testing"
	"time"

	"github.com/waymeet/waymeet/matching/solver"
)

// A small floor, to hold the figures that the product promises: the times are the machine's and decide nothing here.
func TestTheSolverIsNearTheOptimum(t *testing.T) {
	t.Parallel()
	c, err := Compare(t.Context(), 1000, solver.DefaultWeights)
	if err != nil || c.Optimum <= 0 || c.Ours > c.Optimum || c.Anybody >= c.Ours {
		t.Fatalf("%+v, %v", c, err)
	}
	if c.Quality() < 0.95 {
		t.Errorf("%.3f of the optimum: %+v", c.Quality(), c)
	}
}

func TestWorkFallsEvenly(t *testing.T) {
	t.Parallel()
	fair, err := Shift(t.Context(), 200, 4*time.Hour, 0, solver.DefaultWeights)
	if err != nil || fair.Served == 0 || fair.P99 < fair.P50 {
		t.Fatalf("%+v, %v", fair, err)
	}
	careless := solver.DefaultWeights
	careless.Idle = 0
	unfair, err := Shift(t.Context(), 200, 4*time.Hour, 0, careless)
	if err != nil || fair.Gini >= unfair.Gini {
		t.Errorf("a Gini of %.3f, and %.3f where nobody looks at who is idle (%v)", fair.Gini, unfair.Gini, err)
	}
	again, _ := Shift(t.Context(), 200, 4*time.Hour, 0, solver.DefaultWeights)
	if again.Gini != fair.Gini || again.Served != fair.Served || again.Decisions != fair.Decisions {
		t.Errorf("the same seed: %+v, then %+v", fair, again)
	}
}

func TestGini(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   []float64
		want float64
	}{{[]float64{1, 1, 1, 1}, 0}, {[]float64{0, 0, 0, 1}, 0.75}, {[]float64{0, 0}, 0}, {[]float64{3, 1}, 0.25}} {
		if got := gini(c.of); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("%v: %f", c.of, got)
		}
	}
}

func TestAnEndedBenchEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Shift(ctx, 10, time.Hour, 0, solver.DefaultWeights); err == nil {
		t.Error("it went on")
	}
	if _, err := Compare(ctx, 10, solver.DefaultWeights); err == nil {
		t.Error("it went on")
	}
}
