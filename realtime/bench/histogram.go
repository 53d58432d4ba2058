package bench

import (
	"math"
	"math/bits"
	"time"
)

// histogram counts durations in slots whose width grows with them: millions fit, each exact to one part in 64.
type histogram struct {
	slots [58 * 64]uint64
	n     uint64
	most  uint64
}

func (h *histogram) add(ns uint64) {
	h.slots[slotOf(ns)]++
	h.n++
	h.most = max(h.most, ns)
}

// slotOf: up to 127 each duration has a slot of its own; from there on each doubling has 64.
func slotOf(ns uint64) int {
	if ns < 128 {
		return int(ns)
	}
	shift := bits.Len64(ns) - 7
	return min(shift*64+int(ns>>shift), len(histogram{}.slots)-1)
}

// topOf is the longest duration of a slot.
func topOf(slot int) uint64 {
	if slot < 128 {
		return uint64(slot)
	}
	shift := slot/64 - 1
	return uint64(slot-shift*64+1)<<shift - 1
}

// percentile is what a share p of the durations does not exceed, in milliseconds.
func (h *histogram) percentile(p float64) float64 {
	if h.n == 0 {
		return 0
	}
	rank := max(1, uint64(math.Ceil(p*float64(h.n))))
	seen := uint64(0)
	for slot, n := range h.slots {
		if seen += n; seen >= rank {
			return milliseconds(min(topOf(slot), h.most))
		}
	}
	return milliseconds(h.most)
}

// milliseconds keeps three digits after the point.
func milliseconds(ns uint64) float64 {
	return math.Round(float64(ns)/float64(time.Microsecond)) / 1000
}
