package billing

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// request is one journal that waits for its batch.
type request struct {
	tenant  tenant.ID
	journal ledger.Journal

	lead chan struct{} // capacity 1: this request's caller runs the next batch
	done chan reply    // capacity 1: a caller that went away holds nobody up
}

type reply struct {
	recorded store.Recorded
	err      error
}

// desk lets journals that arrive while a batch is under way form the next one. It starts no goroutine: the caller whose
// journal comes first runs the batch for all in it.
type desk struct {
	batch, flights int
	perform        func(context.Context, tenant.ID, []*request)

	mu    sync.Mutex
	lanes map[tenant.ID]*lane // guarded by mu
}

// lane is one tenant's queue; a tenant that floods fills its own.
type lane struct {
	waiting []*request
	flying  int           // leaders that were chosen
	recent  int           // how many rode in the last batch: as many are likely to come again
	enough  int           // a leader waits until so many wait; 0: nobody does
	full    chan struct{} // capacity 1: enough wait
}

// patience is how long a leader waits for those who are likely to come: callers who were just answered ask again at once,
// and one who left without them would make all of them wait for a commit of its own. A lone caller never waits.
const patience = time.Millisecond

func newDesk(batch, flights int, perform func(context.Context, tenant.ID, []*request)) *desk {
	return &desk{batch: batch, flights: flights, perform: perform, lanes: map[tenant.ID]*lane{}}
}

// submit waits for the request's own answer.
func (d *desk) submit(ctx context.Context, r *request) (store.Recorded, error) {
	r.lead, r.done = make(chan struct{}, 1), make(chan reply, 1)
	l := d.join(r)
	for {
		select {
		case <-r.lead:
			d.fly(ctx, l, r)
		case a := <-r.done:
			return a.recorded, a.err
		case <-ctx.Done():
			d.leave(l, r)
			select {
			case <-r.lead: // chosen to lead at the last moment: the others must not wait for ever
				d.fly(ctx, l, r)
			default:
			}
			return store.Recorded{}, ctx.Err()
		}
	}
}

func (d *desk) join(r *request) *lane {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.lanes[r.tenant]
	if l == nil {
		l = &lane{full: make(chan struct{}, 1)}
		d.lanes[r.tenant] = l
	}
	l.waiting = append(l.waiting, r)
	if l.enough > 0 && len(l.waiting) >= l.enough {
		l.enough = 0
		l.full <- struct{}{}
	}
	d.start(l)
	return l
}

// leave takes a request back whose caller went away, unless it leads or a batch has it already.
func (d *desk) leave(l *lane, r *request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(l.waiting, r); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}

// start chooses as many leaders as may fly, those first who waited longest. A leader rides in its own batch. Called under mu.
func (d *desk) start(l *lane) {
	for len(l.waiting) > 0 && l.flying < d.flights {
		leader := l.waiting[0]
		l.waiting = slices.Delete(l.waiting, 0, 1)
		l.flying++
		leader.lead <- struct{}{}
	}
}

// fly leads one batch and then lets those who arrived meanwhile form the next.
func (d *desk) fly(ctx context.Context, l *lane, leader *request) {
	d.gather(l)
	batch := d.board(l, leader)
	defer d.land(l, leader.tenant) // also when something panics: nobody may wait for a batch that is gone
	d.perform(ctx, leader.tenant, batch)
}

// gather waits a moment for those who are likely to come; one leader at a time does.
func (d *desk) gather(l *lane) {
	d.mu.Lock()
	likely := min(l.recent, d.batch) - 1 // beside the leader
	wait := l.enough == 0 && len(l.waiting) < likely
	if wait {
		l.enough = likely
	}
	d.mu.Unlock()
	if !wait {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-l.full:
		return
	case <-timer.C:
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	l.enough = 0
	select { // it became full just now
	case <-l.full:
	default:
	}
}

// board takes the leader and those who wait.
func (d *desk) board(l *lane, leader *request) []*request {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := min(len(l.waiting), d.batch-1)
	batch := append([]*request{leader}, l.waiting[:n]...)
	l.waiting = slices.Delete(l.waiting, 0, n)
	l.recent = len(batch)
	return batch
}

func (d *desk) land(l *lane, t tenant.ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.flying--
	d.start(l)
	if l.flying == 0 && len(l.waiting) == 0 && d.lanes[t] == l {
		delete(d.lanes, t)
	}
}
