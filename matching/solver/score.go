package solver

import "time"

// Weights say what counts how much in a queue, from 0 to MaxWeight. A part is 0 to 1000 before it is weighed.
type Weights struct {
	Proficiency int64
	Rating      int64
	Price       int64
	Sticky      int64
	Idle        int64
	Generalist  int64
	Priority    int64 // of each step of priority
	Waited      int64 // of each second
	Reference   int64 // the price of a minute that is worth half the points where a request has no ceiling
}

// MaxWeight is the most that one thing may count.
const MaxWeight = 1000

// DefaultWeights are those of a queue that says nothing.
var DefaultWeights = Weights{Proficiency: 40, Rating: 25, Price: 20, Sticky: 60, Idle: 50, Generalist: 15, Priority: 100, Waited: 100}

// Bounds of what a part counts.
const (
	idleFull    = 10 * time.Minute // idle for longer counts as this
	waitedFull  = 2 * time.Hour
	generalFull = 10 // skills that are not asked for
	maxPriority = 9
)

// Parts is why: what each thing added to a score, weighed.
type Parts struct {
	Proficiency int64 `json:"proficiency"`
	Rating      int64 `json:"rating"`
	Price       int64 `json:"price"`
	Sticky      int64 `json:"sticky"`
	Idle        int64 `json:"idle"`
	Generalist  int64 `json:"generalist"` // never above 0
	Priority    int64 `json:"priority"`   // this and the next are the request's own: the same with every expert
	Waited      int64 `json:"waited"`
}

// Total is the score.
func (p Parts) Total() int64 { return p.fit() + p.Priority + p.Waited }

// fit is how well the two go together.
func (p Parts) fit() int64 {
	return p.Proficiency + p.Rating + p.Price + p.Sticky + p.Idle + p.Generalist
}

// own are the request's parts: they tell requests apart that want the same expert, never experts.
func (w *Weights) own(r *Request, at time.Time) Parts {
	waited := min(max(at.Sub(r.Placed), 0), waitedFull)
	return Parts{
		Priority: w.Priority * 1000 * int64(min(max(r.Priority, 0), maxPriority)),
		Waited:   w.Waited * int64(waited/time.Second),
	}
}

// score is why the expert at i would be right. That they can serve the request at all is known.
func (p *Pool) score(w *Weights, r *Request, own Parts, i int, at int64) Parts {
	e := &p.experts[i]
	parts := own
	matched := 0
	if len(r.Needs) > 0 {
		sum := int64(0)
		for _, n := range r.Needs {
			if l := p.level(n.Skill, i); l > 0 {
				sum, matched = sum+int64(l), matched+1
			}
		}
		parts.Proficiency = w.Proficiency * (sum * 1000 / int64(MaxLevel*len(r.Needs)))
	}
	parts.Rating = w.Rating * int64(e.rating) * 2
	if full := cheap(w, r); full > 0 && e.price < full {
		parts.Price = w.Price * (1000 - e.price*1000/full)
	}
	for _, id := range r.Sticky {
		if id == e.id {
			parts.Sticky = w.Sticky * 1000
			break
		}
	}
	idle := min(max(at-e.idleSince, 0), idleFull.Milliseconds())
	parts.Idle = w.Idle * (idle * 1000 / idleFull.Milliseconds())
	parts.Generalist = -w.Generalist * int64(min(e.skills-matched, generalFull)) * (1000 / generalFull)
	return parts
}

// cheap is the price from which on nothing is added.
func cheap(w *Weights, r *Request) int64 {
	if r.Ceiling > 0 {
		return r.Ceiling
	}
	return 2 * w.Reference
}
