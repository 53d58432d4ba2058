package crowd

import (
	"hash/fnv"
	"math"
	"time"

	"github.com/google/uuid"
)

// draw is a number from 0 to 1 that belongs to a trip and a question: the same each time it is asked.
func draw(trip uuid.UUID, question string) float64 {
	h := fnv.New64a()
	h.Write([]byte(question))
	h.Write(trip[:])
	// FNV's high bits move little with the last bytes: mix once more (the finaliser of SplitMix64).
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) / (1 << 53)
}

// Appetite is how full a trip wants to be, as a part of its seats, at that time before it leaves: some trips
// everybody wants, some hardly anybody, and all fill as they come near. Above 1 some riders find no seat.
func Appetite(trip uuid.UUID, left time.Duration) float64 {
	var want float64
	switch kind, how := draw(trip, "kind"), draw(trip, "appetite"); {
	case kind < 0.12:
		want = 1.1 + 0.3*how // full long before
	case kind < 0.50:
		want = 0.65 + 0.35*how
	case kind < 0.85:
		want = 0.35 + 0.35*how
	default:
		want = 0.1 + 0.2*how
	}
	hours := max(0, left.Hours())
	return want * (0.12 + 0.88*math.Exp(-hours/2.5))
}
