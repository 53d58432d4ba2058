package booking

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/idem"
)

// NoShow records that the riders did not come. Their seats stay theirs: the vehicle has gone.
func (s *Service) NoShow(ctx context.Context, by By, claim idem.Claim, booking uuid.UUID) (Result, error) {
	return s.on(ctx, by, claim, booking, http.StatusOK, func(sc *scene) (Result, error) {
		v := sc.trip.view(sc.row)
		was := v.State
		if err := sc.trip.seats.MarkNoShow(&v, sc.now); err != nil {
			return Result{}, err
		}
		if v.State != was {
			sc.trip.change(sc.row, v.State)
			sc.deed = "booking.no_show"
		}
		return Result{Booking: *sc.row}, nil
	})
}
