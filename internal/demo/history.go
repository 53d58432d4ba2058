package demo

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/internal/demo/crowd"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// tripsAtOnce bounds a transaction of history.
const tripsAtOnce = 40

// remembered is about how many of the trips that are over for longer are remembered, for the sake of employers' invoices.
const remembered = 40

// history writes the rides of trips that have left: who is on board now, who was this morning, and, whatever the hour at
// which the demonstration begins, those of the employer's people since yesterday.
func (c *city) history(ctx context.Context, trips []*event.Trip) (int, error) {
	now, rides := c.Now(), 0
	oneOf := uint16(max(1, len(trips)/(2*remembered)))
	var left []*event.Trip
	for _, t := range trips {
		if ago := now.Sub(t.DepartsAt); (t.Status != "departed" && t.Status != "completed") || ago < 0 || t.Booked+t.Held > 0 ||
			ago >= c.back && binary.BigEndian.Uint16(t.ID[14:])%oneOf != 0 { // the same ones at a second start
			continue
		}
		left = append(left, t)
	}
	for len(left) > 0 {
		n := min(len(left), tripsAtOnce)
		wrote, err := c.remember(ctx, left[:n], now)
		if err != nil {
			return rides, err
		}
		rides += wrote
		left = left[n:]
	}
	return rides, nil
}

func (c *city) remember(ctx context.Context, trips []*event.Trip, now time.Time) (rides int, err error) {
	var ask store.SeatsAsk
	for _, t := range trips {
		ask.Trips = append(ask.Trips, t.ID)
	}
	err = c.DB.InTx(ctx, c.id, func(tx *store.Tx) error {
		rides = 0 // the closure may run twice
		locked, err := tx.Seats(ctx, ask)
		if err != nil {
			return err
		}
		asked := make(map[uuid.UUID][]ride, len(locked.Trips))
		var riders []store.RiderOn
		for i := range locked.Trips {
			t := &locked.Trips[i]
			asked[t.ID] = c.rides(t, crowd.Appetite(t.ID, 0))
			if now.Sub(t.DepartsAt) >= c.back {
				asked[t.ID] = slices.DeleteFunc(asked[t.ID], func(r ride) bool { return !slices.Contains(c.staff(), r.rider) })
			}
			for _, r := range asked[t.ID] {
				riders = append(riders, store.RiderOn{Rider: r.rider, Date: t.Date})
			}
		}
		paid, err := tx.Programmes(ctx, riders, nil)
		if err != nil {
			return err
		}
		var books []ledger.Journal
		var open []ledger.Account
		var out store.SeatsResult
		channels := map[string]bool{}
		for i := range locked.Trips {
			t := &locked.Trips[i]
			for _, r := range asked[t.ID] {
				b, err := c.memory(ctx, &tx.Reader, r, now, locked.Currency)
				if err != nil {
					return err
				}
				settled := t.Status == "completed" // nobody settles it again
				if !settled || b.State == "completed" {
					if err := cover(paid, &b, t.Line); err != nil {
						return err
					}
				}
				if b.Subsidy > 0 {
					seat := funding.Seat{Booking: b.ID, Rider: b.Rider, Currency: ledger.Currency(b.Fare.Currency), Fare: b.Fare.Amount, Subsidy: b.Subsidy, Programme: b.Programme, Pay: funding.Cash}
					books, open = append(books, seat.Confirmed()), append(open, ledger.Programme(b.Programme, seat.Currency))
					if settled {
						paid.Use(b.ID)
						books = append(books, seat.Earned(b.Subsidy)...)
						bill := errand.BillRide{Booking: b.ID}
						if err := tx.AddJob(ctx, bill, bill.Key()); err != nil {
							return err
						}
					}
				}
				out.New = append(out.New, b)
				b.Version = 2
				out.Changed = append(out.Changed, b)
				for leg := r.seats.From; leg < r.seats.To; leg++ {
					t.Free[leg] -= int16(r.party)
				}
				t.Booked += int16(r.party)
				if !b.BoardedAt.IsZero() {
					t.Boarded += int16(r.party)
				}
			}
			if t.Booked == 0 {
				continue
			}
			t.Version++
			out.Trips = append(out.Trips, *t)
			for _, ch := range t.Change().Channels {
				channels[ch] = true
			}
		}
		if rides = len(out.New); rides == 0 {
			return nil
		}
		if err := tx.OpenAccounts(ctx, open...); err != nil {
			return err
		}
		if err := tx.RecordAll(ctx, books...); err != nil {
			return err
		}
		paid.Put(tx)
		tx.Put(out)
		changed := make([]string, 0, len(channels))
		for ch := range channels {
			changed = append(changed, ch)
		}
		if err := tx.Audit(store.Audit{Action: "booking.history", Target: "tenant/" + c.id.String(), Detail: map[string]any{"rides": rides}}); err != nil {
			return err
		}
		return tx.Emit(event.Reload(changed...))
	})
	return rides, err
}

// cover has the rider's employer pay its part, as it does when a seat is held.
func cover(paid *store.Programmes, b *store.Booking, line uuid.UUID) error {
	offer, ok, err := paid.Offer(b.Rider, programme.Ride{Date: b.Date, Pickup: b.From.At, Line: line.String(), From: b.From.Stop.String(), To: b.To.Stop.String(),
		Fare: b.Fare.Amount / int64(b.Party), Currency: b.Fare.Currency})
	if err != nil || !ok {
		return err
	}
	b.Programme, b.Subsidy = offer.Programme, offer.Split.Employer
	paid.Reserve(offer, b, line)
	return nil
}

// memory is a booking of the past as it stands now: the rider got on, did not come, or still waits further
// along the way.
func (c *city) memory(ctx context.Context, read *store.Reader, r ride, now time.Time, currency string) (store.Booking, error) {
	table, err := c.table(ctx, read, r.trip.Pattern)
	if err != nil {
		return store.Booking{}, err
	}
	from, to := table.halt(r.trip.DepartsAt, r.seats.From), table.halt(r.trip.DepartsAt, r.seats.To)
	to.At = r.trip.DepartsAt.Add(time.Duration(table.Stops[r.seats.To].ArriveS) * time.Second).UTC()
	to.Time = to.At.In(table.zone).Format("15:04")
	made := from.At.Add(-time.Duration(rand.IntN(600)+5) * time.Minute)
	if made.After(now) {
		made = now.Add(-time.Minute)
	}
	b := store.Booking{Booking: event.Booking{
		ID: ident.Dated(r.trip.Date, int(from.At.Sub(r.trip.Date.Midnight()).Milliseconds())), Date: r.trip.Date, Trip: r.trip.ID, Rider: r.rider,
		LineName: table.LineName, From: from, To: to, Party: int16(r.party), State: "confirmed", ExpiresAt: made.Add(5 * time.Minute),
		Pay: booking.Cash, Fare: event.Money{Amount: table.fare(r.seats.From, r.seats.To, currency) * int64(r.party), Currency: currency},
		CancelUntil: from.At.Add(-30 * time.Minute), Short: short(), CreatedAt: made, Version: 1,
	}}
	switch {
	case from.At.After(now):
	case rand.IntN(20) == 0:
		b.State = "no_show"
	default:
		b.BoardedAt, b.State = from.At.Add(-20*time.Second), "boarded"
		if r.trip.Status == "completed" {
			b.State = "completed"
		}
	}
	return b, nil
}

// short is like the code that booking makes.
func short() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var b [6]byte
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	return string(b[:])
}
