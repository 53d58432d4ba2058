package booking

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/idem"
)

// Cancel gives the seats back and says what its rider gets back of what they paid, by the policy that the booking was sold under.
func (s *Service) Cancel(ctx context.Context, by By, claim idem.Claim, booking uuid.UUID) (Result, error) {
	return s.onMoney(ctx, by, claim, booking, http.StatusOK, func(sc *scene) (Result, error) {
		v := sc.trip.view(sc.row)
		was := v.State
		back, err := sc.trip.seats.Cancel(&v, sc.terms.Policy, sc.now)
		if err != nil {
			return Result{}, err
		}
		sc.row.Refund = toRider(sc.row, back.Amount)
		sc.giveUp(was, back.Amount)
		sc.trip.change(sc.row, v.State)
		sc.deed, sc.note = "booking.cancel", map[string]any{"refund": *sc.row.Refund, "currency": back.Currency}
		return Result{Booking: *sc.row}, nil
	})
}
