package programme

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// TestNightShift: a window past midnight is judged by the day on which it begins, however the timetable writes the
// ride, on the nights when Casablanca and Cairo change their clocks too.
func TestNightShift(t *testing.T) {
	t.Parallel()
	friday := servicedate.Of(2026, 11, 20)
	night := Hours{22 * 3600, 26 * 3600}
	for name, c := range map[string]struct {
		zone  string
		hours Hours
		date  servicedate.Date
		sec   int
		want  servicedate.Date // zero: outside
	}{
		"25:10 of Friday":                     {"Africa/Casablanca", night, friday, 25*3600 + 600, friday},
		"01:10 of Saturday":                   {"Africa/Casablanca", night, friday + 1, 3600 + 600, friday},
		"22:00 is in it":                      {"Africa/Casablanca", night, friday, 22 * 3600, friday},
		"21:59:59 is not":                     {"Africa/Casablanca", night, friday, 22*3600 - 1, 0},
		"01:59:59 is in it":                   {"Africa/Casablanca", night, friday, 26*3600 - 1, friday},
		"02:00 is not":                        {"Africa/Casablanca", night, friday, 26 * 3600, 0},
		"an early shift, written as 25:10":    {"Africa/Casablanca", Hours{0, 6 * 3600}, friday, 25*3600 + 600, friday + 1},
		"all day, 25:10 is the day before's":  {"Africa/Casablanca", Hours{}, friday, 25*3600 + 600, friday},
		"a whole day from 04:00, at 03:59":    {"Africa/Casablanca", Hours{4 * 3600, 28 * 3600}, friday, 28*3600 - 60, friday},
		"the night Ramadan begins, 01:10":     {"Africa/Casablanca", night, servicedate.Of(2026, 2, 14), 25*3600 + 600, servicedate.Of(2026, 2, 14)},
		"the night Cairo goes forward, 01:30": {"Africa/Cairo", night, servicedate.Of(2026, 4, 24), 3600 + 1800, servicedate.Of(2026, 4, 23)},
		"the zone decides, not the feed's":    {"Asia/Dubai", Hours{5 * 3600, 7 * 3600}, friday, 6 * 3600, friday},
	} {
		loc := zone(t, c.zone)
		got, ok := c.hours.day(c.date.At(c.sec, loc), c.date, loc)
		if ok != (c.want != 0) || ok && got != c.want {
			t.Errorf("%s: %v %v, want %v", name, got, ok, c.want)
		}
	}
}

// TestHoursAreOnTheWall: with hours, a decision depends on the wall alone, and every moment of the window belongs to
// one day.
func TestHoursAreOnTheWall(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{zone(t, "Africa/Casablanca"), zone(t, "Africa/Cairo"), zone(t, "Africa/Nairobi"), zone(t, "Asia/Dubai"), zone(t, "Europe/Paris")}
	rapid.Check(t, func(t *rapid.T) {
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		from := rapid.IntRange(0, secondsOfDay-1).Draw(t, "from")
		h := Hours{from, from + rapid.IntRange(1, secondsOfDay).Draw(t, "length")}
		if err := h.check(); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1700000000, 2000000000).Draw(t, "pickup"), 0)
		today := servicedate.On(at, loc)
		day, ok := h.day(at, today, loc)
		if other, okOther := h.day(at, today.AddDays(-1), loc); other != day || ok != okOther {
			t.Fatalf("the feed's way of writing it decides: %v %v, %v %v", day, ok, other, okOther)
		}
		wall := at.In(loc)
		second := wall.Hour()*3600 + wall.Minute()*60 + wall.Second()
		if inside := second >= h.From && second < h.Until || second+secondsOfDay < h.Until; inside != ok {
			t.Fatalf("%v in %+v: %v", wall, h, ok)
		}
		if ok {
			if since := second + secondsOfDay*day.Until(today); since < h.From || since >= h.Until {
				t.Fatalf("%v is second %d of %v, outside %+v", wall, since, day, h)
			}
		}
	})
}
