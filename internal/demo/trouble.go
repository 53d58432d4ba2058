package demo

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
)

// trouble is what a dispatcher sees of an ordinary day: some trips around now run late, and one does not run. A
// board that shows such a trip had its share.
func (c *city) trouble(ctx context.Context, trips []*event.Trip) error {
	now, by := c.Now(), dispatch.By{Tenant: c.id}
	cancelled := false
	for _, t := range trips {
		if t.Status == "cancelled" {
			return nil
		}
	}
	for _, t := range trips {
		left := t.DepartsAt.Sub(now)
		dice := binary.BigEndian.Uint64(t.ID[8:])
		var err error
		switch {
		case t.Status == "scheduled" && !cancelled && left > 25*time.Minute && left < time.Hour:
			cancelled = true
			_, err = c.Dispatch.Cancel(ctx, by, idem.Claim{}, t.ID, c.reasons[dice%uint64(len(c.reasons))])
		case (t.Status == "scheduled" || t.Status == "departed") && left > -40*time.Minute && left < 40*time.Minute && dice%8 == 0:
			_, err = c.Dispatch.Delay(ctx, by, idem.Claim{}, t.ID, int(120+dice/8%9*60))
		}
		if err != nil && !refusal(err) {
			return err
		}
	}
	return nil
}
