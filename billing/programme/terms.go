package programme

import (
	"errors"
	"time"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Limit is an amount that is not passed. The zero Limit limits nothing, which is not the same as UpTo(0).
type Limit struct {
	Amount int64 `json:"amount"`
	Set    bool  `json:"set"`
}

// UpTo is the limit of an amount.
func UpTo(amount int64) Limit { return Limit{Amount: amount, Set: true} }

// left is what of want still fits when used is used.
func (l Limit) left(want, used int64) int64 {
	if !l.Set {
		return want
	}
	if used >= l.Amount {
		return 0
	}
	return min(want, l.Amount-used) // both are at least 0: no overflow
}

// Terms is what an employer agreed to. Empty lists, days and hours limit nothing.
type Terms struct {
	Currency string
	Percent  int   // of the fare, 0 to 100
	Fixed    int64 // on top of the per cent, per ride

	RideCap    Limit // of one ride
	MonthCap   Limit // of one employee in one calendar month of service dates
	MonthRides Limit // how many rides of one employee are paid for in such a month
	Budget     Limit // of the programme for everybody, in such a month

	Lines []string // rides on one of these
	Stops []string // rides that begin or end at one of these: the gates of a plant
	Days  Weekdays
	Hours Hours
	Zone  *time.Location // where days and hours are those on the wall

	From, Until servicedate.Date // first and last service date, both included; zero is open
	NoShow      NoShowRule
	CostCentre  string // where all rides go; empty: to the employee's own on the ride's date
}

// Weekdays is a set of days of the week; the empty set is every day. Sunday is the lowest bit.
type Weekdays uint8

// Has says whether a day is in the set.
func (w Weekdays) Has(d time.Weekday) bool { return w == 0 || w&(1<<d) != 0 }

var errTerms = errors.New("programme: terms out of range")

// Check says whether terms can be decided by at all.
func (t *Terms) Check() error {
	switch {
	case t.Percent < 0 || t.Percent > 100,
		t.Fixed < 0,
		t.RideCap.Amount < 0, t.MonthCap.Amount < 0, t.MonthRides.Amount < 0, t.Budget.Amount < 0,
		t.Zone == nil,
		len(t.Currency) != 3,
		!t.From.IsZero() && !t.Until.IsZero() && t.Until < t.From,
		t.NoShow > EmployerPays:
		return errTerms
	}
	return t.Hours.check()
}
