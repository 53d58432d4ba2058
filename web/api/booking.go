package api

import (
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// Booking is a booking as its rider and staff see it: the live document with its id and version.
type Booking struct {
	ID          uuid.UUID  `json:"id" format:"uuid" example:"019ab1b0-8c40-7abc-8def-0123456789ab"`
	V           int64      `json:"v" example:"2" doc:"Grows by one with each change"`
	Trip        uuid.UUID  `json:"trip" format:"uuid" example:"019ab1a8-5e80-7abc-8def-0123456789ab"`
	Date        string     `json:"date" format:"date" example:"2026-11-23" doc:"The service date of the trip"`
	LineName    string     `json:"line_name" example:"L1 Sidi Maarouf – Casa Port"`
	From        Halt       `json:"from"`
	To          Halt       `json:"to"`
	Party       int16      `json:"party" example:"2"`
	State       string     `json:"state" enum:"held,confirmed,boarded,completed,no_show,cancelled,expired" example:"held"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty" doc:"Of a hold: until then the seats are kept"`
	Pay         string     `json:"pay,omitempty" enum:"cash,card,wallet,pass,programme" example:"cash" doc:"How the rider's share is paid"`
	Fare        Money      `json:"fare"`
	Refund      *Money     `json:"refund,omitempty" doc:"What comes back, once cancelled"`
	Subsidy     *Money     `json:"subsidy,omitempty" doc:"Of the fare, what the employer pays"`
	Payment     *uuid.UUID `json:"payment,omitempty" format:"uuid" doc:"The latest payment that was opened for it"`
	CancelUntil *time.Time `json:"cancel_until,omitempty" doc:"Until then everything comes back"`
	BoardedAt   *time.Time `json:"boarded_at,omitempty"`
	Short       string     `json:"short" example:"K7P2QX" doc:"What the rider says to the driver"`
	CreatedAt   time.Time  `json:"created_at"`
}

// Halt is a stop of a ride with its time, ready to show.
type Halt struct {
	Stop  uuid.UUID `json:"stop" format:"uuid" example:"0190b7a6-3333-7abc-8def-0123456789ab"`
	Name  string    `json:"name" example:"Sidi Maarouf"`
	Index int16     `json:"index" example:"0" doc:"In the trip's pattern"`
	Time  string    `json:"time" example:"07:10" doc:"On the wall there"`
	At    time.Time `json:"at" example:"2026-11-23T06:10:00Z"`
}

// Money is an amount in the currency's minor unit.
type Money struct {
	Amount   int64  `json:"amount" example:"1200" doc:"Minor units"`
	Currency string `json:"currency" example:"MAD"`
}

func haltOf(h event.Halt) Halt {
	h.At = h.At.UTC()
	return Halt(h)
}

func bookingOf(b store.Booking) Booking {
	out := Booking{ID: b.ID, V: b.Version, Trip: b.Trip, Date: b.Date.String(), LineName: b.LineName, From: haltOf(b.From), To: haltOf(b.To),
		Party: b.Party, State: b.State, Pay: b.Pay, Fare: Money(b.Fare), CancelUntil: some(b.CancelUntil), BoardedAt: some(b.BoardedAt),
		Short: b.Short, CreatedAt: b.CreatedAt.UTC()}
	if b.State == "held" {
		out.ExpiresAt = some(b.ExpiresAt)
	}
	if b.Refund != nil {
		out.Refund = &Money{*b.Refund, b.Fare.Currency}
	}
	if b.Subsidy > 0 {
		out.Subsidy = &Money{b.Subsidy, b.Fare.Currency}
	}
	if b.Payment != uuid.Nil {
		out.Payment = &b.Payment
	}
	return out
}

// some is a time that may be absent.
func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
