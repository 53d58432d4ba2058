package booking

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// Cash is the way of paying that is declared, not taken: the driver collects it.
const Cash = "cash"

// Confirm turns a hold into a booking.
func (s *Service) Confirm(ctx context.Context, by By, claim idem.Claim, booking uuid.UUID, pay string) (Result, error) {
	if pay != Cash {
		return Result{}, fault.New("payment_not_taken").At("/pay")
	}
	return s.on(ctx, by, claim, booking, http.StatusOK, func(sc *scene) (Result, error) {
		v := sc.trip.view(sc.row)
		if err := sc.trip.seats.Confirm(&v, sc.now); err != nil {
			return Result{}, err
		}
		sc.row.Pay = pay
		sc.trip.change(sc.row, v.State)
		sc.deed, sc.note = "booking.confirm", map[string]any{"pay": pay}
		return Result{Booking: *sc.row}, nil
	})
}

// on sends a decision about a booking to the desk. The trip is looked up first, without a lock: should the booking have
// moved when the lock is there, the decision does not find it.
func (s *Service) on(ctx context.Context, by By, claim idem.Claim, booking uuid.UUID, status int, d decision) (Result, error) {
	b, err := s.Get(ctx, by.Tenant, booking)
	if err != nil {
		return Result{}, err
	}
	return s.desk.submit(ctx, &request{tenant: by.Tenant, by: by.User, claim: claim, trip: b.Trip, booking: booking, status: status, decide: d})
}
