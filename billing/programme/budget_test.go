package programme

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestReached(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		budget Limit
		spent  int64
		told   int
		want   []int
	}{
		{UpTo(1000), 499, 0, nil},
		{UpTo(1000), 500, 0, []int{50}},
		{UpTo(999), 499, 0, nil}, // 49.95 %
		{UpTo(1000), 800, 50, []int{80}},
		{UpTo(1000), 1000, 0, []int{50, 80, 100}},
		{UpTo(1000), 1000, 100, nil},
		{UpTo(math.MaxInt64), math.MaxInt64 - 1, 50, []int{80}},
		{UpTo(math.MaxInt64), math.MaxInt64, 80, []int{100}},
		{Limit{}, 1000, 0, nil},
		{UpTo(0), 0, 0, nil},
	} {
		if got := c.budget.Reached(c.spent, c.told); !slices.Equal(got, c.want) {
			t.Errorf("%d of %+v, told %d: %v, want %v", c.spent, c.budget, c.told, got, c.want)
		}
	}
}

// TestEachThresholdIsToldOnce, whatever the spend does on its way.
func TestEachThresholdIsToldOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		budget := UpTo(rapid.Int64Range(1, 10000).Draw(t, "budget"))
		var told []int
		highest, peak := 0, int64(0)
		for _, spent := range rapid.SliceOf(rapid.Int64Range(0, 12000)).Draw(t, "spends") {
			reached := budget.Reached(spent, highest)
			if told = append(told, reached...); len(reached) > 0 {
				highest = told[len(told)-1]
			}
			peak = max(peak, spent)
		}
		var want []int
		for _, per := range Thresholds {
			if peak*100 >= budget.Amount*int64(per) {
				want = append(want, per)
			}
		}
		if !slices.Equal(told, want) {
			t.Fatalf("told %v, want %v", told, want)
		}
	})
}
