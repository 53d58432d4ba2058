package dispatch

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// The bounds of a delay: an hour early, a day late. The table has the same ones.
const (
	Earliest = -3600
	Latest   = 86400
)

// Delay records how late a trip runs; negative is early.
func (d *Desk) Delay(ctx context.Context, by By, claim idem.Claim, trip uuid.UUID, seconds int) (event.Trip, error) {
	return d.operate(ctx, by, claim, trip, "trip.delay", map[string]any{"delay_s": seconds}, func(t *event.Trip, _ time.Time) error {
		if err := running(t); err != nil {
			return err
		}
		if seconds < Earliest || seconds > Latest {
			return fault.New("delay_invalid", fault.Params{"min": Earliest / 60, "max": Latest / 60}).At("/delay_s")
		}
		t.DelayS = int32(seconds)
		return nil
	})
}
