package booking

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// Cash is the way of paying that is declared, not taken: the driver collects it.
const Cash = string(funding.Cash)

// Confirm turns a hold into a booking that is paid at once: in cash (declared), from the rider's wallet, or by nobody but the
// employer when nothing is left to pay. A card takes Pay first.
func (s *Service) Confirm(ctx context.Context, by By, claim idem.Claim, booking uuid.UUID, pay string) (Result, error) {
	switch way := funding.Way(pay); way {
	case funding.Cash, funding.Wallet, funding.Covered:
	default:
		return Result{}, fault.New("payment_not_taken").At("/pay")
	}
	return s.onMoney(ctx, by, claim, booking, http.StatusOK, func(sc *scene) (Result, error) {
		v := sc.trip.view(sc.row)
		if err := sc.trip.seats.Confirm(&v, sc.now); err != nil {
			return Result{}, err
		}
		if pay == string(funding.Covered) && fund(sc.row).Share() > 0 {
			return Result{}, fault.New("payment_not_taken").At("/pay")
		}
		sc.row.Pay = pay
		sc.money.take(fund(sc.row))
		sc.money.callOff(sc.row.Payment) // whoever pays otherwise is not charged too
		sc.trip.change(sc.row, v.State)
		sc.deed, sc.note = "booking.confirm", map[string]any{"pay": pay}
		return Result{Booking: *sc.row}, nil
	})
}

// on sends a decision about a booking to the desk. The trip is looked up first, without a lock: should the booking have
// moved when the lock is there, the decision does not find it.
func (s *Service) on(ctx context.Context, by By, claim idem.Claim, booking uuid.UUID, status int, d decision) (Result, error) {
	return s.send(ctx, &request{tenant: by.Tenant, by: by.User, claim: claim, booking: booking, status: status, decide: d})
}

// onMoney is on for what may move money.
func (s *Service) onMoney(ctx context.Context, by By, claim idem.Claim, booking uuid.UUID, status int, d decision) (Result, error) {
	return s.send(ctx, &request{tenant: by.Tenant, by: by.User, claim: claim, booking: booking, status: status, decide: d, money: true})
}

func (s *Service) send(ctx context.Context, r *request) (Result, error) {
	b, err := s.Get(ctx, r.tenant, r.booking)
	if err != nil {
		return Result{}, err
	}
	r.trip = b.Trip
	return s.desk.submit(ctx, r)
}
