package booking

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// decision answers a request from what stands behind the lock. It changes the scene or, when it refuses, nothing. It may
// run twice.
type decision func(*scene) (Result, error)

// scene is one trip behind its lock, as the decisions of a batch see and change it, one after the other.
type scene struct {
	now   time.Time
	terms terms
	table *timetable // of the trip's pattern; only there when a hold asked for it
	trip  *act
	paid  *store.Programmes // what employers pay for; nil where none does
	pass  *store.Pass       // the pass that a confirmation chose
	row   *store.Booking    // the booking that the request names, if it names one
	deed  string            // what the audit row calls it
	note  any               // what the audit row keeps of it
	money money
}

// act is a trip as a batch changes it.
type act struct {
	row     event.Trip
	seats   seat.Trip
	touched bool
	fresh   []*store.Booking
	changed []*store.Booking
}

func newAct(t event.Trip) *act {
	a := &act{row: t}
	a.seats = seat.Trip{Inventory: seat.Inventory{Capacity: t.Capacity, Free: slices.Clone(t.Free), Overload: slices.Clone(t.Overload)},
		Status: seat.Status(t.Status), Closed: t.Vanished, Held: int(t.Held), Booked: int(t.Booked), Boarded: int(t.Boarded)}
	return a
}

// finish is the trip's row after the batch, one version on.
func (a *act) finish() event.Trip {
	t := a.row
	t.Status, t.Capacity, t.Free, t.Overload = string(a.seats.Status), a.seats.Capacity, a.seats.Free, a.seats.Overload
	t.Held, t.Booked, t.Boarded = int16(a.seats.Held), int16(a.seats.Booked), int16(a.seats.Boarded)
	t.Version++
	return t
}

// pickup is when the trip leaves the rider's stop, as far as is known.
func (a *act) pickup(scheduled time.Time) time.Time {
	return scheduled.Add(time.Duration(a.row.DelayS) * time.Second)
}

// view is the kernel's idea of a booking's row.
func (a *act) view(b *store.Booking) seat.Booking {
	return seat.Booking{Ride: seat.Interval{From: int(b.From.Index), To: int(b.To.Index)}, Party: int(b.Party), State: seat.State(b.State),
		Pickup: a.pickup(b.From.At), ExpiresAt: b.ExpiresAt, CutOff: b.CancelUntil, Fare: seat.Fare(b.Fare)}
}

// add puts a new booking on the trip.
func (a *act) add(b *store.Booking) {
	a.touched = true
	a.fresh = append(a.fresh, b)
}

// change moves a booking one version on; what changes twice in a batch is one step for everybody else.
func (a *act) change(b *store.Booking, to seat.State) {
	a.touched = true
	b.State = string(to)
	if i := slices.IndexFunc(a.changed, func(c *store.Booking) bool { return c.ID == b.ID }); i >= 0 {
		a.changed[i] = b
		return
	}
	b.Version++
	a.changed = append(a.changed, b)
}

// expire releases a hold that is due.
func (a *act) expire(b *store.Booking, now time.Time) error {
	v := a.view(b)
	done, err := a.seats.Expire(&v, now)
	if err != nil {
		return fmt.Errorf("booking: expire %s: %w", b.ID, err)
	}
	if done {
		a.change(b, v.State)
	}
	return nil
}

// terms is what a tenant decided about seats.
type terms struct {
	seat.Policy
	currency string
	flatFare int64         // per rider, where no fare of the feed holds
	payFor   time.Duration // how long a hold is kept for an open payment; longestHold bounds it, from the first moment on
}

// settings is how terms stand in the tenant's settings.
type settings struct {
	Booking struct {
		HoldS      *int  `json:"hold_s"`
		RefundS    *int  `json:"refund_until_s"`
		LateRefund *int  `json:"late_refund_percent"`
		BoardS     *int  `json:"board_ahead_s"`
		PayS       *int  `json:"pay_s"`
		FlatFare   int64 `json:"flat_fare"`
	} `json:"booking"`
}

const (
	shortestHold = 5 * time.Second
	longestHold  = time.Hour
	longestAhead = 31 * 24 * time.Hour
	defaultPay   = 10 * time.Minute
	shortestPay  = time.Minute
)

func readTerms(currency string, raw json.RawMessage) (terms, error) {
	t := terms{Policy: seat.DefaultPolicy(), currency: currency}
	var s settings
	if len(raw) > 2 {
		if err := json.Unmarshal(raw, &s); err != nil {
			return t, fmt.Errorf("booking: read the tenant's settings: %w", err)
		}
	}
	if v := s.Booking.HoldS; v != nil {
		t.HoldFor = min(max(time.Duration(*v)*time.Second, shortestHold), longestHold)
	}
	if v := s.Booking.RefundS; v != nil {
		t.RefundUntil = max(0, time.Duration(*v)*time.Second)
	}
	if v := s.Booking.LateRefund; v != nil {
		t.LateRefund = *v
	}
	if v := s.Booking.BoardS; v != nil {
		t.BoardAhead = min(max(time.Duration(*v)*time.Second, 0), longestAhead)
	}
	t.payFor = defaultPay
	if v := s.Booking.PayS; v != nil {
		t.payFor = min(max(time.Duration(*v)*time.Second, shortestPay), longestHold)
	}
	t.flatFare = max(0, s.Booking.FlatFare)
	return t, nil
}

func has(id uuid.UUID) bool { return id != uuid.Nil }
