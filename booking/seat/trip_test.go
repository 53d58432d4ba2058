package seat

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 11, 23, 6, 10, 0, 0, time.UTC)

// TestLifeOfBookings walks bookings of one trip through every verb in any order and holds the counters and the seats
// of the row against the bookings themselves.
func TestLifeOfBookings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		legs := rapid.IntRange(1, 6).Draw(t, "legs")
		trip := &Trip{Inventory: NewInventory(int16(rapid.IntRange(1, 14).Draw(t, "capacity")), legs), Status: Scheduled}
		now := t0.Add(-time.Hour)
		pol := Policy{HoldFor: 5 * time.Minute, RefundUntil: 30 * time.Minute, LateRefund: rapid.IntRange(0, 100).Draw(t, "late")}
		var all []*Booking
		some := func(t *rapid.T) *Booking {
			if len(all) == 0 {
				t.Skip("no booking yet")
			}
			return all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
		}
		t.Repeat(map[string]func(*rapid.T){
			"hold": func(t *rapid.T) {
				from := rapid.IntRange(0, legs-1).Draw(t, "from")
				b := &Booking{Ride: Interval{from, rapid.IntRange(from+1, legs).Draw(t, "to")},
					Party: rapid.IntRange(1, 4).Draw(t, "party"), Pickup: t0.Add(time.Duration(from) * time.Minute), Fare: Fare{1201, "MAD"}}
				if err := trip.Hold(b, pol, now); err == nil {
					all = append(all, b)
				}
			},
			"confirm": func(t *rapid.T) {
				b := some(t)
				was, due := b.State, b.Due(now)
				if err := trip.Confirm(b, now); err == nil && (was != Held || due) {
					t.Fatalf("confirmed from %s, due %v", was, due)
				}
			},
			"expire": func(t *rapid.T) {
				b := some(t)
				due := b.Due(now)
				if done, err := trip.Expire(b, now); err != nil || done != due {
					t.Fatalf("due %v: %v %v", due, done, err)
				}
			},
			"cancel": func(t *rapid.T) {
				b := some(t)
				was := b.State
				back, err := trip.Cancel(b, pol, now)
				if err == nil && was != Held && was != Confirmed {
					t.Fatalf("cancelled from %s", was)
				}
				if back.Amount < 0 || back.Amount > b.Fare.Amount || (was != Confirmed && back.Amount != 0) {
					t.Fatalf("%d comes back of %d from %s", back.Amount, b.Fare.Amount, was)
				}
			},
			"board": func(t *rapid.T) {
				b := some(t)
				was := b.State
				if already, err := trip.Board(b, DefaultPolicy(), now); err == nil && already != (was == Boarded || was == Done) {
					t.Fatalf("already %v from %s", already, was)
				}
			},
			"no-show": func(t *rapid.T) { _ = trip.MarkNoShow(some(t), now) },
			"vehicle": func(t *rapid.T) { _ = trip.SetCapacity(int16(rapid.IntRange(0, 14).Draw(t, "seats"))) },
			"time":    func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "s")) * time.Second) },
			"status": func(t *rapid.T) {
				trip.Status = rapid.SampledFrom([]Status{Scheduled, Scheduled, Scheduled, Boarding, Departed, Completed, Cancelled}).Draw(t, "status")
			},
			"": func(t *rapid.T) {
				var held, booked, boarded int
				taken := make([]int, legs)
				for _, b := range all {
					switch b.State {
					case Held:
						held += b.Party
					case Boarded, Done:
						boarded += b.Party
						booked += b.Party
					case Confirmed, NoShow:
						booked += b.Party
					}
					for i := b.Ride.From; i < b.Ride.To && b.State.Takes(); i++ {
						taken[i] += b.Party
					}
				}
				if trip.Held != held || trip.Booked != booked || trip.Boarded != boarded {
					t.Fatalf("row says held %d booked %d boarded %d; bookings say %d %d %d", trip.Held, trip.Booked, trip.Boarded, held, booked, boarded)
				}
				for i, n := range taken {
					if trip.Taken(i) != n {
						t.Fatalf("leg %d: row says %d taken, bookings say %d", i, trip.Taken(i), n)
					}
				}
				if err := trip.Check(); err != nil {
					t.Fatal(err)
				}
			},
		})
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	open := func() *Trip { return &Trip{Inventory: NewInventory(2, 2), Status: Scheduled} }
	hold := func(tr *Trip) *Booking {
		b := &Booking{Ride: Interval{0, 2}, Party: 1, Pickup: t0}
		if err := tr.Hold(b, DefaultPolicy(), t0.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, c := range map[string]struct {
		do   func() error
		want Reason
	}{
		"party 0": {func() error {
			return open().Hold(&Booking{Ride: Interval{0, 1}, Pickup: t0}, DefaultPolicy(), t0.Add(-1))
		}, PartyInvalid},
		"party -1": {func() error {
			return open().Hold(&Booking{Ride: Interval{0, 1}, Party: -1, Pickup: t0}, DefaultPolicy(), t0.Add(-1))
		}, PartyInvalid},
		"party 1000": {func() error {
			return open().Hold(&Booking{Ride: Interval{0, 1}, Party: 1000, Pickup: t0}, DefaultPolicy(), t0.Add(-1))
		}, PartyInvalid},
		"full": {func() error {
			return open().Hold(&Booking{Ride: Interval{0, 1}, Party: 3, Pickup: t0}, DefaultPolicy(), t0.Add(-1))
		}, TripFull},
		"at pickup": {func() error {
			return open().Hold(&Booking{Ride: Interval{0, 1}, Party: 1, Pickup: t0}, DefaultPolicy(), t0)
		}, TripDeparted},
		"cancelled": {func() error { tr := open(); tr.Status = Cancelled; return tr.Open(t0, t0.Add(-1)) }, TripCancelled},
		"closed":    {func() error { tr := open(); tr.Closed = true; return tr.Open(t0, t0.Add(-1)) }, TripClosed},
		"departed":  {func() error { tr := open(); tr.Status = Departed; return tr.Open(t0, t0.Add(-1)) }, TripDeparted},
		"late pay":  {func() error { tr := open(); b := hold(tr); return tr.Confirm(b, b.ExpiresAt) }, HoldExpired},
		"twice": {func() error {
			tr := open()
			b := hold(tr)
			_ = tr.Confirm(b, t0.Add(-time.Hour))
			return tr.Confirm(b, t0.Add(-time.Hour))
		}, AlreadyConfirm},
		"board held": {func() error { tr := open(); _, err := tr.Board(hold(tr), DefaultPolicy(), t0); return err }, NotBoardable},
		"board hours before": {func() error {
			tr := open()
			b := hold(tr)
			_ = tr.Confirm(b, t0.Add(-3*time.Hour))
			_, err := tr.Board(b, DefaultPolicy(), t0.Add(-2*time.Hour-1))
			return err
		}, BoardTooEarly},
		"early show": {func() error {
			tr := open()
			b := hold(tr)
			_ = tr.Confirm(b, t0.Add(-time.Hour))
			return tr.MarkNoShow(b, t0.Add(-1))
		}, NoShowTooEarly},
		"early show though it left": {func() error {
			tr := open()
			b := hold(tr)
			_ = tr.Confirm(b, t0.Add(-time.Hour))
			tr.Status = Departed
			return tr.MarkNoShow(b, t0.Add(-1))
		}, NoShowTooEarly},
		"cancel gone": {func() error {
			tr := open()
			b := hold(tr)
			_ = tr.Confirm(b, t0.Add(-time.Hour))
			_, err := tr.Cancel(b, DefaultPolicy(), t0)
			return err
		}, NotCancellable},
	} {
		if err := c.do(); !errors.Is(err, refuse(c.want)) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
