// Package turns divides what is scarce (connections to PostgreSQL, reads of sets) among tenants.
//
// So many may have it at once, and at most a share of them one tenant. A quarter is kept for tenants that have none, one each: of those who
// have something, each beside the one that asks for more has come for its one. So it takes more tenants than are kept places for, all with
// something slow, until one that has nothing waits. Those that wait are served tenant by tenant, in turn: however much one asks for, another
// waits for one of it at most, and whoever has something that lasts is not passed over for that.
//
// It owns no truth and starts no goroutine. Whoever gives up waiting leaves no trace; whoever took and never gives back keeps a place.
package turns

import (
	"container/list"
	"context"
	"slices"
	"sync"

	"github.com/waymeet/waymeet/identity/tenant"
)

// Turns lets some at a time go. It is safe for use by many goroutines.
type Turns struct {
	share int // of one tenant
	kept  int // for tenants that have none

	mu    sync.Mutex
	free  int                      // guarded by mu
	under map[tenant.ID]int        // guarded by mu: turns under way; no zeros
	lines map[tenant.ID]*list.List // guarded by mu: the turns (chan struct{}) that are waited for, oldest first; no empty ones
	order []tenant.ID              // guarded by mu: the tenants in lines, whose turn is next first
}

// Of lets atOnce go at once, and of one tenant at most share; whatever the share is, a quarter, and one at least, is for others.
func Of(atOnce, share int) *Turns {
	return &Turns{free: atOnce, share: share, kept: min(max(atOnce/4, 1), atOnce-1), under: map[tenant.ID]int{}, lines: map[tenant.ID]*list.List{}}
}

// Share is how many one tenant may have.
func (q *Turns) Share() int { return q.share }

// Waiting is how many wait, of all tenants.
func (q *Turns) Waiting() (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, line := range q.lines {
		n += line.Len()
	}
	return n
}

// Take waits for a tenant's turn. Without an error, which is ctx's, the caller must give it back.
func (q *Turns) Take(ctx context.Context, t tenant.ID) error {
	place := q.stand(t)
	if place == nil {
		return nil
	}
	select {
	case <-turn(place):
		return nil
	case <-ctx.Done():
	}
	if q.leave(t, place) {
		return ctx.Err()
	}
	return nil // it has come just now
}

// turn is closed when it has come.
func turn(place *list.Element) chan struct{} { return place.Value.(chan struct{}) }

// may says whether a tenant may have one more of what is free. Called with mu held.
//
// While anybody has something, free+len(under) stays above kept: a tenant's first takes from the one what it adds to the other, and any
// further one is let go only where that leaves enough. So something is free for as long as no more than kept tenants have something.
func (q *Turns) may(t tenant.ID) bool {
	others := len(q.under) - 1 // that have come for their one
	return q.free > 0 && (q.under[t] == 0 || q.under[t] < q.share && q.free > q.kept-others)
}

// stand puts somebody in line; nil: they may go at once.
func (q *Turns) stand(t tenant.ID) *list.Element {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.may(t) { // and so would those in line before them, if there were any
		q.let(t)
		return nil
	}
	line := q.lines[t]
	if line == nil {
		line = list.New()
		q.lines[t], q.order = line, append(q.order, t)
	}
	return line.PushBack(make(chan struct{}))
}

// leave takes somebody out of the line, unless their turn has come.
func (q *Turns) leave(t tenant.ID, place *list.Element) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-turn(place):
		return false
	default:
	}
	line := q.lines[t]
	if line.Remove(place); line.Len() == 0 {
		delete(q.lines, t)
		q.order = slices.DeleteFunc(q.order, func(o tenant.ID) bool { return o == t })
	}
	return true
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
	for {
		next := slices.IndexFunc(q.order, q.may)
		if next < 0 {
			return
		}
		t := q.order[next]
		line := q.lines[t]
		first := line.Front()
		line.Remove(first)
		q.order = slices.Delete(q.order, next, next+1)
		if line.Len() == 0 {
			delete(q.lines, t)
		} else {
			q.order = append(q.order, t) // behind the others
		}
		q.let(t)
		close(turn(first))
	}
}

func (q *Turns) let(t tenant.ID) {
	q.free--
	q.under[t]++
}
