package dispatch

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
)

// Cancel says that a trip does not run, and why. Nobody can hold or confirm a seat on it any more; who has one gets
// everything back on giving it back, whenever that is. What becomes of them otherwise is their choice.
func (d *Desk) Cancel(ctx context.Context, by By, claim idem.Claim, trip uuid.UUID, reason string) (event.Trip, error) {
	return d.operate(ctx, by, claim, trip, "trip.cancel", map[string]any{"reason": reason}, func(t *event.Trip, _ time.Time) error {
		if err := running(t); err != nil {
			return err
		}
		t.Status, t.Incident = string(seat.Cancelled), reason
		return nil
	})
}
