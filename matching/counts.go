package matching

import (
	"sync/atomic"
	"time"

	"github.com/waymeet/waymeet/store"
)

// decisionBounds are the upper ends of the classes in which the time of decisions is counted.
var decisionBounds = [...]time.Duration{
	10 * time.Microsecond, 50 * time.Microsecond, 200 * time.Microsecond, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond,
}

// ends are what becomes of offers, as they are counted.
var ends = []string{"accepted", "declined", "missed", "cancelled", "rescinded", "dropped", "lost", "done"}

// counts is what this node has done.
type counts struct {
	classes [len(decisionBounds) + 1]atomic.Uint64
	sum     atomic.Int64
	made    atomic.Uint64
	ended   map[string]*atomic.Uint64
	shown   atomic.Uint64
	inside  atomic.Uint64
}

func newCounts() *counts {
	c := &counts{ended: map[string]*atomic.Uint64{}}
	for _, e := range ends {
		c.ended[e] = &atomic.Uint64{}
	}
	return c
}

// decided counts n decisions that took so long together: each its share.
func (c *counts) decided(took time.Duration, n int) {
	if n == 0 {
		return
	}
	each := took / time.Duration(n)
	i := 0
	for i < len(decisionBounds) && each > decisionBounds[i] {
		i++
	}
	c.classes[i].Add(uint64(n))
	c.sum.Add(int64(took))
}

// waited counts a wait that somebody was shown a range of.
func (c *counts) waited(inside bool) {
	c.shown.Add(1)
	if inside {
		c.inside.Add(1)
	}
}

// answered counts what became of an offer.
func (c *counts) answered(d store.Decision) {
	if n := c.ended[d.State]; n != nil && d.Refused == "" && !d.Repeated {
		n.Add(1)
	}
}

// Stats is what this node has done since it began.
type Stats struct {
	Queues    int // that it owns
	Decisions struct {
		Count   uint64
		Sum     time.Duration
		Classes map[time.Duration]uint64 // how many took at most that long
	}
	Rung   uint64            // offers made
	Ended  map[string]uint64 // and decided here, by what became of them
	Shown  uint64            // waits that somebody was shown a range of
	Inside uint64            // and that fell inside it
}

// Stats says what this node has done.
func (s *Service) Stats() Stats {
	c := s.counts
	out := Stats{Queues: s.matcher.owned(), Rung: c.made.Load(), Shown: c.shown.Load(), Inside: c.inside.Load(), Ended: map[string]uint64{}}
	for e, n := range c.ended {
		out.Ended[e] = n.Load()
	}
	out.Decisions.Sum, out.Decisions.Classes = time.Duration(c.sum.Load()), map[time.Duration]uint64{}
	for i := range c.classes {
		out.Decisions.Count += c.classes[i].Load()
		if i < len(decisionBounds) {
			out.Decisions.Classes[decisionBounds[i]] = out.Decisions.Count
		}
	}
	return out
}
