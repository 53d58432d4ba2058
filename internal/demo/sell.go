package demo

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/demo/crowd"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
)

// ride is what one rider wants of a trip.
type ride struct {
	trip  *event.Trip
	seats seat.Interval
	party int
	rider uuid.UUID
}

// bookersAtOnce is how many bookings are under way: the service puts those that wait into one transaction.
const bookersAtOnce = 48

// sell lets riders book the trips that lie ahead and have nobody yet, those first that leave first.
func (c *city) sell(ctx context.Context, trips []*event.Trip) (int, error) {
	now := c.Now()
	var wanted []ride
	for _, t := range trips {
		left := t.DepartsAt.Sub(now)
		if t.Status != "scheduled" || left < time.Minute || left > c.ahead {
			continue
		}
		wanted = append(wanted, c.rides(t, crowd.Appetite(t.ID, left))...)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(bookersAtOnce)
	for _, r := range wanted {
		g.Go(func() error { return c.book(ctx, r) })
	}
	return len(wanted), g.Wait()
}

// rides are wishes that fill a trip up to a part of its seats, the same each time for the same trip. A trip
// that somebody has booked is left as it is.
func (c *city) rides(t *event.Trip, appetite float64) (out []ride) {
	if t.Booked+t.Held > 0 || len(c.riders) == 0 {
		return nil
	}
	seed := rand.New(rand.NewPCG(binary.BigEndian.Uint64(t.ID[:8]), binary.BigEndian.Uint64(t.ID[8:])))
	seats := seat.Inventory{Capacity: t.Capacity, Free: slices.Clone(t.Free), Overload: slices.Clone(t.Overload)}
	want := int(appetite*float64(t.Capacity) + 0.5)
	for misses := 0; misses < 30; {
		from, to := crowd.Ride(len(t.Free)+1, seed.Float64(), seed.Float64())
		r := ride{trip: t, seats: seat.Interval{From: from, To: to}, party: crowd.Party(seed.Float64()), rider: c.riders[seed.IntN(len(c.riders))]}
		if fullest(&seats) >= min(want, int(t.Capacity)) {
			break
		}
		if seats.Take(r.seats, r.party) != nil {
			misses++
			continue
		}
		out = append(out, r)
	}
	return out
}

func fullest(s *seat.Inventory) int {
	most := 0
	for leg := range s.Legs() {
		most = max(most, s.Taken(leg))
	}
	return most
}

// book holds and confirms. A refusal is no failure: the day goes on while we book.
func (c *city) book(ctx context.Context, r ride) error {
	table, err := c.table(ctx, c.DB.Read(c.id), r.trip.Pattern)
	if err != nil {
		return err
	}
	by := booking.By{Tenant: c.id, User: r.rider}
	held, err := c.Booking.Hold(ctx, by, idem.Claim{}, booking.Hold{Trip: r.trip.ID, From: table.Stops[r.seats.From].Stop,
		To: table.Stops[r.seats.To].Stop, Party: r.party})
	if err == nil {
		_, err = c.Booking.Confirm(ctx, by, idem.Claim{}, held.Booking.ID, booking.Cash)
	}
	if refusal(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("book a ride on trip %s: %w", r.trip.ID, err)
	}
	return nil
}

func refusal(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind != fault.Internal && f.Kind != fault.Unavailable
}
