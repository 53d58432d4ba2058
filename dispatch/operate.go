package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// By is on whose behalf something is done.
type By struct {
	Tenant tenant.ID
	User   uuid.UUID // the nil UUID: the system itself
}

// operate changes one trip under its lock, once per claim, and leaves an audit row.
func (d *Desk) operate(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, deed string, detail any, change func(t *event.Trip, now time.Time) error) (event.Trip, error) {
	var answer json.RawMessage
	err := d.db.InTx(ctx, by.Tenant, func(tx *store.Tx) (err error) {
		answer, _, err = tx.Once(ctx, claim, 200, func() (any, error) {
			seats, err := tx.Seats(ctx, store.SeatsAsk{Trips: []uuid.UUID{id}})
			if err != nil {
				return nil, err
			}
			if len(seats.Trips) == 0 {
				return nil, fault.New("trip_not_found")
			}
			t := seats.Trips[0]
			if err := change(&t, seats.Now); err != nil {
				return nil, err
			}
			t.Version++
			tx.Operate(t)
			if err := tx.Emit(t.Change()); err != nil {
				return nil, err
			}
			return t, tx.Audit(store.Audit{Actor: by.User, Action: deed, Target: t.Entity(), Detail: detail})
		})
		return err
	})
	if err != nil {
		return event.Trip{}, fmt.Errorf("dispatch: %s on %s: %w", deed, id, err)
	}
	var t event.Trip
	if err := json.Unmarshal(answer, &t); err != nil {
		return event.Trip{}, fmt.Errorf("dispatch: %s on %s: read the kept answer: %w", deed, id, err)
	}
	return t, nil
}

// running refuses what cannot be done to a trip that is over or never was.
func running(t *event.Trip) error {
	switch seat.Status(t.Status) {
	case seat.Cancelled:
		return fault.New("trip_cancelled")
	case seat.Completed:
		return fault.New("trip_departed")
	}
	return nil
}

// waiting refuses what can only be done before a trip leaves.
func waiting(t *event.Trip) error {
	if seat.Status(t.Status) == seat.Departed {
		return fault.New("trip_departed")
	}
	return running(t)
}

// told turns a refusal of the seat kernel into words for people.
func told(err error) error {
	var r *seat.Refusal
	if errors.As(err, &r) && r.Reason == seat.CapacityInvalid {
		return fault.New("capacity_invalid", fault.Params{"max": seat.MaxCapacity}).At("/capacity")
	}
	return err
}
