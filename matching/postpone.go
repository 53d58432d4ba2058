package matching

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// MoveAppointment gives an appointment another time, by the same rules as when it was booked: money that was set aside for the old one is let go, and
// what pays for the new one is set aside shortly before it.
func (s *Service) MoveAppointment(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, due time.Time) error {
	if due.IsZero() {
		return fault.New("required").At("/due_at")
	}
	return s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, http.StatusOK, func() (any, error) {
			a, err := tx.Appointment(ctx, id)
			if store.IsNotFound(err) || err == nil && a.Client != by.User {
				return nil, fault.New("appointment_not_found")
			}
			if err != nil {
				return nil, err
			}
			g, err := tx.AppointmentGround(ctx, a.Queue, by.User, id, due) // the queue is locked before its appointments
			if err != nil {
				return nil, err
			}
			if a, err = tx.LockAppointment(ctx, id); err != nil {
				return nil, err
			}
			if !a.State.Open() {
				return nil, over(a)
			}
			a.Due = due
			if err := bookable(g, &a); err != nil {
				return nil, err
			}
			if err := letFundsGo(ctx, tx, a.Funds, "unbooked"); err != nil {
				return nil, err
			}
			a.State, a.Funds, a.Refused, a.N = store.AppointmentBooked, uuid.Nil, "", a.N+1
			if err := overlaps(tx.KeepAppointment(ctx, a)); err != nil {
				return nil, err
			}
			return nil, fundLater(ctx, tx, a)
		})
		return err
	})
}
