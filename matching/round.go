package matching

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/matching/solver"
	"github.com/waymeet/waymeet/store"
)

const atOnce = 100 // requests that a round rings for: locks are not kept longer

// ringing is what a round has decided about one request: who is rung for it, that its client is called, or that it goes on to the overflow queue.
type ringing struct {
	queue   *owned
	request uuid.UUID
	ring    int
	who     []store.OfferAsk
	move    bool
	call    bool // its client, who is not there
}

// reason is what is kept of a decision: the parts of the score, how far the request was relaxed, how many there were to choose from,
// and what the expert's minute cost then.
type reason struct {
	solver.Parts
	Score      int64 `json:"score"`
	Ring       int   `json:"ring"`
	Candidates int   `json:"candidates"`
	Minute     int64 `json:"minute"`
}

// open is a request that lacks somebody, and where to look for them.
type open struct {
	*ringing
	solver.Request
	pool       *solver.Pool
	candidates int
	waited     time.Duration
	room       int // more who may be rung at once
}

// decide says who is to be rung for whom, and when the next round is due: who waits is looked at in their places, those who compete
// together.
func (f *floor) decide(waiting []store.ToServe, now time.Time) (rings []*ringing, next time.Duration) {
	next = calm
	byQueue, order := map[uuid.UUID][]*store.ToServe{}, []uuid.UUID(nil)
	for i := range waiting {
		w := &waiting[i]
		if byQueue[w.Queue] == nil {
			order = append(order, w.Queue)
		}
		byQueue[w.Queue] = append(byQueue[w.Queue], w)
	}
	for _, q := range order {
		o := f.queues[q]
		if o == nil || !o.known {
			continue
		}
		began := time.Now()
		made, due := f.decideQueue(o, byQueue[q], now)
		f.s.counts.decided(time.Since(began), len(made))
		rings, next = append(rings, made...), min(next, due)
	}
	return rings, next
}

func (f *floor) decideQueue(o *owned, waiting []*store.ToServe, now time.Time) (rings []*ringing, next time.Duration) {
	next = calm
	var lacking []*open
	due := false
	unserved := 0
	for _, w := range waiting {
		if w.Out == 0 && !w.Away {
			unserved++
		}
	}
	ahead := 0 // who takes an expert before the next one does
	for _, w := range waiting {
		if w.Room <= 0 {
			continue
		}
		at := w.PlacedAt.Add(w.Waited)
		turn := standingOf(o.waiting, store.RequestWaiting, w.PlacedAt, w.Out, w.Calling)
		if w.Away && !o.waiting.MayCall(turn, at) {
			if o.waiting.Ringing(turn, at) {
				ahead++
			}
			continue
		}
		ring, opens := ringAt(o.terms.Rings, w.Waited)
		next = min(next, opens)
		x := &open{ringing: &ringing{queue: o, request: w.ID, ring: ring}, waited: w.Waited, room: w.Room}
		if !f.look(x, o, w, now) {
			if w.Out > 0 || o.overflow == uuid.Nil {
				continue
			}
			if last := o.terms.Rings[len(o.terms.Rings)-1].After + o.ring; w.Waited >= last {
				x.move = true
				rings = append(rings, x.ringing)
			} else {
				next = min(next, last-w.Waited)
			}
			continue
		}
		if w.Away { // called when an expert would be left for them: they keep their place, and nobody waits for them
			if x.candidates > ahead {
				x.call, rings = true, append(rings, x.ringing)
				ahead++
			}
			continue
		}
		if w.Out == 0 {
			ahead++
		}
		if hold := solver.Wait(x.candidates, unserved) - w.Waited; hold > 0 {
			next = min(next, hold)
		} else {
			due = true
		}
		lacking = append(lacking, x)
	}
	if !due {
		return rings, next // who is held back is decided with those who come meanwhile
	}
	for _, p := range f.pools {
		var batch []*open
		for _, x := range lacking {
			if x.pool == p {
				batch = append(batch, x)
			}
		}
		for part := range slices.Chunk(batch, solver.MaxBatch) {
			f.assign(p, o, part, now)
		}
	}
	for _, x := range lacking {
		if len(x.who) > 0 {
			rings = append(rings, x.ringing)
		}
	}
	return rings, next
}

// look finds where a request has candidates: first among the connected whom it has not asked, then those whom it asked in an earlier
// ring; and in the same order among those who must be woken.
func (f *floor) look(x *open, o *owned, w *store.ToServe, now time.Time) bool {
	x.Request = solver.Request{ID: w.ID, Needs: w.Needs, Modality: modalities[w.Modality], Ceiling: w.Ceiling.Amount, Priority: w.Priority,
		Placed: now.Add(-w.Waited), Ring: x.ring, Sticky: w.Before, Only: w.Only}
	for _, l := range w.Languages {
		x.Speaks = append(x.Speaks, f.tongue(l))
	}
	never := append(slices.Clone(w.Never), w.Client)
	for pair := range f.refused {
		if pair[0] == w.ID {
			never = append(never, pair[1])
		}
	}
	fresh := slices.Clone(never)
	for e, ring := range w.Asked {
		fresh = append(fresh, e)
		if ring >= x.ring {
			never = append(never, e)
		}
	}
	for _, push := range []bool{false, true} {
		p := f.pools[pool{string(w.Ceiling.Currency), push}]
		if p == nil {
			continue
		}
		for _, except := range [][]uuid.UUID{fresh, never} {
			x.pool, x.Except = p, except
			if x.candidates = p.Candidates(&o.terms, &x.Request); x.candidates > 0 {
				return true
			}
		}
	}
	return false
}

// assign decides about some requests of a queue together; then those of whom more may be rung at once have more.
func (f *floor) assign(p *solver.Pool, o *owned, part []*open, now time.Time) {
	if len(part) == 1 {
		if d, ok := p.Decide(&o.terms, &part[0].Request, now); ok {
			f.choose(p, part[0], d)
		}
	} else {
		batch := make([]solver.Request, len(part))
		for i, x := range part {
			batch[i] = x.Request
		}
		for _, c := range p.Assign(&o.terms, batch, now) {
			f.choose(p, part[c.Request], c.Decision)
		}
	}
	for _, x := range part {
		for len(x.who) > 0 && len(x.who) < x.room {
			d, ok := p.Decide(&o.terms, &x.Request, now)
			if !ok {
				break
			}
			f.choose(p, x, d)
		}
	}
}

func (f *floor) choose(p *solver.Pool, x *open, d solver.Decision) {
	p.Take(d.Expert)
	x.Except = append(slices.Clone(x.Except), d.Expert)
	why, err := json.Marshal(reason{d.Parts, d.Score, x.ring, x.candidates, f.seats[d.Expert].minute})
	if err != nil {
		panic(err) // integers
	}
	x.who = append(x.who, store.OfferAsk{ID: ident.New(), Expert: d.Expert, Score: why})
}

// ring has PostgreSQL decide what was decided here, all of a round at once; true: something was refused, and the round is worth another.
func (f *floor) ring(ctx context.Context, rings []*ringing) (missed bool) {
	rung := map[uuid.UUID]bool{}
	var asks []store.OffersAsk
	var asked []*ringing
	for _, r := range rings {
		switch {
		case r.move:
			f.lose(r.queue, f.s.overflow(ctx, r.queue.Owned, r.request))
		case r.call:
			f.lose(r.queue, f.s.call(ctx, r.queue.Owned, r.request))
		case slices.ContainsFunc(r.who, func(o store.OfferAsk) bool { return rung[o.Expert] }):
			missed = true // an expert of several slots is rung for another of this round: for this one in the next
		case len(asks) < atOnce:
			for _, o := range r.who {
				rung[o.Expert] = true
			}
			asks, asked = append(asks, store.OffersAsk{Owned: r.queue.Owned, Request: r.request, Ring: r.ring, Who: r.who}), append(asked, r)
		default:
			missed = true
		}
	}
	if len(asks) == 0 {
		return missed
	}
	made, err := f.s.offers(ctx, f.tenant, asks...)
	if err != nil && ctx.Err() == nil {
		f.s.log.Warn("matching: nobody could be rung", "tenant", f.tenant, "requests", len(asks), "error", err)
	}
	for i, of := range made {
		for _, m := range of {
			missed = f.refuse(asked[i], m) || missed
		}
	}
	return missed
}

// lose drops a queue that is somebody else's by now.
func (f *floor) lose(o *owned, err error) {
	if errors.Is(err, ErrNotOwner) {
		f.drop(o)
	} else if err != nil {
		f.s.log.Warn("matching: nobody could be moved", "queue", o.Queue, "error", err)
	}
}

// refuse learns from what PostgreSQL refused. Whether the expert cannot be rung now, or not for this request: both are asked again
// when everybody is read anew, the first also as soon as something is heard of them.
func (f *floor) refuse(r *ringing, m store.OfferMade) bool {
	switch m.Refused {
	case "":
		return false
	case store.OwnerLost:
		f.lose(r.queue, ErrNotOwner)
		return false
	case store.RequestNotFound, "request_over", "request_moved", "request_rung", "request_away":
		f.s.matcher.stir(f.tenant, m.Expert) // they were not rung: their slot is free
		return false
	case "expert_asked", "expert_blocked", "expert_unlicensed", "expert_rung", "expert_unfit", "expert_too_dear":
		f.refused[[2]uuid.UUID{r.request, m.Expert}] = true
		f.s.matcher.stir(f.tenant, m.Expert)
	default:
		f.forget(m.Expert)
	}
	return true
}
