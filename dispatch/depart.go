package dispatch

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
)

// Depart says that a trip has left its first stop: its sale is over.
func (d *Desk) Depart(ctx context.Context, by By, claim idem.Claim, trip uuid.UUID) (event.Trip, error) {
	return d.operate(ctx, by, claim, trip, "trip.depart", nil, func(t *event.Trip) error {
		if err := waiting(t); err != nil {
			return err
		}
		t.Status = string(seat.Departed)
		return nil
	})
}
