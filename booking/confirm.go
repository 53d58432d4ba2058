package booking

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Cash is the way of paying that is declared, not taken: the driver collects it.
const Cash = string(funding.Cash)

// Confirm turns a hold into a booking that is paid at once: in cash (declared), from the rider's wallet, with a pass of theirs,
// or by nobody but the employer when nothing is left to pay. A card takes Pay first.
func (s *Service) Confirm(ctx context.Context, by By, claim idem.Claim, booking uuid.UUID, pay string) (Result, error) {
	r := &request{tenant: by.Tenant, by: by.User, claim: claim, booking: booking, status: http.StatusOK, money: true,
		decide: func(sc *scene) (Result, error) { return confirm(sc, funding.Way(pay)) }}
	switch funding.Way(pay) {
	case funding.Cash, funding.Wallet, funding.Covered:
	case funding.Pass:
		r.prepare = choosePass
	default:
		return Result{}, fault.New("payment_not_taken").At("/pay")
	}
	return s.send(ctx, r)
}

func confirm(sc *scene, pay funding.Way) (Result, error) {
	v := sc.trip.view(sc.row)
	if err := sc.trip.seats.Confirm(&v, sc.now); err != nil {
		return Result{}, err
	}
	if pay == funding.Covered && fund(sc.row).Share() > 0 {
		return Result{}, fault.New("payment_not_taken").At("/pay")
	}
	sc.row.Pay = string(pay)
	if pay == funding.Pass { // which pays all of it
		sc.money.released = has(sc.row.Programme)
		sc.row.Programme, sc.row.Subsidy, sc.row.Pass = uuid.Nil, 0, sc.pass.ID
		sc.money.pass = &passMove{use: sc.pass, ride: rideOf(sc)}
	}
	sc.money.take(fund(sc.row))
	sc.money.callOff(sc.row.Payment) // whoever pays otherwise is not charged too
	sc.trip.change(sc.row, v.State)
	sc.deed, sc.note = "booking.confirm", map[string]any{"pay": pay}
	return Result{Booking: *sc.row}, nil
}

// choosePass finds the rider's pass that goes first; a booking that cannot be confirmed needs none.
func choosePass(ctx context.Context, tx *store.Tx, sc *scene) error {
	if sc.row == nil || sc.row.State != string(seat.Held) {
		return nil
	}
	p, err := tx.PassFor(ctx, sc.row.Rider, rideOf(sc))
	sc.pass = &p
	return err
}

func rideOf(sc *scene) pass.Ride {
	return pass.Ride{Date: sc.row.Date, Line: sc.trip.row.Line, From: sc.row.From.Stop, To: sc.row.To.Stop, Party: int(sc.row.Party)}
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
