package matching

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/matching/queue"
	"github.com/waymeet/waymeet/matching/solver"
	"github.com/waymeet/waymeet/store"
)

const (
	whole    = 5 * time.Second        // everybody is read anew: presence runs out without a word
	calm     = time.Second            // between rounds that nothing asks for: what this node was not told of
	retry    = 300 * time.Millisecond // after PostgreSQL did not answer
	deserted = time.Minute            // nobody has waited for so long: the queues are given up
	most     = 1000                   // who waits, looked at in a round
	patience = 5 * time.Second        // for one round
)

// floor is where a tenant's experts and those who wait in the queues that this node owns are brought together: one pool of the
// experts, since queues share them. What it knows is a guess: each round reads who waits, the experts of whom something was heard, and
// everybody every few seconds; and what PostgreSQL refuses is looked at again.
type floor struct {
	s      *Service
	tenant tenant.ID
	wake   chan struct{}

	mu      sync.Mutex
	given   []store.Owned          // guarded by mu: queues to serve from the next round on
	stirred map[uuid.UUID]struct{} // guarded by mu: experts to be looked at again
	owns    map[uuid.UUID]bool     // guarded by mu: the keys of queues and given

	// owned by run
	queues  map[uuid.UUID]*owned
	pools   map[pool]*solver.Pool
	seats   map[uuid.UUID]seat
	tongues map[string]solver.Language
	refused map[[2]uuid.UUID]bool // request and expert, until everybody is read anew
	wholeAt time.Time
	renewed time.Time
	busyAt  time.Time // when somebody waited last
	waitsAt time.Time
}

// owned is a queue that this node makes the offers of.
type owned struct {
	store.Owned
	terms    solver.Terms
	ring     time.Duration
	overflow uuid.UUID
	waiting  queue.Definition // of clients who are called
	known    bool             // its terms were read
	waits    waits
}

// pool is which experts are looked at together: those of one currency, who are connected or must be woken.
type pool struct {
	currency string
	push     bool
}

// seat is where an expert is found, and what their minute costs.
type seat struct {
	pool
	minute int64
}

func newFloor(s *Service, t tenant.ID) *floor {
	return &floor{s: s, tenant: t, wake: make(chan struct{}, 1), stirred: map[uuid.UUID]struct{}{}, owns: map[uuid.UUID]bool{},
		queues: map[uuid.UUID]*owned{}, tongues: map[string]solver.Language{}, busyAt: time.Now()}
}

func (f *floor) take(o store.Owned) {
	f.mu.Lock()
	f.given, f.owns[o.Queue] = append(f.given, o), true
	f.mu.Unlock()
	f.rouse()
}

func (f *floor) stir(experts []uuid.UUID) {
	f.mu.Lock()
	for _, e := range experts {
		f.stirred[e] = struct{}{}
	}
	f.mu.Unlock()
	f.rouse()
}

func (f *floor) rouse() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *floor) serves(queue uuid.UUID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.owns[queue]
}

func (f *floor) expecting() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.given) > 0
}

// run serves until ctx ends or there is nothing left to serve.
func (f *floor) run(ctx context.Context, left func() bool) {
	defer f.giveUp(ctx)
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
			time.Sleep(company) // what is heard next is of the same round
		case <-next.C:
		}
		pause, err := f.round(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			f.s.log.Warn("matching: a round came to nothing", "tenant", f.tenant, "error", err)
			pause, f.wholeAt = retry, time.Time{}
		}
		if len(f.queues) == 0 && left() {
			return
		}
		next.Reset(min(max(pause, 0), calm))
	}
}

// round renews, reads, decides and rings once; it says when the next one is due.
func (f *floor) round(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stirred := f.hear()
	now := time.Now()
	if err := f.renew(ctx, now); err != nil || len(f.queues) == 0 {
		return calm, err
	}
	if err := f.read(ctx, stirred, now); err != nil {
		return 0, err
	}
	tell := now.Sub(f.waitsAt) >= waitsEvery
	waiting, err := f.s.db.Read(f.tenant).RequestsToServe(ctx, slices.Collect(maps.Keys(f.queues)), tell, most)
	if err != nil {
		return 0, err
	}
	if len(waiting) > 0 {
		f.busyAt = now
	} else if now.Sub(f.busyAt) > deserted {
		f.giveUp(ctx)
		return 0, nil
	}
	rings, next := f.decide(waiting, time.Now())
	if missed := f.ring(ctx, rings); missed {
		next = 0 // a guess was wrong: look again at once
	}
	if tell {
		f.waitsAt = now
		f.tellWaits(ctx, waiting)
	}
	return min(next, f.s.lease/3), nil
}

// hear takes what came since the last round.
func (f *floor) hear() []uuid.UUID {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.given {
		f.queues[o.Queue] = &owned{Owned: o}
		f.wholeAt = time.Time{}
	}
	f.given = nil
	stirred := slices.Collect(maps.Keys(f.stirred))
	clear(f.stirred)
	return stirred
}

// renew keeps the queues for another lease, when a third of it is over. Those of somebody else are dropped.
func (f *floor) renew(ctx context.Context, now time.Time) error {
	if now.Sub(f.renewed) < f.s.lease/3 {
		return nil
	}
	for _, o := range f.queues {
		if err := f.s.Renew(ctx, o.Owned); errors.Is(err, ErrNotOwner) {
			f.drop(o)
		} else if err != nil {
			return err
		}
	}
	f.renewed = now
	return nil
}

// drop forgets a queue that is somebody else's by now.
func (f *floor) drop(o *owned) {
	delete(f.queues, o.Queue)
	f.mu.Lock()
	delete(f.owns, o.Queue)
	f.mu.Unlock()
}

// giveUp lets the next owner have everything at once.
func (f *floor) giveUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	for _, o := range f.queues {
		if err := f.s.GiveUp(ctx, o.Owned); err != nil {
			f.s.log.Debug("matching: a queue's lease runs out by itself", "queue", o.Queue, "error", err)
		}
		f.drop(o)
	}
}

// read brings the pools up to date: with the experts of whom something was heard, or with everybody and the queues' terms.
func (f *floor) read(ctx context.Context, stirred []uuid.UUID, now time.Time) error {
	r := f.s.db.Read(f.tenant)
	if now.Sub(f.wholeAt) < whole {
		if len(stirred) == 0 {
			return nil
		}
		ready, err := r.ExpertsReady(ctx, stirred)
		if err != nil {
			f.stir(stirred)
			return err
		}
		for _, id := range stirred {
			f.forget(id)
		}
		f.put(ready)
		return nil
	}
	terms, err := r.QueueTerms(ctx, slices.Collect(maps.Keys(f.queues)))
	if err != nil {
		return err
	}
	for _, q := range terms {
		o := f.queues[q.ID]
		o.terms, o.ring, o.overflow = termsOf(q.Rings, q.Weights), q.Ring, q.Overflow
		o.waiting = definitionOf(q.Rings, q.Callbacks)
		o.known = true
	}
	ready, err := r.ExpertsReady(ctx, nil)
	if err != nil {
		return err
	}
	f.pools, f.seats, f.refused = map[pool]*solver.Pool{}, map[uuid.UUID]seat{}, map[[2]uuid.UUID]bool{}
	f.put(ready)
	f.wholeAt = now
	return nil
}

func (f *floor) forget(expert uuid.UUID) {
	if s, known := f.seats[expert]; known {
		f.pools[s.pool].Remove(expert)
		delete(f.seats, expert)
	}
}

func (f *floor) put(ready []store.ReadyExpert) {
	for _, e := range ready {
		s := seat{pool{string(e.Minute.Currency), e.Push}, e.Minute.Amount}
		p := f.pools[s.pool]
		if p == nil {
			p = solver.NewPool()
			f.pools[s.pool] = p
		}
		x := solver.Expert{ID: e.ID, Levels: map[solver.Skill]uint8{}, Price: e.Minute.Amount, Rating: e.Rating, Slots: e.Slots, IdleSince: e.IdleSince}
		for _, n := range e.Skills {
			x.Levels[n.Skill] = n.Level
		}
		for _, l := range e.Languages {
			x.Speaks = append(x.Speaks, f.tongue(l))
		}
		for _, m := range e.Modalities {
			x.Modalities = append(x.Modalities, modalities[m])
		}
		p.Put(x)
		f.seats[e.ID] = s
	}
}

// tongue is how the pools call a language.
func (f *floor) tongue(name string) solver.Language {
	n, known := f.tongues[name]
	if !known {
		n = solver.Language(len(f.tongues))
		f.tongues[name] = n
	}
	return n
}
