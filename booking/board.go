package booking

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// Board records that the riders of a booking are on the vehicle. A repeat changes nothing and says who boarded, and when.
func (s *Service) Board(ctx context.Context, by By, claim idem.Claim, booking uuid.UUID) (Result, error) {
	return s.onMoney(ctx, by, claim, booking, http.StatusCreated, func(sc *scene) (Result, error) {
		v := sc.trip.view(sc.row)
		already, err := sc.trip.seats.Board(&v, sc.terms.Policy, sc.now)
		if err != nil {
			return Result{}, err
		}
		if already {
			return Result{Booking: *sc.row, Already: true}, nil
		}
		sc.row.BoardedAt, sc.row.BoardedBy = sc.now, by.User
		sc.money.collect(fund(sc.row))
		if sc.trip.seats.Status == seat.Completed { // a scan that came after the trip was settled
			sc.money.record(fund(sc.row).EarnedShare())
		}
		sc.trip.change(sc.row, v.State)
		sc.deed = "booking.board"
		return Result{Booking: *sc.row}, nil
	})
}

// Scanned is the booking that a ticket stands for. trip is where it was scanned; nil accepts any. The ticket's age does not
// count here: the driver's phone refused what was out of date, and a scan that it kept while it was offline may come
// late. What counts is the booking's state, and Board looks at that.
func (s *Service) Scanned(ctx context.Context, t tenant.ID, token string, trip uuid.UUID) (uuid.UUID, error) {
	keys, err := s.publicKeys(ctx, t)
	if err != nil {
		return uuid.Nil, err
	}
	ticket, err := seat.Verify(token, func(k seat.KID) ed25519.PublicKey { return keys[k] }, epoch)
	if err != nil {
		return uuid.Nil, fault.New("ticket_invalid").At("/token").Because(err)
	}
	if tenant.ID(ticket.Tenant) != t {
		return uuid.Nil, fault.New("ticket_invalid").At("/token").Because(errors.New("booking: a key signed for another tenant"))
	}
	if has(trip) && uuid.UUID(ticket.Trip) != trip {
		return uuid.Nil, fault.New("ticket_other_trip").At("/token")
	}
	b, err := s.Get(ctx, t, ticket.Booking)
	if err != nil {
		return uuid.Nil, err
	}
	if b.Trip != uuid.UUID(ticket.Trip) { // moved since: the rider has a newer ticket
		return uuid.Nil, fault.New("ticket_other_trip").At("/token")
	}
	return b.ID, nil
}
