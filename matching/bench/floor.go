package bench

import (
	"container/heap"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/matching/solver"
)

// floor is a matcher at work on a simulated clock: what happens is in events, what it decides is timed.
type floor struct {
	*world
	pool    *solver.Pool
	now     time.Time
	events  events
	count   int
	waiting []solver.Request // nobody could serve them yet
	batch   []solver.Request // held back to be decided together

	place   map[uuid.UUID]int // of an expert in the world
	took    []time.Duration   // of each decision
	decided func(r *solver.Request, expert int)
}

// load is how much of their time experts talk, in the mean.
const load = 0.85

type event struct {
	at   time.Time
	turn int // of equals the one that was planned first
	do   func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].turn < e[j].turn
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any     { last := (*e)[len(*e)-1]; *e = (*e)[:len(*e)-1]; return last }

func newFloor(w *world) *floor {
	f := &floor{world: w, pool: solver.NewPool(), now: opening, place: map[uuid.UUID]int{}}
	for i, e := range w.experts {
		f.pool.Put(e)
		f.place[e.ID] = i
	}
	return f
}

// rate is how many arrive in a second for that load.
func (f *floor) rate() float64 { return load * float64(len(f.experts)) / meanTalk.Seconds() }

func (f *floor) plan(at time.Time, do func()) {
	f.count++
	heap.Push(&f.events, event{at, f.count, do})
}

// run lets happen what happens until then.
func (f *floor) run(until time.Time) {
	for len(f.events) > 0 && !f.events[0].at.After(until) {
		e := heap.Pop(&f.events).(event)
		f.now = e.at
		e.do()
	}
}

// arrive is a new request: decided at once, or with the others that want the same few.
func (f *floor) arrive(r solver.Request) {
	if len(f.batch)+len(f.waiting) > 0 && solver.Wait(f.pool.Candidates(&f.terms, &r), 1+len(f.batch)+len(f.waiting)) > 0 {
		if f.batch = append(f.batch, r); len(f.batch) == 1 {
			f.plan(f.now.Add(solver.Window), f.together)
		} else if len(f.batch) == solver.MaxBatch {
			f.together()
		}
		return
	}
	if !f.offer(&r) {
		f.wait(r)
	}
}

// offer decides about one request.
func (f *floor) offer(r *solver.Request) bool {
	began := time.Now()
	d, ok := f.pool.Decide(&f.terms, r, f.now)
	f.took = append(f.took, time.Since(began))
	if ok {
		f.take(r, d)
	}
	return ok
}

// together decides about a micro-batch. Each of its requests took its part of the time.
func (f *floor) together() {
	batch := f.batch
	if f.batch = nil; len(batch) == 0 {
		return
	}
	began := time.Now()
	chosen := f.pool.Assign(&f.terms, batch, f.now)
	each := time.Since(began) / time.Duration(len(batch))
	served := map[int]bool{}
	for _, c := range chosen {
		f.take(&batch[c.Request], c.Decision)
		served[c.Request] = true
	}
	for i, r := range batch {
		if f.took = append(f.took, each); !served[i] {
			f.wait(r)
		}
	}
}

func (f *floor) take(r *solver.Request, d solver.Decision) {
	if !f.pool.Take(d.Expert) {
		panic("bench: an expert was taken twice")
	}
	f.decided(r, f.place[d.Expert])
}

// wait keeps a request until an expert comes back or a ring widens.
func (f *floor) wait(r solver.Request) {
	ring, next := f.terms.Rings.At(f.now.Sub(r.Placed))
	r.Ring = ring
	f.waiting = append(f.waiting, r)
	if next > 0 {
		f.plan(r.Placed.Add(next), func() { f.widen(r.ID) })
	}
}

func (f *floor) widen(id uuid.UUID) {
	i := slices.IndexFunc(f.waiting, func(r solver.Request) bool { return r.ID == id })
	if i < 0 {
		return
	}
	r := f.waiting[i]
	f.waiting = slices.Delete(f.waiting, i, i+1)
	if r.Ring, _ = f.terms.Rings.At(f.now.Sub(r.Placed)); !f.offer(&r) {
		f.wait(r)
	}
}

// back is an expert who is free again.
func (f *floor) back(i int) {
	id := f.experts[i].ID
	f.pool.Give(id, f.now)
	if len(f.waiting) == 0 {
		return // nothing to decide
	}
	began := time.Now()
	n, d, ok := f.pool.Next(&f.terms, id, f.waiting, f.now)
	f.took = append(f.took, time.Since(began))
	if ok {
		r := f.waiting[n]
		f.waiting = slices.Delete(f.waiting, n, n+1)
		f.take(&r, d)
	}
}
