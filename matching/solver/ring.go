package solver

import "time"

// Ring is how far requirements are relaxed after a while: Lower levels less of every skill (never below 1), and the Drop
// skills that were named last not asked for (never the first).
type Ring struct {
	After time.Duration
	Lower int
	Drop  int
}

// Rings are those of a queue, in order. Each lets in whom the one before it lets in.
type Rings []Ring

// DefaultRings are those of a queue that names none.
var DefaultRings = Rings{{0, 0, 0}, {10 * time.Second, 1, 0}, {25 * time.Second, 2, 1}, {45 * time.Second, MaxLevel - 1, 2}}

// Widen says whether each ring comes later than the one before it and asks for no more; the first asks at once.
func (rs Rings) Widen() bool {
	for i, r := range rs {
		if r.After < 0 || r.Lower < 0 || r.Lower >= MaxLevel || r.Drop < 0 || i == 0 && r.After != 0 {
			return false
		}
		if i > 0 && (r.After <= rs[i-1].After || r.Lower < rs[i-1].Lower || r.Drop < rs[i-1].Drop) {
			return false
		}
	}
	return len(rs) > 0
}

// At is the ring of somebody who waited so long, and when the next one opens; none: 0.
func (rs Rings) At(waited time.Duration) (ring int, next time.Duration) {
	for i, r := range rs {
		if r.After > waited {
			return max(i-1, 0), r.After
		}
	}
	return max(len(rs)-1, 0), 0
}

// of is a ring by number; beyond the last it is the last.
func (rs Rings) of(n int) Ring {
	if len(rs) == 0 {
		return Ring{}
	}
	return rs[min(max(n, 0), len(rs)-1)]
}

// asked is what is left of a request's needs in a ring.
func (r Ring) asked(needs []Need) []Need {
	return needs[:max(len(needs)-r.Drop, min(len(needs), 1))]
}

// level is what is left of a need's level.
func (r Ring) level(n Need) uint8 {
	return uint8(min(max(int(n.Level)-r.Lower, 1), MaxLevel))
}
