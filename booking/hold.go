package booking

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Hold asks for seats of a trip between two stops.
type Hold struct {
	Trip, From, To uuid.UUID
	Party          int
}

// Hold keeps seats for a few minutes, for the one who asks.
func (s *Service) Hold(ctx context.Context, by By, claim idem.Claim, h Hold) (Result, error) {
	// What can be refused without the trip is refused without its lock.
	if h.Party < 1 || h.Party > seat.MaxParty {
		return Result{}, fault.New("party_invalid", fault.Params{"max": seat.MaxParty}).At("/party")
	}
	if h.From == h.To {
		return Result{}, fault.New("same_stop").At("/to")
	}
	if _, ok := ident.DateOf(h.Trip); !ok {
		return Result{}, fault.New("trip_not_found")
	}
	return s.desk.submit(ctx, &request{tenant: by.Tenant, by: by.User, claim: claim, trip: h.Trip, status: http.StatusCreated,
		decide: func(sc *scene) (Result, error) { return hold(sc, by, h) }})
}

func hold(sc *scene, by By, h Hold) (Result, error) {
	ride, err := sc.table.find(h.From, h.To)
	if err != nil {
		return Result{}, err
	}
	from, to := sc.table.halt(sc.trip.row.DepartsAt, ride.From), sc.table.halt(sc.trip.row.DepartsAt, ride.To)
	to.At = sc.table.arrival(sc.trip.row.DepartsAt, ride.To)
	to.Time = sc.table.clock(to.At)
	want := seat.Booking{Ride: ride, Party: h.Party, Pickup: sc.trip.pickup(from.At)}
	want.Fare = sc.table.quote(ride, h.Party, sc.terms)
	if err := sc.trip.seats.Hold(&want, sc.terms.Policy, sc.now); err != nil {
		return Result{}, err
	}
	b := &store.Booking{Booking: event.Booking{
		ID: ident.Dated(sc.trip.row.Date, msOfDay(sc.now)), Date: sc.trip.row.Date, Trip: h.Trip, Rider: by.User, LineName: sc.table.LineName,
		From: from, To: to, Party: int16(h.Party), State: string(want.State), ExpiresAt: want.ExpiresAt,
		Fare: event.Money(want.Fare), CancelUntil: want.CutOff, Short: short(), CreatedAt: sc.now, Version: 1,
	}}
	if err := sc.cover(b, h); err != nil {
		return Result{}, err
	}
	sc.trip.add(b)
	sc.deed, sc.note = "booking.hold", map[string]any{"trip": h.Trip, "party": h.Party}
	return Result{Booking: *b}, nil
}

// cover has the rider's employer pay its part of the employee's own seat, if it does; guests pay theirs. What it grants is
// taken from the month's limits with the seat, and given back with it.
func (sc *scene) cover(b *store.Booking, h Hold) error {
	if sc.paid == nil {
		return nil
	}
	own := sc.table.quote(seat.Interval{From: int(b.From.Index), To: int(b.To.Index)}, 1, sc.terms)
	offer, ok, err := sc.paid.Offer(b.Rider, programme.Ride{Date: b.Date, Pickup: b.From.At, Line: sc.trip.row.Line.String(), From: h.From.String(), To: h.To.String(),
		Fare: own.Amount, Currency: own.Currency})
	if err != nil || !ok {
		return err
	}
	b.Programme, b.Subsidy = offer.Programme, offer.Split.Employer
	sc.paid.Reserve(offer, b, sc.trip.row.Line)
	return nil
}

func msOfDay(t time.Time) int {
	t = t.UTC()
	return int(t.Sub(t.Truncate(24*time.Hour)) / time.Millisecond)
}

// letters are those that nobody mistakes for another, said aloud or on a cracked screen: 32 of them.
const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// short is what a rider says to a driver: unique on its trip, by constraint; two alike in a billion.
func short() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return string(b[:])
}
