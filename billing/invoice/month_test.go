package invoice

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// scope is the zones in which billing entities are.
var scope = []string{"Africa/Casablanca", "Africa/Cairo", "Africa/Nairobi", "Africa/Lagos", "Africa/Accra", "Asia/Dubai", "Europe/Paris"}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// TestMonthsAreWhole walks every hour of many years in every zone of the scope, across Cairo's summer times and
// Casablanca's Ramadans: each instant is in exactly one month, each day of the calendar is in its month once and none
// is missing, and a month ends where the next begins.
func TestMonthsAreWhole(t *testing.T) {
	t.Parallel()
	for _, name := range scope {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			first, last := MonthOf(servicedate.Of(2010, 1, 1)), MonthOf(servicedate.Of(2045, 12, 1))
			_, end := (first - 1).Bounds(loc)
			for m := first; m <= last; m++ {
				from, until := m.Bounds(loc)
				if !from.Equal(end) {
					t.Fatalf("%v begins at %v, the month before ends at %v", m, from, end)
				}
				end = until
				if servicedate.On(from, loc) != m.First() || servicedate.On(from.Add(-1), loc) != m.First()-1 {
					t.Fatalf("%v begins at %v, in the midst of a day", m, from)
				}
				day := m.First() - 1
				for at := from; at.Before(until); at = at.Add(30 * time.Minute) {
					d := DateOf(at, loc)
					if MonthOf(d) != m || d < day && day-d > 1 || d > day+1 {
						t.Fatalf("%v: after %v comes %v at %v", m, day, d, at)
					}
					day = max(day, d)
				}
				if day != m.Last() {
					t.Fatalf("%v ends with %v", m, day)
				}
			}
		})
	}
}

func TestMonthAcrossChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, month, from, until string }{
		{"Africa/Casablanca", "2026-02", "2026-01-31T23:00:00Z", "2026-03-01T00:00:00Z"}, // Ramadan begins on the 15th
		{"Africa/Casablanca", "2026-03", "2026-03-01T00:00:00Z", "2026-03-31T23:00:00Z"}, // and ends on the 22nd
		{"Africa/Cairo", "2026-04", "2026-03-31T22:00:00Z", "2026-04-30T21:00:00Z"},
		{"Africa/Cairo", "2024-10", "2024-09-30T21:00:00Z", "2024-10-31T22:00:00Z"}, // clocks go back at the month's last midnight
		{"Africa/Cairo", "2024-11", "2024-10-31T22:00:00Z", "2024-11-30T22:00:00Z"},
		{"Asia/Dubai", "2026-11", "2026-10-31T20:00:00Z", "2026-11-30T20:00:00Z"},
	} {
		m, err := ParseMonth(c.month)
		if err != nil || m.String() != c.month {
			t.Fatal(m, err)
		}
		from, until := m.Bounds(zone(t, c.zone))
		if got := from.UTC().Format(time.RFC3339) + " " + until.UTC().Format(time.RFC3339); got != c.from+" "+c.until {
			t.Errorf("%s %s: %s, want %s %s", c.zone, c.month, got, c.from, c.until)
		}
	}
	// A ride past midnight of the month's last day is the month's of its timetable.
	if d := servicedate.Of(2026, 1, 31); MonthOf(d) != MonthOf(servicedate.Of(2026, 1, 1)) {
		t.Error(d)
	}
}

// TestEveryInstantHasOneMonth, anywhere on earth, clocks that change at midnight included.
func TestEveryInstantHasOneMonth(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range append([]string{"America/Asuncion", "America/Sao_Paulo", "Asia/Beirut", "Atlantic/Azores", "America/St_Johns", "Australia/Lord_Howe"}, scope...) {
		zones = append(zones, zone(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		at := time.Unix(rapid.Int64Range(0, 2400000000).Draw(t, "at"), 0)
		m := MonthOf(DateOf(at, loc))
		for other := m - 1; other <= m+1; other++ {
			from, until := other.Bounds(loc)
			if in := !at.Before(from) && at.Before(until); in != (other == m) {
				t.Fatalf("%v is of %v; %v is %v to %v", at.In(loc), m, other, from, until)
			}
		}
	})
}

func TestWhatIsNoMonth(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "2026", "2026-13", "2026-1", "2026-11-1"} {
		if m, err := ParseMonth(bad); err == nil {
			t.Errorf("%q is %v", bad, m)
		}
	}
}
