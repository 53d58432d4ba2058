package invoice

import (
	"errors"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// State is where an invoice stands on a day.
type State string

// The states.
const (
	InDraft    State = "draft"
	Discarded  State = "discarded"
	Finalised  State = "finalised"
	PartlyPaid State = "partly_paid"
	Overdue    State = "overdue"
	Paid       State = "paid"
	Credited   State = "credited"
)

// Standing is what decides an invoice's state.
type Standing struct {
	Finalised, Discarded  bool
	Gross, Paid, Credited int64
	Due                   servicedate.Date
}

// Open is what is still to be paid; below zero is what the customer has paid too much.
func (s Standing) Open() int64 { return s.Gross - s.Credited - s.Paid }

// State on a day, the entity's today.
func (s Standing) State(today servicedate.Date) State {
	switch {
	case s.Discarded:
		return Discarded
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

// Refusals of a step.
var (
	ErrFinal    = errors.New("invoice: it is finalised and does not change")
	ErrNotFinal = errors.New("invoice: it is not finalised")
	ErrAmount   = errors.New("invoice: the amount is not above zero")
	ErrOver     = errors.New("invoice: more than is left")
)

// MayEdit says whether lines, PO or terms may still change.
func (s Standing) MayEdit() error {
	if s.Finalised || s.Discarded {
		return ErrFinal
	}
	return nil
}

// Discard throws a draft away.
func (s Standing) Discard() (Standing, error) {
	if err := s.MayEdit(); err != nil {
		return s, err
	}
	s.Discarded = true
	return s, nil
}

// Finalise makes a draft final.
func (s Standing) Finalise(gross int64, due servicedate.Date) (Standing, error) {
	if err := s.MayEdit(); err != nil {
		return s, err
	}
	if gross < 0 {
		return s, ErrAmount
	}
	return Standing{Finalised: true, Gross: gross, Due: due}, nil
}

// Pay books money that came. More than is open is money too: it shows as Open below zero, to be paid back or matched
// to another invoice.
func (s Standing) Pay(amount int64) (Standing, error) {
	paid, err := add(s.Paid, amount)
	if err := s.moves(amount, err); err != nil {
		return s, err
	}
	s.Paid = paid
	return s, nil
}

// Unpay takes back a payment that was booked by mistake or that bounced.
func (s Standing) Unpay(amount int64) (Standing, error) {
	if err := s.moves(amount, nil); err != nil {
		return s, err
	}
	if amount > s.Paid {
		return s, ErrOver
	}
	s.Paid -= amount
	return s, nil
}

// Credit books a credit note of an amount.
func (s Standing) Credit(amount int64) (Standing, error) {
	if err := s.moves(amount, nil); err != nil {
		return s, err
	}
	if amount > s.Gross-s.Credited {
		return s, ErrOver
	}
	s.Credited += amount
	return s, nil
}

func (s Standing) moves(amount int64, err error) error {
	if !s.Finalised {
		return ErrNotFinal
	}
	if amount <= 0 {
		return ErrAmount
	}
	return err
}
