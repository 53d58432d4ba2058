package dispatch

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// departAhead is how long before its time a trip may leave at most.
const departAhead = 15 * time.Minute

// Depart says that a trip has left its first stop: its sale is over.
func (d *Desk) Depart(ctx context.Context, by By, claim idem.Claim, trip uuid.UUID) (event.Trip, error) {
	return d.operate(ctx, by, claim, trip, "trip.depart", nil, func(t *event.Trip, now time.Time) error {
		if err := waiting(t); err != nil {
			return err
		}
		if now.Before(t.DepartsAt.Add(-departAhead)) { // a slip of the finger would end its sale, and there is no way back
			return fault.New("too_early_to_depart")
		}
		t.Status = string(seat.Departed)
		return nil
	})
}
