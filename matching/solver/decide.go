package solver

import (
	"bytes"
	"time"

	"github.com/google/uuid"
)

// Terms are what a queue decides by.
type Terms struct {
	Weights Weights
	Rings   Rings
}

// Decision is who a request should be offered to, and why.
type Decision struct {
	Expert uuid.UUID
	Parts  Parts
	Score  int64
	place  int
}

// better is the order of decisions about one request: the score, and then the smaller id.
func (d *Decision) better(o *Decision) bool {
	return d.Score > o.Score || d.Score == o.Score && bytes.Compare(d.Expert[:], o.Expert[:]) < 0
}

// Candidates is how many free experts could serve a request as it is relaxed now.
func (p *Pool) Candidates(t *Terms, r *Request) int {
	n := 0
	p.candidates(t, r).each(func(i int) {
		if r.Ceiling <= 0 || p.experts[i].price <= r.Ceiling {
			n++
		}
	})
	return n
}

// Decide is the best free expert for a request.
func (p *Pool) Decide(t *Terms, r *Request, at time.Time) (best Decision, ok bool) {
	own, now := t.Weights.own(r, at), at.UnixMilli()
	p.candidates(t, r).each(func(i int) {
		if r.Ceiling > 0 && p.experts[i].price > r.Ceiling {
			return
		}
		parts := p.score(&t.Weights, r, own, i, now)
		d := Decision{p.experts[i].id, parts, parts.Total(), i}
		if !ok || d.better(&best) {
			best, ok = d, true
		}
	})
	return best, ok
}

// Best are the k best, the best first. What it returns holds until the next question.
func (p *Pool) Best(t *Terms, r *Request, at time.Time, k int) []Decision {
	own, now := t.Weights.own(r, at), at.UnixMilli()
	top := p.row[:0]
	p.candidates(t, r).each(func(i int) {
		if r.Ceiling > 0 && p.experts[i].price > r.Ceiling {
			return
		}
		parts := p.score(&t.Weights, r, own, i, now)
		top = keep(top, Decision{p.experts[i].id, parts, parts.Total(), i}, k)
	})
	p.row = top
	return settle(top)
}

// candidates is everybody free with the skills, a language and the modality, less those who are excepted.
func (p *Pool) candidates(t *Terms, r *Request) set {
	if r.Modality >= modalities {
		return nil
	}
	p.found = append(p.found[:0], p.free...)
	found, ring := p.found.and(p.reach[r.Modality]), t.Rings.of(r.Ring)
	for _, n := range ring.asked(r.Needs) {
		found = found.and(p.with(n.Skill, ring.level(n)))
	}
	if len(r.Speaks) > 0 {
		for i := range found {
			any := uint64(0)
			for _, l := range r.Speaks {
				if int(l) < len(p.speak) && i < len(p.speak[l]) {
					any |= p.speak[l][i]
				}
			}
			found[i] &= any
		}
	}
	for _, id := range r.Except {
		if i, ok := p.place[id]; ok {
			found.put(i, false)
		}
	}
	if r.Only != uuid.Nil {
		i, known := p.place[r.Only]
		known = known && found.has(i)
		clear(found)
		if known {
			found.put(i, true)
		}
	}
	return found
}

// serves says whether one expert is among a request's candidates, without asking about the others.
func (p *Pool) serves(t *Terms, r *Request, i int) bool {
	if r.Modality >= modalities || !p.free.has(i) || !p.reach[r.Modality].has(i) || r.Only != uuid.Nil && r.Only != p.experts[i].id || r.Ceiling > 0 && p.experts[i].price > r.Ceiling {
		return false
	}
	ring := t.Rings.of(r.Ring)
	for _, n := range ring.asked(r.Needs) {
		if p.level(n.Skill, i) < ring.level(n) {
			return false
		}
	}
	spoken := len(r.Speaks) == 0
	for _, l := range r.Speaks {
		spoken = spoken || int(l) < len(p.speak) && p.speak[l].has(i)
	}
	for _, id := range r.Except {
		if id == p.experts[i].id {
			return false
		}
	}
	return spoken
}
