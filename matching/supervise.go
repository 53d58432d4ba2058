package matching

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Prioritise lets somebody who waits in a queue be served sooner, or later. Whoever is rung for them rings on.
func (s *Service) Prioritise(ctx context.Context, by By, claim idem.Claim, request, in uuid.UUID, priority int) error {
	if err := between(priority, 0, 9, "/priority"); err != nil {
		return err
	}
	err := s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, http.StatusOK, func() (any, error) {
			err := waitsIn(ctx, tx, request, in)
			if err == nil {
				err = supervise(ctx, tx, request, &priority, uuid.Nil)
			}
			if err != nil {
				return nil, err
			}
			return nil, tx.Audit(store.Audit{Actor: by.User, Action: "request.priority", Target: "request/" + request.String(), Detail: map[string]any{"priority": priority}})
		})
		return err
	})
	if err == nil {
		s.matcher.stir(by.Tenant) // whoever owns its queue looks again
	}
	return err
}

// Move lets somebody who waits in a queue wait on in another, from when they were placed. What rings for them is taken back first: it rings by the old queue's rules.
func (s *Service) Move(ctx context.Context, by By, claim idem.Claim, request, from, queue uuid.UUID) error {
	var freed []uuid.UUID
	err := s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, http.StatusOK, func() (any, error) {
			if err := waitsIn(ctx, tx, request, from); err != nil {
				return nil, err
			}
			open, err := tx.OpenOffersFor(ctx, request)
			if err != nil {
				return nil, err
			}
			for _, offer := range open { // each locks the request before its expert
				d, err := tx.DecideOffer(ctx, store.OfferRescind, offer, uuid.Nil)
				if err != nil {
					return nil, err
				}
				freed = append(freed, d.Freed...)
			}
			if err := supervise(ctx, tx, request, nil, queue); err != nil {
				return nil, err
			}
			return nil, tx.Audit(store.Audit{Actor: by.User, Action: "request.move", Target: "request/" + request.String(), Detail: map[string]any{"from": from, "to": queue}})
		})
		return err
	})
	if err == nil {
		s.matcher.stir(by.Tenant, freed...)
		s.matcher.placed(by.Tenant, queue)
	}
	return err
}

// Spill opens a queue's overflow now: everybody for whom nobody is rung at this moment waits on there, in their places. It says how many they are.
func (s *Service) Spill(ctx context.Context, by By, claim idem.Claim, queue uuid.UUID) (moved int, err error) {
	var into uuid.UUID
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, http.StatusOK, func() (any, error) {
			q, err := queueOf(ctx, &tx.Reader, queue)
			if err != nil {
				return nil, err
			}
			if into = q.Overflow; into == uuid.Nil {
				return nil, fault.New("queue_no_overflow")
			}
			waiting, err := tx.Waiting(ctx, queue, mostOnBoard)
			if err != nil {
				return nil, err
			}
			n := 0
			for _, w := range waiting { // in their places, whoever spills: two do not wait for each other
				err := supervise(ctx, tx, w.ID, nil, into)
				switch f := fault.As(err); {
				case err == nil:
					n++
				case f.Code == "queue_closed": // nobody goes anywhere
					return nil, err
				case f.Kind != fault.Conflict && f.Kind != fault.Invalid:
					return nil, err
				} // rung, taken, or not for that queue: it stays
			}
			return n, tx.Audit(store.Audit{Actor: by.User, Action: "queue.overflow", Target: "queue/" + queue.String(), Detail: map[string]any{"to": into, "moved": n}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &moved)
	})
	if err == nil {
		s.matcher.placed(by.Tenant, into)
	}
	return moved, err
}

// waitsIn refuses a request that is not in the queue in which whoever supervises it found it: they may not run the one that it is in. It
// stays there until the transaction ends.
func waitsIn(ctx context.Context, tx *store.Tx, request, queue uuid.UUID) error {
	r, err := tx.LockTurn(ctx, request)
	switch {
	case store.IsNotFound(err):
		return fault.New("request_not_found")
	case err == nil && r.Queue != queue:
		return fault.New("request_moved")
	}
	return err
}

func supervise(ctx context.Context, tx *store.Tx, request uuid.UUID, priority *int, queue uuid.UUID) error {
	refused, err := tx.Supervise(ctx, request, priority, queue)
	if err == nil && refused != "" {
		err = fault.New(refused)
	}
	return err
}
