// Package turns divides what is scarce (connections to PostgreSQL, reads of sets) among tenants.
//
// So many may have it at once, a share of them one tenant's; those that wait are served tenant by tenant, in turn. So however much
// one tenant asks for, another waits for one of it at most, and whoever has something that lasts is not passed over for that.
//
// It owns no truth and starts no goroutine. Whoever gives up waiting leaves no trace; whoever took and never gives back keeps a place.
package turns

import (
	"context"
	"slices"
	"sync"

	"github.com/waymeet/waymeet/identity/tenant"
)

// Turns lets some at a time go. It is safe for use by many goroutines.
type Turns struct {
	share int // of one tenant

	mu    sync.Mutex
	free  int                     // guarded by mu
	under map[tenant.ID]int       // guarded by mu: turns under way; no zeros
	lines map[tenant.ID][]*waiter // guarded by mu: those that wait, oldest first; no empty ones
	order []tenant.ID             // guarded by mu: the tenants in lines, whose turn is next first
}

// Of lets atOnce go at once, and of one tenant at most share.
func Of(atOnce, share int) *Turns {
	return &Turns{free: atOnce, share: share, under: map[tenant.ID]int{}, lines: map[tenant.ID][]*waiter{}}
}

// Share is how many one tenant may have.
func (q *Turns) Share() int { return q.share }

type waiter struct {
	turn chan struct{} // closed when it has come
	left bool          // guarded by Turns.mu: nobody waits any more
}

// Waiting is how many wait, of all tenants.
func (q *Turns) Waiting() (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, line := range q.lines {
		for _, w := range line {
			if !w.left {
				n++
			}
		}
	}
	return n
}

// Take waits for a tenant's turn. Without an error, which is ctx's, the caller must give it back.
func (q *Turns) Take(ctx context.Context, t tenant.ID) error {
	w := q.stand(t)
	if w == nil {
		return nil
	}
	select {
	case <-w.turn:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-w.turn: // just now
		return nil
	default:
		w.left = true
		return ctx.Err()
	}
}

// stand puts somebody in line; nil: they may go at once.
func (q *Turns) stand(t tenant.ID) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.free > 0 && q.under[t] < q.share && q.lines[t] == nil { // whoever waits while something is free has their share
		q.free--
		q.under[t]++
		return nil
	}
	w := &waiter{turn: make(chan struct{})}
	if q.lines[t] == nil {
		q.order = append(q.order, t)
	}
	q.lines[t] = append(q.lines[t], w)
	q.call() // past those in line who wait no more
	return w
}

// GiveBack ends a turn.
func (q *Turns) GiveBack(t tenant.ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free++
	if q.under[t]--; q.under[t] == 0 {
		delete(q.under, t)
	}
	q.call()
}

// call lets go whoever may: of the tenants that wait the one whose turn is next. Called with mu held.
func (q *Turns) call() {
	for q.free > 0 {
		next := slices.IndexFunc(q.order, func(t tenant.ID) bool { return q.under[t] < q.share })
		if next < 0 {
			return
		}
		t := q.order[next]
		w := q.lines[t][0]
		q.lines[t] = q.lines[t][1:]
		q.order = slices.Delete(q.order, next, next+1)
		if len(q.lines[t]) == 0 {
			delete(q.lines, t)
		} else {
			q.order = append(q.order, t) // behind the others
		}
		if !w.left {
			q.free--
			q.under[t]++
			close(w.turn)
		}
	}
}
