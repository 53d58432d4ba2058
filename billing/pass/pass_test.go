package pass

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

var (
	day        = servicedate.Of(2026, time.November, 23)
	line, stop = uuid.New(), uuid.New()
)

func ten() Pass {
	return Pass{ID: uuid.New(), Terms: Terms{Rides: 10, Days: 30, Price: 10_000, Currency: "MAD"}, State: Active, First: day, Last: day.AddDays(29)}
}

func month() Pass {
	return Pass{ID: uuid.New(), Terms: Terms{Days: 30, PerDay: 2, Price: 40_000, Currency: "MAD"}, State: Active, First: day, Last: day.AddDays(29)}
}

func TestUncovered(t *testing.T) {
	ride := Ride{Date: day, Line: line, From: stop, To: uuid.New(), Party: 1}
	for name, c := range map[string]struct {
		pass func() Pass
		ride func(*Ride)
		want []Reason
	}{
		"its first day":       {ten, func(*Ride) {}, nil},
		"its last day":        {ten, func(r *Ride) { r.Date = day.AddDays(29) }, nil},
		"the day before":      {ten, func(r *Ride) { r.Date = day.AddDays(-1) }, []Reason{OtherDates}},
		"the day after":       {ten, func(r *Ride) { r.Date = day.AddDays(30) }, []Reason{OtherDates}},
		"a party of all":      {ten, func(r *Ride) { r.Party = 10 }, nil},
		"one too many":        {ten, func(r *Ride) { r.Party = 11 }, []Reason{NotEnough}},
		"nobody":              {ten, func(r *Ride) { r.Party = 0 }, []Reason{PartyTooBig}},
		"a guest on a period": {month, func(r *Ride) { r.Party = 2 }, []Reason{PartyTooBig}},
		"the second that day": {func() Pass { p := month(); p.Today = 1; return p }, func(*Ride) {}, nil},
		"the third that day":  {func() Pass { p := month(); p.Today = 2; return p }, func(*Ride) {}, []Reason{DayIsFull}},
		"its line":            {func() Pass { p := ten(); p.Lines = []uuid.UUID{line}; return p }, func(*Ride) {}, nil},
		"another line":        {func() Pass { p := ten(); p.Lines = []uuid.UUID{uuid.New()}; return p }, func(*Ride) {}, []Reason{OtherLine}},
		"from its stop":       {func() Pass { p := ten(); p.Stops = []uuid.UUID{stop}; return p }, func(*Ride) {}, nil},
		"to its stop":         {func() Pass { p := ten(); p.Stops = []uuid.UUID{stop}; return p }, func(r *Ride) { r.From, r.To = r.To, r.From }, nil},
		"other stops":         {func() Pass { p := ten(); p.Stops = []uuid.UUID{uuid.New()}; return p }, func(*Ride) {}, []Reason{OtherStops}},
		"all at once": {func() Pass { p := ten(); p.State, p.Used, p.Lines = UsedUp, 10, []uuid.UUID{uuid.New()}; return p },
			func(r *Ride) { r.Date = day.AddDays(40) }, []Reason{NotActive, OtherDates, OtherLine, NotEnough}},
	} {
		r := ride
		c.ride(&r)
		if got := c.pass().Uncovered(r); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestChoose(t *testing.T) {
	ride := Ride{Date: day, Line: line, From: stop, To: uuid.New(), Party: 1}
	late, soon, fuller, period, over := ten(), ten(), ten(), month(), ten()
	soon.Last, fuller.Last = day.AddDays(5), day.AddDays(5)
	soon.Used, over.State = 3, Expired
	for _, c := range []struct {
		all  []Pass
		want int
	}{{nil, -1}, {[]Pass{over}, -1}, {[]Pass{late, soon}, 1}, {[]Pass{fuller, soon}, 1}, {[]Pass{late, soon, period}, 2}, {[]Pass{over, late}, 1}} {
		if got := Choose(c.all, ride); got != c.want {
			t.Errorf("%d of %d, want %d", got, len(c.all), c.want)
		}
	}
	a, b := late, late
	b.ID = uuid.New()
	if Choose([]Pass{a, b}, ride) == Choose([]Pass{b, a}, ride) {
		t.Error("the order in which they are read decides")
	}
}

// Whatever is taken and comes back in whatever order: all rides together are worth the price, none is worth less than nothing,
// and what is spent is what is out.
func TestRidesMakeThePrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rides := rapid.IntRange(1, 40).Draw(t, "rides")
		p := Pass{Terms: Terms{Rides: rides, Days: 30, Price: rapid.Int64Range(int64(rides), 100_000).Draw(t, "price")}, State: Active, First: day, Last: day.AddDays(29)}
		type use struct {
			party int
			value int64
		}
		var out []use
		take := func(n int) {
			next, v := p.Use(n)
			if v < int64(n)*(p.Price/int64(rides)) {
				t.Fatalf("%d rides are worth %d of %d for %d", n, v, p.Price, rides)
			}
			p, out = next, append(out, use{n, v})
		}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			if left := rides - p.Used; left > 0 && (len(out) == 0 || rapid.Bool().Draw(t, "take")) {
				take(rapid.IntRange(1, left).Draw(t, "party"))
			} else {
				i := rapid.IntRange(0, len(out)-1).Draw(t, "which")
				p = p.Return(out[i].party, out[i].value)
				out = slices.Delete(out, i, i+1)
			}
			var sum int64
			used := 0
			for _, u := range out {
				sum += u.value
				used += u.party
			}
			if sum != p.Spent || used != p.Used || p.Spent < 0 || p.Spent > p.Price || (p.State == UsedUp) != (used == rides) {
				t.Fatalf("%+v with %v out", p, out)
			}
		}
		if left := rides - p.Used; left > 0 {
			take(left)
		}
		if p.Spent != p.Price || p.State != UsedUp {
			t.Fatalf("in the end %+v", p)
		}
	})
}

// A period is earned evenly, never more than its days say, all of it after the last.
func TestAPeriodIsEarnedByDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(1, 400).Draw(t, "days")
		p := Pass{Terms: Terms{Days: days, Price: rapid.Int64Range(1, 1_000_000_000_000).Draw(t, "price")}, First: day, Last: day.AddDays(days - 1)}
		last := int64(0)
		for i := -2; i <= days+2; i++ {
			now := p.Earned(day.AddDays(i))
			if now < last || now > p.Price || i <= 0 && now != 0 || i >= days && now != p.Price {
				t.Fatalf("%d after %d of %d days", now, i, days)
			}
			if d := now - last; i > 0 && i <= days && (d < p.Price/int64(days) || d > p.Price/int64(days)+1) {
				t.Fatalf("day %d earns %d of %d", i, d, p.Price)
			}
			last = now
		}
	})
}

func TestRefundable(t *testing.T) {
	bought := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	p := ten()
	p.RefundIn = 14
	used := p
	used.Used = 1
	for want, got := range map[string]bool{
		"at once": p.Refundable(bought, bought), "on the last instant": p.Refundable(bought, bought.AddDate(0, 0, 14)),
		"not later": !p.Refundable(bought, bought.AddDate(0, 0, 14).Add(1)), "not used": !used.Refundable(bought, bought),
	} {
		if !got {
			t.Error(want)
		}
	}
}
