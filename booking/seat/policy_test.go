package seat

import (
	"testing"
	"time"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

func TestRefund(t *testing.T) {
	t.Parallel()
	paid := Fare{Amount: 1201, Currency: "MAD"}
	half := DefaultPolicy()
	half.LateRefund = 50
	pickup := time.Date(2026, 11, 23, 6, 10, 0, 0, time.UTC)
	cut := DefaultPolicy().CutOff(pickup)
	for name, c := range map[string]struct {
		p      Policy
		before time.Duration
		byOp   bool
		want   int64
	}{
		"an hour before":            {DefaultPolicy(), time.Hour, false, 1201},
		"30 minutes to the second":  {DefaultPolicy(), 30 * time.Minute, false, 1201},
		"a nanosecond later":        {DefaultPolicy(), 30*time.Minute - 1, false, 0},
		"late, half comes back":     {half, time.Minute, false, 601},
		"cancelled by the operator": {DefaultPolicy(), -time.Hour, true, 1201},
		"a policy above 100 is 100": {Policy{LateRefund: 250}, 0, false, 1201},
		"a policy below zero is 0":  {Policy{LateRefund: -3}, 0, false, 0},
	} {
		if got := c.p.Refund(paid, cut, pickup.Add(-c.before), c.byOp); got != (Fare{c.want, "MAD"}) {
			t.Errorf("%s: %v comes back, want %d", name, got, c.want)
		}
	}
}

// TestCutOffOnDaysWhenClocksChange: the cut-off is 30 minutes of real time before the pickup on the wall, on the days
// when Casablanca leaves and joins UTC+1 for Ramadan and when Cairo changes to and from summer time.
func TestCutOffOnDaysWhenClocksChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, date string
		sec        int
		pickup     string // RFC 3339 in UTC
	}{
		{"Africa/Casablanca", "2026-02-14", 7*3600 + 600, "2026-02-14T06:10:00Z"},
		{"Africa/Casablanca", "2026-02-15", 7*3600 + 600, "2026-02-15T07:10:00Z"},
		{"Africa/Casablanca", "2026-02-14", 26*3600 + 600, "2026-02-15T01:10:00Z"}, // 02:10 of the 14th's service, clocks went back at 03:00
		{"Africa/Casablanca", "2026-03-22", 7*3600 + 600, "2026-03-22T06:10:00Z"},
		{"Africa/Casablanca", "2026-03-22", 1800, "2026-03-21T23:30:00Z"}, // before the change: noon - 12 h is 01:00 the day before's way
		{"Africa/Cairo", "2026-04-24", 7 * 3600, "2026-04-24T04:00:00Z"},
		{"Africa/Cairo", "2026-04-23", 7 * 3600, "2026-04-23T05:00:00Z"},
		{"Africa/Cairo", "2026-10-29", 7 * 3600, "2026-10-29T04:00:00Z"},
		{"Africa/Cairo", "2026-10-30", 7 * 3600, "2026-10-30T05:00:00Z"},
	} {
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		date, err := servicedate.Parse(c.date)
		if err != nil {
			t.Fatal(err)
		}
		want, err := time.Parse(time.RFC3339, c.pickup)
		if err != nil {
			t.Fatal(err)
		}
		pickup := date.At(c.sec, loc)
		if !pickup.Equal(want) {
			t.Errorf("%s %s second %d is %v, want %v", c.zone, c.date, c.sec, pickup.UTC(), want)
		}
		p, paid := DefaultPolicy(), Fare{1000, "MAD"}
		cut := p.CutOff(pickup)
		if got := p.Refund(paid, cut, pickup.Add(-30*time.Minute), false); got.Amount != 1000 {
			t.Errorf("%s %s: nothing comes back 30 minutes before", c.zone, c.date)
		}
		if got := p.Refund(paid, cut, pickup.Add(-30*time.Minute+time.Second), false); got.Amount != 0 {
			t.Errorf("%s %s: %d comes back after the cut-off", c.zone, c.date, got.Amount)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	price := func(n int64) Fare { return Fare{n, "MAD"} }
	tariff := Tariff{
		{Price: price(900), Rules: []FareRule{{Line: "L1", Origin: "A", Destination: "B"}}},
		{Price: price(1500), Rules: []FareRule{{Contains: "A"}, {Contains: "B"}}},
		{Price: price(700), Rules: []FareRule{{Line: "L2"}}},
		{Price: price(5000)},
		{Price: Fare{1, "EUR"}},
	}
	for name, c := range map[string]struct {
		ride  Ride
		party int
		want  int64
	}{
		"origin and destination on its line": {Ride{"L1", "A", "B", []string{"A", "B"}}, 1, 900},
		"by zones passed":                    {Ride{"L9", "A", "B", []string{"A", "A", "B"}}, 2, 3000},
		"one zone too many":                  {Ride{"L9", "A", "C", []string{"A", "B", "C"}}, 1, 5000},
		"one zone too few":                   {Ride{"L9", "A", "A", []string{"A", "A"}}, 1, 5000},
		"flat on a line":                     {Ride{"L2", "", "", []string{"", ""}}, 3, 2100},
	} {
		if got, ok := tariff.Quote(c.ride, c.party, "MAD"); !ok || got != price(c.want) {
			t.Errorf("%s: %v %v, want %d", name, got, ok, c.want)
		}
	}
	if got, ok := tariff[4:].Quote(Ride{}, 2, "MAD"); !ok || got != (Fare{2, "EUR"}) {
		t.Errorf("only another currency: %v %v", got, ok)
	}
	if got, ok := (Tariff{}).Quote(Ride{}, 1, "MAD"); ok || got != price(0) {
		t.Errorf("no fare: %v %v", got, ok)
	}
}
