package bench

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPercentiles(t *testing.T) {
	t.Parallel()
	var h histogram
	if h.percentile(0.99) != 0 {
		t.Error("something of nothing")
	}
	dice := rand.New(rand.NewPCG(1, 2))
	var all []uint64
	for range 20_000 {
		v := dice.Uint64() >> (24 + dice.IntN(30)) // up to a quarter of an hour
		all = append(all, v)
		h.add(v)
	}
	slices.Sort(all)
	for _, p := range []float64{0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		exact := milliseconds(all[max(1, int(p*float64(len(all))))-1])
		if got := h.percentile(p); got < exact || got > exact*(1+1.0/64)+0.001 {
			t.Errorf("p%g is %g, exactly %g", p*100, got, exact)
		}
	}
}

// TestSlots: slots follow each other without a gap, and each holds what it says.
func TestSlots(t *testing.T) {
	t.Parallel()
	for slot := 1; slot < 40*64; slot++ {
		if slotOf(topOf(slot)) != slot || slotOf(topOf(slot-1)+1) != slot {
			t.Fatalf("slot %d ends at %d, which lies in %d", slot, topOf(slot), slotOf(topOf(slot)))
		}
	}
	if slotOf(1<<64-1) != len(histogram{}.slots)-1 {
		t.Error("the longest has no slot")
	}
}
