package programme

import (
	"testing"
	"time"

	"github.com/waymeet/waymeet/identity/organisation"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	for want, splits := range map[int][]Split{
		-1: {{Rider: 5}, {Rider: 5}},
		1:  {{Rider: 5}, {Employer: 3, Rider: 2}, {Employer: 3, Rider: 2}},
		2:  {{Employer: 1, Rider: 4}, {Rider: 5}, {Employer: 2, Rider: 3}},
	} {
		if got := Choose(splits); got != want {
			t.Errorf("%v: %d, want %d", splits, got, want)
		}
	}
	if Choose(nil) != -1 {
		t.Error("somebody pays for nothing")
	}
}

// TestMonthRides: the ride after the last one that is paid for is the rider's, whatever money is left.
func TestMonthRides(t *testing.T) {
	t.Parallel()
	terms := &Terms{Currency: "MAD", Zone: time.UTC, Percent: 50}
	terms.MonthRides = UpTo(2)
	for used, want := range []int64{500, 500, 0, 0} {
		s, err := Decide(terms, Usage{Rides: int64(used)}, always, anyRide(1000))
		if err != nil || s.Employer != want || s.Employer+s.Rider != 1000 {
			t.Errorf("after %d rides: %+v %v", used, s, err)
		}
	}
}

// TestOwnCostCentre: a programme that has a cost centre of its own sends every ride there.
func TestOwnCostCentre(t *testing.T) {
	t.Parallel()
	terms, who := &Terms{Currency: "MAD", Zone: time.UTC, Percent: 50}, organisation.Tenure{Joined: 1}.Move("CC-1", 1)
	for own, want := range map[string]string{"": "CC-1", "CC-9": "CC-9"} {
		terms.CostCentre = own
		if s, err := Decide(terms, Usage{}, who, anyRide(1000)); err != nil || s.CostCentre != want {
			t.Errorf("%q: %+v %v", own, s, err)
		}
	}
}
