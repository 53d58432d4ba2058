package crowd

import (
	"context"
	"time"

	"github.com/google/uuid"
)

const (
	dispatchEvery = 25 * time.Second
	calmAfter     = 12 * time.Minute // between two cancelled trips
)

// dispatch is the operator's day: some trips run late, now and then the vehicle is a smaller one, and there
// is always one that does not run at all.
func (c *city) dispatch(ctx context.Context) {
	told := map[uuid.UUID]bool{}
	cancelled := time.Now() // the board that we come to had its share
	for pause(ctx, c.mood.stretch(about(dispatchEvery))) {
		c.mu.Lock()
		board := make([]notice, 0, len(c.board))
		for _, n := range c.board {
			board = append(board, n)
		}
		c.mu.Unlock()
		now := time.Now()
		for _, n := range board {
			if told[n.ID] || n.Status != "scheduled" && n.Status != "boarding" {
				continue
			}
			verb, order := trouble(n, now)
			if verb == "" {
				continue
			}
			told[n.ID] = true
			c.try(ctx, verb, c.dispatcher.post(ctx, "/v1/trips/"+n.ID.String()+"/"+verb, order, nil))
			if !pause(ctx, about(3*time.Second)) {
				return
			}
		}
		if n, ok := victim(board, now); ok && time.Since(cancelled) > calmAfter {
			cancelled = time.Now()
			reason := c.tenant.Reasons[int(draw(n.ID, "reason")*float64(len(c.tenant.Reasons)))]
			c.try(ctx, "cancel", c.dispatcher.post(ctx, "/v1/trips/"+n.ID.String()+"/cancel", map[string]string{"reason": reason}, nil))
		}
		if len(told) > 10_000 {
			clear(told) // what is told twice is a delay that stays as it is
		}
	}
}

// trouble is what happens to a trip shortly before it leaves, if anything does.
func trouble(n notice, now time.Time) (verb string, order map[string]any) {
	left := n.leaves().Sub(now)
	switch {
	case left < 0 || left > 14*time.Minute:
		return "", nil
	case n.DelayS == 0 && draw(n.ID, "late") < 0.14:
		return "delay", map[string]any{"delay_s": 120 + 60*int(10*draw(n.ID, "how late"))}
	case n.Capacity >= 12 && draw(n.ID, "smaller") < 0.03:
		return "capacity", map[string]any{"capacity": n.Capacity - 5}
	}
	return "", nil
}

// victim is the trip that will not run, when the board shows none yet.
func victim(board []notice, now time.Time) (worst notice, ok bool) {
	least, coming := 1.0, 0
	for _, n := range board {
		if n.Status == "cancelled" {
			return notice{}, false
		}
		left := n.leaves().Sub(now)
		if n.Status != "scheduled" || left < 15*time.Minute || left > 50*time.Minute {
			continue
		}
		coming++
		if d := draw(n.ID, "cancelled"); d < least {
			least, worst, ok = d, n, true
		}
	}
	return worst, ok && coming > 5
}
