package programme

import (
	"errors"
	"slices"
	"time"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/organisation"
)

// Ride is what a decision depends on.
type Ride struct {
	Date     servicedate.Date // service date
	Pickup   time.Time
	Line     string
	From, To string // stops
	Fare     int64  // of one seat
	Currency string
}

// Usage is what was already granted and not given back, this ride excluded.
type Usage struct {
	Month int64 // to this employee by this programme, in the ride's month
	Rides int64 // how many of their rides that was
	Total int64 // to everybody by this programme, in the ride's month
}

// Split is who pays what of a fare.
type Split struct {
	Employer, Rider int64
	CostCentre      string   // of the employee on the ride's date
	Refused         []Reason // why the employer pays nothing at all; empty when the ride is covered
	Cuts            []Cut    // what held the employer's part down, in the order in which it did
}

// Cut is one limit that took something off the employer's part.
type Cut struct {
	Reason Reason
	By     int64
}

// Reason is a stable code for a refusal or a cut.
type Reason string

// Reasons of a refusal, then those of a cut.
const (
	NotMember     Reason = "not_a_member"
	NotYetValid   Reason = "programme_not_started"
	NoLongerValid Reason = "programme_ended"
	OtherCurrency Reason = "currency_not_covered"
	OtherLine     Reason = "line_not_covered"
	OtherStop     Reason = "stop_not_covered"
	OtherDay      Reason = "weekday_not_covered"
	OtherHours    Reason = "hours_not_covered"

	RideCapped      Reason = "ride_cap"
	MonthCapped     Reason = "month_cap"
	RidesCapped     Reason = "month_rides"
	BudgetCapped    Reason = "budget"
	NoShowRiderPays Reason = "no_show_rider_pays"
)

var errRide = errors.New("programme: a fare or a usage below zero, or a ride without a date")

// Decide splits the fare of a ride. The error is for terms and arguments that make no sense, never for a ride that is
// not covered: that is a split with reasons.
func Decide(t *Terms, u Usage, who organisation.Tenure, r Ride) (Split, error) {
	if err := t.Check(); err != nil {
		return Split{}, err
	}
	if r.Fare < 0 || u.Month < 0 || u.Rides < 0 || u.Total < 0 || r.Date.IsZero() || r.Pickup.IsZero() {
		return Split{}, errRide
	}
	centre, member := who.On(r.Date)
	if t.CostCentre != "" {
		centre = t.CostCentre
	}
	s := Split{Rider: r.Fare, CostCentre: centre, Refused: t.refusals(member, r)}
	if len(s.Refused) == 0 {
		s.grant(t, u, t.subsidy(r.Fare))
	}
	return s, nil
}

// refusals is every reason why a ride is not covered: who reads one mends all of them at once.
func (t *Terms) refusals(member bool, r Ride) (out []Reason) {
	no := func(refused bool, why Reason) {
		if refused {
			out = append(out, why)
		}
	}
	no(!member, NotMember)
	no(r.Date < t.From, NotYetValid)
	no(!t.Until.IsZero() && r.Date > t.Until, NoLongerValid)
	no(r.Currency != t.Currency, OtherCurrency)
	no(len(t.Lines) > 0 && !slices.Contains(t.Lines, r.Line), OtherLine)
	no(len(t.Stops) > 0 && !slices.Contains(t.Stops, r.From) && !slices.Contains(t.Stops, r.To), OtherStop)
	day, within := t.Hours.day(r.Pickup, r.Date, t.Zone)
	no(!within, OtherHours)
	no(within && !t.Days.Has(day.Weekday()), OtherDay)
	return out
}

// subsidy is the employer's part before any cap: never more than the fare.
func (t *Terms) subsidy(fare int64) int64 {
	percent := int64(t.Percent)
	part := fare/100*percent + (fare%100*percent+99)/100
	return part + min(t.Fixed, fare-part)
}

// grant gives the employer as much of want as every limit leaves, and the rider the rest, to what a card can be asked for.
func (s *Split) grant(t *Terms, u Usage, want int64) {
	fare := s.Employer + s.Rider
	if want > 0 && t.MonthRides.Set && u.Rides >= t.MonthRides.Amount {
		s.Cuts = append(s.Cuts, Cut{Reason: RidesCapped, By: want})
		want = 0
	}
	room, narrow := fare, RideCapped
	for _, c := range []struct {
		limit Limit
		used  int64
		why   Reason
	}{{t.RideCap, 0, RideCapped}, {t.MonthCap, u.Month, MonthCapped}, {t.Budget, u.Total, BudgetCapped}} {
		if left := c.limit.left(want, c.used); left < want {
			s.Cuts = append(s.Cuts, Cut{Reason: c.why, By: want - left})
			want = left
		}
		if left := c.limit.left(fare, c.used); left < room {
			room, narrow = left, c.why
		}
	}
	part := ledger.Currency(t.Currency).Shares(fare, want, room)
	if by := want - part; by > 0 {
		s.Cuts = append(s.Cuts, Cut{Reason: narrow, By: by})
	}
	s.Employer, s.Rider = part, fare-part
}
