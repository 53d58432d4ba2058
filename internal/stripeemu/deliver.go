package stripeemu

import (
	"context"
	"math/rand/v2"
	"time"
)

func (e *Emulator) nudge() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

const tries = 5

// deliver posts what is due, one at a time: endpoints see a burst as a burst of requests in a row.
func (e *Emulator) deliver(ctx context.Context) {
	for ctx.Err() == nil {
		p, wait := e.take()
		if p == nil {
			select {
			case <-e.wake:
			case <-time.After(wait):
			case <-ctx.Done():
			}
			continue
		}
		status, err := e.Deliver(ctx, *p)
		e.mu.Lock()
		e.posting--
		if p.tries++; (err != nil || status/100 != 2) && p.tries < tries {
			p.next = time.Now().Add(time.Duration(p.tries*p.tries) * 100 * time.Millisecond)
			e.outbox = append(e.outbox, p)
		}
		e.mu.Unlock()
		if err != nil {
			e.log.Info("a webhook was not taken", "event", p.ID, "err", err)
		}
	}
}

// take is the next posting that is due, or how long until there may be one.
func (e *Emulator) take() (*Posting, time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.held || len(e.outbox) == 0 {
		return nil, time.Minute
	}
	now, soonest := time.Now(), time.Minute
	var due []int
	for i, p := range e.outbox {
		if wait := p.next.Sub(now); wait > 0 {
			soonest = min(soonest, wait)
			continue
		}
		due = append(due, i)
	}
	if len(due) == 0 {
		return nil, soonest
	}
	i := due[0]
	if s := e.mood.Shuffle; s != 0 {
		i = due[rand.New(rand.NewPCG(s, uint64(len(e.outbox)))).IntN(len(due))]
	}
	p := e.outbox[i]
	e.outbox = append(e.outbox[:i], e.outbox[i+1:]...)
	e.posting++
	return p, 0
}
