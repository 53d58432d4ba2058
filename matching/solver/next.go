package solver

import (
	"time"

	"github.com/google/uuid"
)

// Next is the request that an expert who became free should be offered: the greatest score, and then who was first.
func (p *Pool) Next(t *Terms, expert uuid.UUID, waiting []Request, at time.Time) (which int, best Decision, ok bool) {
	i, there := p.place[expert]
	if !there {
		return 0, best, false
	}
	now := at.UnixMilli()
	for n := range waiting {
		r := &waiting[n]
		if !p.serves(t, r, i) {
			continue
		}
		parts := p.score(&t.Weights, r, t.Weights.own(r, at), i, now)
		d := Decision{expert, parts, parts.Total(), i}
		if !ok || d.Score > best.Score || d.Score == best.Score && r.Before(&waiting[which]) < 0 {
			which, best, ok = n, d, true
		}
	}
	return which, best, ok
}
