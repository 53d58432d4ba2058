package invoice

import "github.com/waymeet/waymeet/dispatch/servicedate"

// State is where an invoice stands on a day.
type State string

// The states.
const (
	InDraft    State = "draft"
	Finalised  State = "finalised"
	PartlyPaid State = "partly_paid"
	Overdue    State = "overdue"
	Paid       State = "paid"
	Credited   State = "credited"
)

// Standing is what decides an invoice's state. What may change, and by how much, the tables say.
type Standing struct {
	Finalised             bool
	Gross, Paid, Credited int64
	Due                   servicedate.Date
}

// Open is what is still to be paid; below zero is what the customer has paid too much.
func (s Standing) Open() int64 { return s.Gross - s.Credited - s.Paid }

// State on a day, the entity's today.
func (s Standing) State(today servicedate.Date) State {
	switch {
	case !s.Finalised:
		return InDraft
	case s.Gross > 0 && s.Credited == s.Gross:
		return Credited
	case s.Open() <= 0:
		return Paid
	case today > s.Due:
		return Overdue
	case s.Paid > 0 || s.Credited > 0:
		return PartlyPaid
	}
	return Finalised
}
