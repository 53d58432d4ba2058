package matching

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/matching/queue"
	"github.com/waymeet/waymeet/store"
)

// CallMe lets a client who has waited for long go: they keep their place, nobody is rung meanwhile, and they are called when their turn
// comes. Repeated, it changes nothing.
func (s *Service) CallMe(ctx context.Context, by By, request uuid.UUID) error {
	return s.turn(ctx, by.Tenant, request, func(tx *store.Tx, x store.Turn, d queue.Definition, r queue.Request) error {
		if x.Client != by.User {
			return fault.New("request_not_found")
		}
		next, done := r.Hear(queue.CallMe, 0, x.At)
		switch {
		case done:
			return tx.KeepTurn(ctx, x, callingOf(d, next))
		case r.State == queue.Callback:
			return nil
		case r.State == queue.Offered:
			return fault.New("request_rung")
		case r.State == queue.Matched:
			return fault.New("request_matched")
		case r.State.Over():
			return fault.New("request_over")
		}
		return fault.New("callback_not_offered")
	})
}

// Here says that the client is there, called or not: they wait on in their place, and experts are rung for them.
func (s *Service) Here(ctx context.Context, by By, request uuid.UUID) error {
	var in uuid.UUID
	err := s.turn(ctx, by.Tenant, request, func(tx *store.Tx, x store.Turn, d queue.Definition, r queue.Request) error {
		if x.Client != by.User {
			return fault.New("request_not_found")
		}
		if r.State == queue.Cancelled {
			return fault.New("request_over")
		}
		next, done := r.Hear(queue.Back, 0, x.At)
		if !done {
			return nil // they were there
		}
		in = x.Queue
		return tx.KeepTurn(ctx, x, callingOf(d, next))
	})
	if err == nil && in != uuid.Nil {
		s.matcher.placed(by.Tenant, in)
	}
	return err
}

// call calls a client whose turn has come, for the queue's owner: on every screen of theirs, and on their browsers if they may be woken.
func (s *Service) call(ctx context.Context, o store.Owned, request uuid.UUID) error {
	return s.turn(ctx, o.Tenant, request, func(tx *store.Tx, x store.Turn, d queue.Definition, r queue.Request) error {
		if held, err := tx.HoldQueue(ctx, o); err != nil || !held {
			if err == nil {
				err = ErrNotOwner
			}
			return err
		}
		next, done := d.Ring(r, x.At)
		if !done || x.Queue != o.Queue {
			return nil // they came, or went, meanwhile
		}
		c := callingOf(d, next)
		if err := tx.KeepTurn(ctx, x, c); err != nil {
			return err
		}
		wake := errand.Push{User: x.Client, What: errand.PushCall, About: request, N: c.Calls, Until: c.Until}
		return tx.AddJob(ctx, wake, wake.Key())
	})
}

// dropUncalled ends the wait of a client who did not come when they were called for the last time, and lets their money go.
func (s *Service) dropUncalled(ctx context.Context, t tenant.ID, request uuid.UUID) error {
	return s.turn(ctx, t, request, func(tx *store.Tx, x store.Turn, _ queue.Definition, r queue.Request) error {
		if x.State != store.RequestWaiting || r.State != queue.Cancelled {
			return nil
		}
		if _, err := tx.DecideOffers(ctx, []store.OfferDeed{{Verb: store.RequestCancel, Request: request}}); err != nil {
			return err
		}
		return letGo(ctx, tx, request)
	})
}

// turn decides about a request behind its lock, as time has left it.
func (s *Service) turn(ctx context.Context, t tenant.ID, request uuid.UUID, decide func(*store.Tx, store.Turn, queue.Definition, queue.Request) error) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		x, err := tx.LockTurn(ctx, request)
		if store.IsNotFound(err) {
			return fault.New("request_not_found")
		}
		if err != nil {
			return err
		}
		d := definitionOf(x.Rings, x.Callbacks)
		r, _, _ := d.Pass(standingOf(d, x.State, x.PlacedAt, x.Out, x.Calling), x.At)
		return decide(tx, x, d, r)
	})
}

// definitionOf is what a queue says of those who wait and of those who are called. What moves a request to another queue is the matcher's.
func definitionOf(rings json.RawMessage, c store.Callbacks) queue.Definition {
	d := queue.Definition{Rings: termsOf(rings, nil).Rings, Call: c.Call, Calls: c.Calls}
	if c.Callback {
		d.Callback = c.After
	}
	return d
}

// standingOf is a request as its rules see it: what is kept of a call is when it is over.
func standingOf(d queue.Definition, state store.RequestState, placed time.Time, out int, c store.Calling) queue.Request {
	r := queue.Request{State: queue.State(state), Placed: placed, Calls: c.Calls}
	if !c.Until.IsZero() {
		r.Called = c.Until.Add(-d.Call)
	}
	switch {
	case state != store.RequestWaiting:
	case c.Away:
		r.State = queue.Callback
	case out > 0:
		r.State = queue.Offered
	}
	return r
}

// callingOf is what is kept of it.
func callingOf(d queue.Definition, r queue.Request) store.Calling {
	c := store.Calling{Away: r.State == queue.Callback, Calls: r.Calls}
	if c.Away && r.Calls > 0 {
		c.Until = r.Called.Add(d.Call)
	}
	return c
}
