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

// Capacity records another vehicle at once, whatever is sold: what no longer fits becomes overload, the sale of
// those legs is closed, and seats that come back pay it first.
func (d *Desk) Capacity(ctx context.Context, by By, claim idem.Claim, trip uuid.UUID, capacity int) (event.Trip, error) {
	return d.operate(ctx, by, claim, trip, "trip.capacity", map[string]any{"capacity": capacity}, func(t *event.Trip, _ time.Time) error {
		if err := running(t); err != nil {
			return err
		}
		if capacity < 0 || capacity > seat.MaxCapacity {
			return fault.New("capacity_invalid", fault.Params{"max": seat.MaxCapacity}).At("/capacity")
		}
		v := seat.Inventory{Capacity: t.Capacity, Free: t.Free, Overload: t.Overload}
		if err := v.SetCapacity(int16(capacity)); err != nil {
			return told(err)
		}
		t.Capacity, t.Free, t.Overload = v.Capacity, v.Free, v.Overload
		return nil
	})
}
