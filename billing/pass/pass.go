package pass

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// State is where a pass stands.
type State string

// States of a pass.
const (
	Open      State = "open"
	Active    State = "active"
	UsedUp    State = "used_up"
	Expired   State = "expired"
	Refunded  State = "refunded"
	Abandoned State = "abandoned"
)

// Terms is what was sold.
type Terms struct {
	Rides    int // 0: a period
	Days     int // that it is good for, the first included
	PerDay   int // of a period, people's rides a day; 0: as many as one likes
	Price    int64
	Currency string
	Lines    []uuid.UUID // none: all
	Stops    []uuid.UUID // none: all; else where the ride begins or ends
	RefundIn int         // days after the purchase in which one that was not used is taken back
}

// Period says whether its days are what is sold.
func (t Terms) Period() bool { return t.Rides == 0 }

// Last is its last service date, when it begins on one.
func (t Terms) Last(first servicedate.Date) servicedate.Date { return first.AddDays(t.Days - 1) }

// Pass is one as it stands behind its lock.
type Pass struct {
	ID uuid.UUID
	Terms
	State       State
	First, Last servicedate.Date
	Used        int   // rides that did not come back
	Spent       int64 // of the price: by rides, or earned by days
	Today       int   // rides of it on the service date that is asked about
}

// Ride is what is asked for.
type Ride struct {
	Date     servicedate.Date // service date
	Line     uuid.UUID
	From, To uuid.UUID // stops
	Party    int
}

// Reason is a stable code for why a pass does not cover a ride.
type Reason string

// Reasons.
const (
	NotActive   Reason = "pass_not_active"
	OtherDates  Reason = "date_not_covered"
	OtherLine   Reason = "line_not_covered"
	OtherStops  Reason = "stops_not_covered"
	NotEnough   Reason = "rides_not_enough"
	DayIsFull   Reason = "day_is_full"
	PartyTooBig Reason = "party_not_covered"
)

// Uncovered is every reason why p does not cover r; none when it does. A pass of rides pays for a party with a ride each;
// one of a period is a person's own.
func (p Pass) Uncovered(r Ride) (why []Reason) {
	no := func(refused bool, w Reason) {
		if refused {
			why = append(why, w)
		}
	}
	no(p.State != Active, NotActive)
	no(r.Date < p.First || r.Date > p.Last, OtherDates)
	no(len(p.Lines) > 0 && !slices.Contains(p.Lines, r.Line), OtherLine)
	no(len(p.Stops) > 0 && !slices.Contains(p.Stops, r.From) && !slices.Contains(p.Stops, r.To), OtherStops)
	no(r.Party < 1 || p.Period() && r.Party != 1, PartyTooBig)
	no(!p.Period() && p.Rides-p.Used < r.Party, NotEnough)
	no(p.Period() && p.PerDay > 0 && p.Today+r.Party > p.PerDay, DayIsFull)
	return why
}

// Choose is the place of the pass that covers a ride and goes first: a period before rides, for it costs nothing more; then
// the one that ends first, then the one with fewest rides left, then the older. -1: none covers it.
func Choose(all []Pass, r Ride) int {
	best := -1
	for i, p := range all {
		if len(p.Uncovered(r)) == 0 && (best < 0 || before(p, all[best])) {
			best = i
		}
	}
	return best
}

func before(a, b Pass) bool {
	switch {
	case a.Period() != b.Period():
		return a.Period()
	case a.Last != b.Last:
		return a.Last < b.Last
	case a.Rides-a.Used != b.Rides-b.Used:
		return a.Rides-a.Used < b.Rides-b.Used
	}
	return a.ID.String() < b.ID.String()
}

// Value is what the next rides of a pass are worth: nothing of a period.
func (p Pass) Value(party int) int64 {
	switch {
	case p.Period():
		return 0
	case p.Used+party >= p.Rides:
		return p.Price - p.Spent // with the last ride goes what is left
	}
	return p.Price / int64(p.Rides) * int64(party)
}

// Use is p after a ride; the value is what moved to the seat. Ask Uncovered first.
func (p Pass) Use(party int) (Pass, int64) {
	v := p.Value(party)
	p.Used += party
	p.Spent += v
	p.Today += party
	if !p.Period() && p.Used == p.Rides {
		p.State = UsedUp
	}
	return p, v
}

// Return is p after a ride of that value came back.
func (p Pass) Return(party int, value int64) Pass {
	p.Used -= party
	p.Spent -= value
	if p.State == UsedUp {
		p.State = Active
	}
	return p
}

// Earned is what of a period's price has been earned when a day begins: by its days that have passed, to the unit the whole
// price after the last one.
func (p Pass) Earned(today servicedate.Date) int64 {
	if !p.Period() {
		return 0
	}
	passed := int64(min(max(p.First.Until(today), 0), p.Days))
	whole, rest := p.Price/int64(p.Days), p.Price%int64(p.Days)
	return whole*passed + rest*passed/int64(p.Days)
}

// Refundable says whether p is taken back at an instant: unused, in its time.
func (p Pass) Refundable(bought, now time.Time) bool {
	return p.State == Active && p.Used == 0 && !now.After(bought.AddDate(0, 0, p.RefundIn))
}

// noon ends a service day for good: its last trips have left by then.
const noon = servicedate.NoonSecond

// Ends is when a pass is over: at noon after its last day, because service days run on past midnight.
func (p Pass) Ends(loc *time.Location) time.Time { return p.Last.AddDays(1).At(noon, loc) }

// Due is when there is something to do about an active pass after an instant: a period has earned a day at the midnight that
// ends it; either sort is over when it Ends.
func (p Pass) Due(now time.Time, loc *time.Location) time.Time {
	end := p.Ends(loc)
	if !p.Period() || p.Spent >= p.Price {
		return end
	}
	for d := servicedate.On(now, loc).AddDays(1); ; d = d.AddDays(1) {
		if at := d.At(0, loc); at.After(now) {
			if at.Before(end) {
				return at
			}
			return end
		}
	}
}
