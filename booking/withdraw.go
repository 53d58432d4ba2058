package booking

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// Withdraw cancels what a member of an organisation booked with its money for days on which they no longer belong. Their
// rider sees it at once, as with any cancellation, and gets their own part back in full: it was not they who cancelled.
// Again changes nothing; a ride that has begun meanwhile is left to end.
func (s *Service) Withdraw(ctx context.Context, t tenant.ID, member uuid.UUID) error {
	rides, err := s.db.Read(t).ToWithdraw(ctx, member)
	if err != nil {
		return err
	}
	var failed error
	for _, ride := range rides {
		if err := s.withdraw(ctx, t, ride.Booking); err != nil {
			if kind := fault.As(err).Kind; kind != fault.Conflict && kind != fault.NotFound {
				failed = errors.Join(failed, err) // the others are not its business
			}
		}
	}
	return failed
}

func (s *Service) withdraw(ctx context.Context, t tenant.ID, booking uuid.UUID) error {
	_, err := s.onMoney(ctx, By{Tenant: t}, idem.Claim{}, booking, http.StatusOK, func(sc *scene) (Result, error) {
		v := sc.trip.view(sc.row)
		was := v.State
		back, err := sc.trip.seats.Cancel(&v, sc.terms.Policy, sc.now)
		if err != nil {
			return Result{}, err
		}
		if was == seat.Confirmed { // a hold was not paid yet
			back.Amount = sc.row.Fare.Amount
		}
		sc.row.Refund = toRider(sc.row, back.Amount)
		sc.giveUp(was, back.Amount)
		sc.trip.change(sc.row, v.State)
		sc.deed, sc.note = "booking.withdraw", map[string]any{"refund": *sc.row.Refund, "why": "left_organisation"}
		return Result{Booking: *sc.row}, nil
	})
	return err
}
