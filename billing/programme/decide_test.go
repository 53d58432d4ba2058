package programme

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/organisation"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// amounts reach from nothing to the end of int64, since a bound that is only tried in the middle protects nothing.
func amounts() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64Range(0, 5000), rapid.Int64Range(0, math.MaxInt64), rapid.SampledFrom([]int64{0, 1, 99, 100, 101, math.MaxInt64}))
}

func limits() *rapid.Generator[Limit] {
	return rapid.Custom(func(t *rapid.T) Limit {
		if rapid.Bool().Draw(t, "limited") {
			return UpTo(amounts().Draw(t, "limit"))
		}
		return Limit{}
	})
}

// always is a tenure without an end.
var always = organisation.Tenure{Joined: servicedate.Of(2020, 1, 1), Postings: []organisation.Posting{{From: servicedate.Of(2020, 1, 1), CostCentre: "CC1"}}}

func anyTerms(loc *time.Location) *rapid.Generator[Terms] {
	return rapid.Custom(func(t *rapid.T) Terms {
		return Terms{
			Currency: "MAD", Zone: loc,
			Percent: rapid.IntRange(0, 100).Draw(t, "percent"),
			Fixed:   amounts().Draw(t, "fixed"),
			RideCap: limits().Draw(t, "ride cap"), MonthCap: limits().Draw(t, "month cap"), MonthRides: limits().Draw(t, "month rides"), Budget: limits().Draw(t, "budget"),
			NoShow: NoShowRule(rapid.IntRange(0, 2).Draw(t, "no show")),
		}
	})
}

func anyRide(fare int64) Ride {
	return Ride{Date: servicedate.Of(2026, 11, 23), Pickup: time.Date(2026, 11, 23, 6, 10, 0, 0, time.UTC), Line: "L1", From: "A", To: "B", Fare: fare, Currency: "MAD"}
}

// within holds a split against the terms: nothing lost, nobody below zero, no limit passed, every cut accounted for.
func within(t *rapid.T, terms *Terms, u Usage, fare int64, s Split) {
	t.Helper()
	if s.Employer < 0 || s.Rider < 0 || s.Employer > fare || s.Employer+s.Rider != fare {
		t.Fatalf("fare %d is split into %d and %d", fare, s.Employer, s.Rider)
	}
	if c := terms.RideCap; c.Set && s.Employer > c.Amount {
		t.Fatalf("%d is above the cap per ride %d", s.Employer, c.Amount)
	}
	if c := terms.MonthCap; c.Set && s.Employer > 0 && s.Employer > c.Amount-u.Month {
		t.Fatalf("%d on top of %d is above the month's cap %d", s.Employer, u.Month, c.Amount)
	}
	if c := terms.Budget; c.Set && s.Employer > 0 && s.Employer > c.Amount-u.Total {
		t.Fatalf("%d on top of %d is above the budget %d", s.Employer, u.Total, c.Amount)
	}
}

// TestSplitHolds: the split sums to the fare, is never above a cap, and what the cuts took is exactly what lacks from
// the subsidy; so too for each no-show rule.
func TestSplitHolds(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Africa/Casablanca")
	rapid.Check(t, func(t *rapid.T) {
		terms := anyTerms(loc).Draw(t, "terms")
		u := Usage{Month: amounts().Draw(t, "month"), Total: amounts().Draw(t, "total")}
		fare := amounts().Draw(t, "fare")
		s, err := Decide(&terms, u, always, anyRide(fare))
		if err != nil || len(s.Refused) > 0 {
			t.Fatalf("%v %v", s.Refused, err)
		}
		within(t, &terms, u, fare, s)
		cut := int64(0)
		for _, c := range s.Cuts {
			if c.By <= 0 {
				t.Fatalf("a cut of %d", c.By)
			}
			cut += c.By
		}
		if s.Employer+cut != terms.subsidy(fare) {
			t.Fatalf("%d granted and %d cut of %d", s.Employer, cut, terms.subsidy(fare))
		}
		missed := Missed(&terms, u, s)
		within(t, &terms, u, fare, missed)
		switch {
		case terms.NoShow == RiderPays && missed.Rider != fare,
			terms.NoShow == AsBooked && missed.Employer != s.Employer,
			terms.NoShow == EmployerPays && missed.Employer < s.Employer:
			t.Fatalf("rule %d makes %+v of %+v", terms.NoShow, missed, s)
		}
	})
}

// TestSplitIsMonotone: a dearer ride costs neither side less, better terms never cost the rider more, and spend that
// went before never makes the employer pay more.
func TestSplitIsMonotone(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Africa/Casablanca")
	rapid.Check(t, func(t *rapid.T) {
		terms := anyTerms(loc).Draw(t, "terms")
		u := Usage{Month: amounts().Draw(t, "month"), Total: amounts().Draw(t, "total")}
		fare := amounts().Draw(t, "fare")
		decide := func(terms Terms, u Usage, fare int64) Split {
			s, err := Decide(&terms, u, always, anyRide(fare))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		base := decide(terms, u, fare)
		if fare < math.MaxInt64 {
			if more := decide(terms, u, fare+rapid.Int64Range(1, min(math.MaxInt64-fare, 1000)).Draw(t, "dearer")); more.Employer < base.Employer || more.Rider < base.Rider {
				t.Fatalf("a dearer ride: %+v after %+v", more, base)
			}
		}
		better := terms
		better.Percent = rapid.IntRange(terms.Percent, 100).Draw(t, "better percent")
		better.Fixed = rapid.Int64Range(terms.Fixed, math.MaxInt64).Draw(t, "better fixed")
		for _, l := range []*Limit{&better.RideCap, &better.MonthCap, &better.Budget} {
			l.Amount = rapid.Int64Range(l.Amount, math.MaxInt64).Draw(t, "better limit")
		}
		if s := decide(better, u, fare); s.Rider > base.Rider {
			t.Fatalf("better terms cost the rider more: %+v after %+v", s, base)
		}
		used := Usage{Month: rapid.Int64Range(u.Month, math.MaxInt64).Draw(t, "month later"), Rides: rapid.Int64Range(u.Rides, math.MaxInt64).Draw(t, "rides later"), Total: rapid.Int64Range(u.Total, math.MaxInt64).Draw(t, "total later")}
		if s := decide(terms, used, fare); s.Employer > base.Employer {
			t.Fatalf("spend made the employer pay more: %+v after %+v", s, base)
		}
	})
}

// TestMonthNeverPassesItsCap books rides one after another, as the booking's transaction does, some given back.
func TestMonthNeverPassesItsCap(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Africa/Casablanca")
	rapid.Check(t, func(t *rapid.T) {
		terms := Terms{Currency: "MAD", Zone: loc, Percent: rapid.IntRange(0, 100).Draw(t, "percent"), MonthCap: UpTo(rapid.Int64Range(0, 9000).Draw(t, "cap")), Budget: UpTo(rapid.Int64Range(0, 30000).Draw(t, "budget"))}
		var u Usage
		var granted []int64
		for range rapid.IntRange(1, 60).Draw(t, "rides") {
			if len(granted) > 0 && rapid.IntRange(0, 4).Draw(t, "gives back") == 0 {
				u.Month, u.Total = u.Month-granted[0], u.Total-granted[0]
				granted = granted[1:]
				continue
			}
			s, err := Decide(&terms, u, always, anyRide(rapid.Int64Range(0, 3000).Draw(t, "fare")))
			if err != nil {
				t.Fatal(err)
			}
			u.Month, u.Total = u.Month+s.Employer, u.Total+s.Employer
			granted = append(granted, s.Employer)
			if u.Month > terms.MonthCap.Amount || u.Total > terms.Budget.Amount {
				t.Fatalf("%+v passes %+v", u, terms)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Africa/Casablanca")
	terms := Terms{
		Currency: "MAD", Percent: 50, Zone: loc, Lines: []string{"L1", "L2"}, Stops: []string{"Gate"},
		Days:  1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday,
		Hours: Hours{6 * 3600, 9 * 3600}, From: servicedate.Of(2026, 11, 1), Until: servicedate.Of(2026, 11, 30),
	}
	good := Ride{Date: servicedate.Of(2026, 11, 23), Pickup: time.Date(2026, 11, 23, 6, 10, 0, 0, time.UTC), Line: "L1", From: "A", To: "Gate", Fare: 1201, Currency: "MAD"}
	for name, c := range map[string]struct {
		change func(*Ride, *organisation.Tenure)
		want   []Reason
	}{
		"covered":              {func(*Ride, *organisation.Tenure) {}, nil},
		"begins at the gate":   {func(r *Ride, _ *organisation.Tenure) { r.From, r.To = "Gate", "A" }, nil},
		"first second":         {func(r *Ride, _ *organisation.Tenure) { r.Pickup = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC) }, nil},
		"the end is outside":   {func(r *Ride, _ *organisation.Tenure) { r.Pickup = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }, []Reason{OtherHours}},
		"on the last day":      {func(r *Ride, _ *organisation.Tenure) { r.Date = terms.Until }, nil},
		"after the last day":   {func(r *Ride, _ *organisation.Tenure) { r.Date = terms.Until.AddDays(1) }, []Reason{NoLongerValid}},
		"before the first":     {func(r *Ride, _ *organisation.Tenure) { r.Date = terms.From.AddDays(-1) }, []Reason{NotYetValid}},
		"a Sunday":             {func(r *Ride, _ *organisation.Tenure) { r.Pickup = r.Pickup.AddDate(0, 0, -1) }, []Reason{OtherDay}},
		"left that day":        {func(_ *Ride, w *organisation.Tenure) { w.Left = servicedate.Of(2026, 11, 23) }, []Reason{NotMember}},
		"leaves the day after": {func(_ *Ride, w *organisation.Tenure) { w.Left = servicedate.Of(2026, 11, 24) }, nil},
		"joined the day after": {func(_ *Ride, w *organisation.Tenure) { w.Joined = servicedate.Of(2026, 11, 24) }, []Reason{NotMember}},
		"everything at a time": {func(r *Ride, w *organisation.Tenure) {
			r.Line, r.To, r.Currency = "L9", "B", "EUR"
			*w = organisation.Tenure{Left: 1}
		}, []Reason{NotMember, OtherCurrency, OtherLine, OtherStop}},
	} {
		r, who := good, always
		c.change(&r, &who)
		s, err := Decide(&terms, Usage{}, who, r)
		if err != nil || !slices.Equal(s.Refused, c.want) {
			t.Errorf("%s: %v %v, want %v", name, s.Refused, err, c.want)
		}
		if c.want != nil && (s.Employer != 0 || s.Rider != 1201) || c.want == nil && s.Employer != 601 {
			t.Errorf("%s: %+v", name, s)
		}
		if c.want != nil && Missed(&Terms{NoShow: EmployerPays}, Usage{}, s).Employer != 0 {
			t.Errorf("%s: an employer pays for a no-show of a ride that was never theirs", name)
		}
	}
	for name, bad := range map[string]Ride{"negative": {Date: 1, Pickup: time.Unix(1, 0), Fare: -1}, "no date": {Pickup: time.Unix(1, 0)}, "no pickup": {Date: 1}} {
		if _, err := Decide(&terms, Usage{}, always, bad); err == nil {
			t.Errorf("%s: decided", name)
		}
	}
	if _, err := Decide(&terms, Usage{Month: -1}, always, good); err == nil {
		t.Error("a usage below zero was decided by")
	}
	for _, bad := range []Terms{{}, {Currency: "MAD", Zone: loc, Percent: 101}, {Currency: "MAD", Zone: loc, Fixed: -1}, {Currency: "MAD", Zone: loc, Hours: Hours{10, 5}},
		{Currency: "MAD", Zone: loc, Hours: Hours{0, secondsOfDay + 1}}, {Currency: "MAD", Zone: loc, RideCap: UpTo(-1)}, {Currency: "MAD", Zone: loc, From: 9, Until: 8}} {
		if _, err := Decide(&bad, Usage{}, always, good); err == nil {
			t.Errorf("decided by %+v", bad)
		}
	}
}

// TestSplitInSteps: where cards move steps, the rider's share is a number of steps whatever the terms and caps are; the split sums to the fare,
// no cap is passed, and neither side's part is a step or more away from what the terms say.
func TestSplitInSteps(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Africa/Casablanca")
	rapid.Check(t, func(t *rapid.T) {
		terms := anyTerms(loc).Draw(t, "terms")
		u := Usage{Month: amounts().Draw(t, "month"), Total: amounts().Draw(t, "total")}
		ride := anyRide(rapid.Int64Range(0, 10_000).Draw(t, "fare") * 10)
		exact, err := Decide(&terms, u, always, ride) // as if there were no steps
		if err != nil {
			t.Fatal(err)
		}
		terms.Currency, ride.Currency = "KWD", "KWD"
		s, err := Decide(&terms, u, always, ride)
		if err != nil || len(s.Refused) > 0 {
			t.Fatalf("%v %v", s.Refused, err)
		}
		within(t, &terms, u, ride.Fare, s)
		if s.Rider%10 != 0 {
			t.Fatalf("a card is asked for %d", s.Rider)
		}
		if away := s.Employer - exact.Employer; away >= 10 || away <= -10 || exact.Employer == 0 && s.Employer != 0 {
			t.Fatalf("the employer pays %d, the terms say %d", s.Employer, exact.Employer)
		}
		if s.Employer < exact.Employer && len(s.Cuts) == 0 {
			t.Fatal("nobody says why the rider pays more")
		}
		within(t, &terms, u, ride.Fare, Missed(&terms, u, s))
	})
}
