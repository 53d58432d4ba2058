package booking

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/store"
)

// SettleEnded closes trips that ended a while ago: who boarded has travelled, who did not come is a no-show, the trip is
// completed. A scan that a phone kept offline even longer still turns a no-show into a rider. On a trip that was cancelled,
// riders who never chose get everything back.
func (s *Service) SettleEnded(ctx context.Context) error {
	for {
		found, err := s.db.System().TripsEnded(ctx, time.Now().Add(-s.grace), bite)
		if err != nil {
			return err
		}
		settled := 0
		for _, f := range found {
			var changed bool
			err := s.db.InTx(ctx, f.Tenant, func(tx *store.Tx) (err error) {
				changed, err = settle(ctx, tx, f.Trip)
				return err
			})
			if err != nil {
				return fmt.Errorf("booking: settle trip %s: %w", f.Trip, err)
			}
			if changed {
				settled++
			}
		}
		if len(found) < bite || settled == 0 { // what does not change is not asked for again and again
			return nil
		}
	}
}

func settle(ctx context.Context, tx *store.Tx, trip uuid.UUID) (changed bool, err error) {
	seats, err := tx.Seats(ctx, store.SeatsAsk{Trips: []uuid.UUID{trip}})
	if err != nil || len(seats.Trips) == 0 {
		return false, err
	}
	a := newAct(seats.Trips[0])
	if a.seats.Status == seat.Completed {
		return false, nil // another node was faster
	}
	open, err := tx.OpenBookings(ctx, trip)
	if err != nil {
		return false, err
	}
	if a.seats.Status != seat.Cancelled {
		a.seats.Status, a.touched = seat.Completed, true
	}
	paid, err := coveredOf(ctx, tx, &seats, open)
	if err != nil {
		return false, err
	}
	var books settlement
	for i := range open {
		b := &open[i]
		v := a.view(b)
		back, err := a.seats.Settle(&v, seats.Now)
		if err != nil {
			return false, fmt.Errorf("booking: settle %s: %w", b.ID, err)
		}
		was := b.State
		if err := books.add(ctx, tx, paid, b, v.State, back.Amount); err != nil {
			return false, err
		}
		if string(v.State) == was {
			continue
		}
		if v.State == seat.Withdrawn {
			b.Refund = toRider(b, back.Amount)
			if err := tx.Audit(store.Audit{Action: "booking.cancel", Target: b.Entity(), Detail: map[string]any{"refund": *b.Refund, "currency": back.Currency}}); err != nil {
				return false, err
			}
		}
		a.change(b, v.State)
	}
	if paid != nil {
		paid.Put(tx)
	}
	if err := books.write(ctx, tx); err != nil {
		return false, err
	}
	return a.touched, write(tx, map[uuid.UUID]*act{trip: a}, &store.SeatsResult{})
}
