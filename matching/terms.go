package matching

import (
	"encoding/json"
	"time"

	"github.com/waymeet/waymeet/matching/solver"
)

// RingSpec is a ring as a queue's row has it.
type RingSpec struct {
	AfterS int `json:"after_s"`
	Lower  int `json:"lower"`
	Drop   int `json:"drop"`
}

// WeightSpec is what counts how much, as a queue's row has it: what is not named counts as it usually does.
type WeightSpec struct {
	Proficiency *int64 `json:"proficiency,omitempty"`
	Rating      *int64 `json:"rating,omitempty"`
	Price       *int64 `json:"price,omitempty"`
	Sticky      *int64 `json:"sticky,omitempty"`
	Idle        *int64 `json:"idle,omitempty"`
	Generalist  *int64 `json:"generalist,omitempty"`
	Priority    *int64 `json:"priority,omitempty"`
	Waited      *int64 `json:"waited,omitempty"`
}

const (
	mostRings  = 10
	latestRing = 24 * time.Hour
)

// ringsOf are a queue's rings; false: they do not widen.
func ringsOf(specs []RingSpec) (solver.Rings, bool) {
	if len(specs) == 0 {
		return solver.DefaultRings, true
	}
	rings := make(solver.Rings, len(specs))
	for i, s := range specs {
		if s.AfterS < 0 || s.AfterS > int(latestRing/time.Second) {
			return nil, false
		}
		rings[i] = solver.Ring{After: time.Duration(s.AfterS) * time.Second, Lower: s.Lower, Drop: s.Drop}
	}
	return rings, len(rings) <= mostRings && rings.Widen()
}

// weightsOf are a queue's weights; false: one is out of range.
func weightsOf(w WeightSpec) (solver.Weights, bool) {
	out, fine := solver.DefaultWeights, true
	for _, x := range []struct {
		said *int64
		to   *int64
	}{{w.Proficiency, &out.Proficiency}, {w.Rating, &out.Rating}, {w.Price, &out.Price}, {w.Sticky, &out.Sticky}, {w.Idle, &out.Idle},
		{w.Generalist, &out.Generalist}, {w.Priority, &out.Priority}, {w.Waited, &out.Waited}} {
		if x.said != nil {
			*x.to, fine = *x.said, fine && *x.said >= 0 && *x.said <= solver.MaxWeight
		}
	}
	return out, fine
}

// termsOf reads a queue's row. What nobody could have written through the service is as if nothing was said: a queue with a
// broken rule serves by the usual ones rather than not at all.
func termsOf(rings, weights json.RawMessage) solver.Terms {
	t := solver.Terms{Weights: solver.DefaultWeights, Rings: solver.DefaultRings}
	var specs []RingSpec
	if json.Unmarshal(rings, &specs) == nil {
		if read, fine := ringsOf(specs); fine {
			t.Rings = read
		}
	}
	var spec WeightSpec
	if json.Unmarshal(weights, &spec) == nil {
		if read, fine := weightsOf(spec); fine {
			t.Weights = read
		}
	}
	return t
}

var modalities = map[string]solver.Modality{"chat": solver.Chat, "audio": solver.Audio, "video": solver.Video}

// again is how long after the last ring whoever let a request pass may be asked once more, if nobody else is left; and so on.
const again = time.Minute

// ringAt is the ring of somebody who waited so long, and how long until the next one opens. After the last of the rings it goes
// on counting: nobody is relaxed any more, but who said no may be asked again.
func ringAt(rings solver.Rings, waited time.Duration) (ring int, next time.Duration) {
	ring, opens := rings.At(waited)
	if opens > 0 {
		return ring, opens - waited
	}
	last := rings[len(rings)-1].After
	more := int((waited - last) / again)
	return min(ring+more, 30_000), last + time.Duration(more+1)*again - waited
}

// usualRings are those of a queue that names none, as its row has them.
func usualRings() []RingSpec {
	out := make([]RingSpec, len(solver.DefaultRings))
	for i, r := range solver.DefaultRings {
		out[i] = RingSpec{int(r.After / time.Second), r.Lower, r.Drop}
	}
	return out
}
