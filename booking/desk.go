package booking

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// request is one verb on one trip, with the decision that it brings.
type request struct {
	tenant  tenant.ID
	by      uuid.UUID
	claim   idem.Claim
	trip    uuid.UUID
	booking uuid.UUID // nil for a hold
	status  int       // of the kept answer
	decide  decision
	money   bool                                           // its decision may move money
	prepare func(context.Context, *store.Tx, *scene) error // reads what a decision about money needs; nil: nothing

	lead chan struct{} // capacity 1: this request's caller runs the next batch
	done chan reply    // capacity 1: a caller that went away holds nobody up
}

type reply struct {
	result Result
	err    error
}

// desk lets requests that arrive while a batch is under way form the next one. It starts no goroutine: the caller whose
// request comes first runs the batch for all in it.
type desk struct {
	batch, flights int
	perform        func(context.Context, tenant.ID, []*request)

	mu    sync.Mutex
	lanes map[tenant.ID]*lane // guarded by mu
}

// lane is one tenant's queue; a tenant that floods fills its own.
type lane struct {
	waiting []*request
	busy    map[uuid.UUID]*request // trips of batches under way, each with the request that leads
	flying  int
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
func (d *desk) submit(ctx context.Context, r *request) (Result, error) {
	r.lead, r.done = make(chan struct{}, 1), make(chan reply, 1)
	l := d.join(r)
	for {
		select {
		case <-r.lead:
			d.fly(ctx, l, r)
		case a := <-r.done:
			return a.result, a.err
		case <-ctx.Done():
			d.leave(l, r)
			select {
			case <-r.lead: // chosen to lead at the last moment: the others must not wait for ever
				d.fly(ctx, l, r)
			default:
			}
			return Result{}, ctx.Err()
		}
	}
}

func (d *desk) join(r *request) *lane {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.lanes[r.tenant]
	if l == nil {
		l = &lane{busy: map[uuid.UUID]*request{}, full: make(chan struct{}, 1)}
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

// leave takes a request back whose caller went away, unless a batch has it already.
func (d *desk) leave(l *lane, r *request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(l.waiting, r); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}

// start chooses as many leaders as may fly. A leader's trip is its own from now on. Called under mu.
func (d *desk) start(l *lane) {
	for _, r := range l.waiting {
		if l.flying == d.flights {
			return
		}
		if l.busy[r.trip] == nil {
			l.busy[r.trip] = r
			l.flying++
			r.lead <- struct{}{}
		}
	}
}

// fly leads one batch and then lets those who arrived meanwhile form the next.
func (d *desk) fly(ctx context.Context, l *lane, leader *request) {
	d.gather(l)
	batch := d.board(l, leader)
	defer d.land(l, leader, batch) // also when a decision panics: nobody may wait for a batch that is gone
	if len(batch) > 0 {
		d.perform(ctx, leader.tenant, batch)
	}
}

// gather waits a moment for those who are likely to come; one leader at a time does.
func (d *desk) gather(l *lane) {
	d.mu.Lock()
	wait := l.enough == 0 && l.recent > 1 && len(l.waiting) < min(l.recent, d.batch)
	if wait {
		l.enough = min(l.recent, d.batch)
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

// board takes the first requests whose trips no other batch has, no key and no booking twice.
func (d *desk) board(l *lane, leader *request) (batch []*request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rest := l.waiting[:0]
	for _, r := range l.waiting {
		if other := l.busy[r.trip]; len(batch) == d.batch || (other != nil && other != leader) || claimedIn(batch, r) {
			rest = append(rest, r)
			continue
		}
		batch = append(batch, r)
		l.busy[r.trip] = leader
	}
	clear(l.waiting[len(rest):])
	l.waiting = rest
	if len(batch) > 0 {
		l.recent = len(batch)
	}
	return batch
}

// land frees the trips of a batch.
func (d *desk) land(l *lane, leader *request, batch []*request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.flying--
	delete(l.busy, leader.trip) // also when its own request left before the batch was formed
	for _, r := range batch {
		delete(l.busy, r.trip)
	}
	d.start(l)
	if l.flying == 0 && len(l.waiting) == 0 && d.lanes[leader.tenant] == l {
		delete(d.lanes, leader.tenant)
	}
}

// claimedIn keeps the same key, and two steps of one booking, out of one batch: the second must see what the first did.
func claimedIn(batch []*request, r *request) bool {
	for _, o := range batch {
		if (!r.claim.None() && r.claim.Same(o.claim)) || (r.booking != uuid.Nil && r.booking == o.booking) {
			return true
		}
	}
	return false
}
