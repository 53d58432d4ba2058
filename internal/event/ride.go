package event

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Ride is what an employer pays for of a booking, as its row says it: what was booked and what it costs. When somebody boards, who
// comes along, the letters that they say to the driver and how they pay their part is between them and the operator.
type Ride struct {
	Booking    uuid.UUID
	Date       servicedate.Date
	Programme  uuid.UUID
	LineName   string
	From, To   string
	Fare       int64 // of the employee's own seat
	Subsidy    int64 // of it, what the employer pays
	Currency   string
	CostCentre string // as of the ride's date; empty: the organisation itself
	State      string // reserved, used, no_show; released: the employer pays nothing
	Version    int64
}

type rideDoc struct {
	Date       servicedate.Date `json:"date"`
	Programme  uuid.UUID        `json:"programme"`
	LineName   string           `json:"line_name"`
	From       string           `json:"from"`
	To         string           `json:"to"`
	Fare       Money            `json:"fare"`
	Subsidy    Money            `json:"subsidy"`
	CostCentre string           `json:"cost_centre,omitempty"`
	State      string           `json:"state"`
}

// Entity is the ride's name on the wire. It is not the booking's: both have versions of their own.
func (r *Ride) Entity() string { return "ride/" + r.Booking.String() }

// Channel is the ride's own, which is shown under the booking's name.
func (r *Ride) Channel() string { return RideChannel(r.Booking) }

// RideChannel is what the ride of a booking is published on.
func RideChannel(booking uuid.UUID) string { return "ride:" + booking.String() }

// Doc is the ride as the employer sees it.
func (r *Ride) Doc() json.RawMessage {
	return must(rideDoc{Date: r.Date, Programme: r.Programme, LineName: r.LineName, From: r.From, To: r.To, Fare: Money{r.Fare, r.Currency},
		Subsidy: Money{r.Subsidy, r.Currency}, CostCentre: r.CostCentre, State: r.State})
}

// Change is the ride as it stands. One that the employer does not pay for any more is none of theirs.
func (r *Ride) Change() Change {
	c := Change{Entity: r.Entity(), Version: r.Version}
	if r.State == "released" {
		c.Gone, c.Left = true, []string{r.Channel()}
		return c
	}
	c.Docs, c.Channels = map[Projection]json.RawMessage{OnRide: r.Doc()}, []string{r.Channel()}
	return c
}
