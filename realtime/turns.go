package realtime

import (
	"context"
	"slices"
	"sync"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

// turns lets reads of sets go to PostgreSQL: so many at once, a share of them one tenant's, those that wait tenant by tenant. So
// however many sets one tenant asks for, another's read waits for reads that are under way, never for those that wait.
type turns struct {
	mu    sync.Mutex
	free  int                     // guarded by mu
	share int                     // of one tenant
	under map[tenant.ID]int       // guarded by mu: reads under way; no zeros
	lines map[tenant.ID][]*waiter // guarded by mu: those that wait, oldest first; no empty ones
	order []tenant.ID             // guarded by mu: the tenants in lines, whose turn is next first
}

type waiter struct {
	turn chan struct{} // closed when it has come
	left bool          // guarded by turns.mu: nobody waits any more
}

// newTurns divides half of the connections to PostgreSQL; the other half is whoever else's. One tenant may have as many turns as
// there are processors, because building what was read costs these, and leaves half to others.
func newTurns(connections, processors int) *turns {
	atOnce := max(connections/2, 2)
	return turnsOf(atOnce, min(max(processors, 2), atOnce/2))
}

func turnsOf(atOnce, share int) *turns {
	return &turns{free: atOnce, share: share, under: map[tenant.ID]int{}, lines: map[tenant.ID][]*waiter{}}
}

// take waits for a tenant's turn. Without an error the caller must give it back.
func (q *turns) take(ctx context.Context, t tenant.ID) error {
	w := q.stand(t)
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
		return fault.New("unavailable").Because(ctx.Err())
	}
}

// stand puts a read in line, and lets it go if it may.
func (q *turns) stand(t tenant.ID) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := &waiter{turn: make(chan struct{})}
	if q.lines[t] == nil {
		q.order = append(q.order, t)
	}
	q.lines[t] = append(q.lines[t], w)
	q.call()
	return w
}

// giveBack ends a turn.
func (q *turns) giveBack(t tenant.ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free++
	if q.under[t]--; q.under[t] == 0 {
		delete(q.under, t)
	}
	q.call()
}

// call lets go whoever may: of the tenants that wait the one that has least under way, and of several the one whose turn is
// next. Called with mu held.
func (q *turns) call() {
	for q.free > 0 {
		next := -1
		for i, t := range q.order {
			if q.under[t] < q.share && (next < 0 || q.under[t] < q.under[q.order[next]]) {
				next = i
			}
		}
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
