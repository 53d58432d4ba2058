package event

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Booking is what a booking's document is made from: its row.
type Booking struct {
	ID          uuid.UUID
	Date        servicedate.Date
	Trip        uuid.UUID
	Rider       uuid.UUID
	LineName    string
	From, To    Halt
	Party       int16
	State       string
	ExpiresAt   time.Time // zero: no hold
	Pay         string
	Fare        Money
	Refund      *int64 // minor units, once cancelled
	Subsidy     int64  // of the fare, the employer's share
	Programme   uuid.UUID
	Pass        uuid.UUID
	Payment     uuid.UUID // the latest; nil: none was opened
	CancelUntil time.Time
	BoardedAt   time.Time // zero: not boarded
	Short       string
	CreatedAt   time.Time
	Version     int64
}

// Halt is a stop of a ride with its time, as sold.
type Halt struct {
	Stop  uuid.UUID `json:"stop"`
	Name  string    `json:"name"`
	Index int16     `json:"index"` // in the trip's pattern
	Time  string    `json:"time"`  // local, ready to show
	At    time.Time `json:"at"`
}

// Money is an amount in the currency's minor unit.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

type bookingDoc struct {
	Trip        uuid.UUID        `json:"trip"`
	Date        servicedate.Date `json:"date"`
	LineName    string           `json:"line_name"`
	From        Halt             `json:"from"`
	To          Halt             `json:"to"`
	Party       int16            `json:"party"`
	State       string           `json:"state"`
	ExpiresAt   *time.Time       `json:"expires_at,omitempty"`
	Pay         string           `json:"pay,omitempty"`
	Fare        Money            `json:"fare"`
	Refund      *Money           `json:"refund,omitempty"`
	Subsidy     *Money           `json:"subsidy,omitempty"`
	Payment     *uuid.UUID       `json:"payment,omitempty"`
	CancelUntil *time.Time       `json:"cancel_until,omitempty"`
	BoardedAt   *time.Time       `json:"boarded_at,omitempty"`
	Short       string           `json:"short"`
	CreatedAt   time.Time        `json:"created_at"`
}

// Entity is the booking's name on the wire.
func (b *Booking) Entity() string { return "booking/" + b.ID.String() }

// Doc is the booking as its rider and staff see it.
func (b *Booking) Doc() json.RawMessage {
	d := bookingDoc{Trip: b.Trip, Date: b.Date, LineName: b.LineName, From: b.From, To: b.To, Party: b.Party,
		State: b.State, Pay: b.Pay, Fare: b.Fare, CancelUntil: instant(b.CancelUntil), BoardedAt: instant(b.BoardedAt),
		Short: b.Short, CreatedAt: b.CreatedAt.UTC()}
	d.From.At, d.To.At = b.From.At.UTC(), b.To.At.UTC()
	if b.State == "held" {
		d.ExpiresAt = instant(b.ExpiresAt)
	}
	if b.Refund != nil {
		d.Refund = &Money{*b.Refund, b.Fare.Currency}
	}
	if b.Subsidy > 0 {
		d.Subsidy = &Money{b.Subsidy, b.Fare.Currency}
	}
	if b.Payment != uuid.Nil {
		d.Payment = &b.Payment
	}
	return must(d)
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Open says whether the booking is still something that its rider looks out for.
func (b *Booking) Open() bool {
	return b.State == "held" || b.State == "confirmed" || b.State == "boarded"
}

// Change is the booking as it stands, for its rider and those who watch it. One that ended leaves its rider's own set.
func (b *Booking) Change() Change {
	c := Change{Entity: b.Entity(), Version: b.Version, Docs: map[Projection]json.RawMessage{OnBooking: b.Doc()},
		Channels: []string{"booking:" + b.ID.String()}}
	if me := "me:" + b.Rider.String(); b.Open() {
		c.Channels = append(c.Channels, me)
	} else {
		c.Left = []string{me}
	}
	return c
}
