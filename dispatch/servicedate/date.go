// Package servicedate is the calendar of service days.
//
// A service date is a civil date without a time zone: the day that a timetable names. It becomes an
// instant only together with a second of the day and the zone of the agency, by the rule of GTFS: seconds
// count from noon minus twelve hours. On most days that is midnight. On a day when the clocks change it
// is an hour beside it, and that is what keeps 07:10 at 07:10 on the wall all the same (Casablanca leaves
// UTC+1 for Ramadan, Cairo has summer time).
//
// Seconds may pass 86,400: a trip that starts at 25:10 belongs to the day before the one on the wall.
package servicedate

import (
	"fmt"
	"time"
)

// Date counts days; 1 is 1 January of year 1. The zero Date is no date. Dates compare with < and ==.
type Date int32

// unixDay is the Date of 1970-01-01.
const unixDay = 719163

const (
	secondsOfDay = 24 * 60 * 60
	// NoonSecond is the one second of a service day that no change of clocks moves.
	NoonSecond = secondsOfDay / 2
)

// Of makes a Date of its parts; days and months out of range carry over, as in time.Date.
func Of(year int, month time.Month, day int) Date {
	return fromUnix(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix())
}

// On returns the date on the wall at instant t in loc.
func On(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Of(y, m, d)
}

func fromUnix(seconds int64) Date {
	days := seconds / secondsOfDay
	if seconds%secondsOfDay < 0 {
		days--
	}
	return Date(days + unixDay)
}

// Parse reads "2026-11-22".
func Parse(s string) (Date, error) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0, fmt.Errorf("servicedate: %q is not a date like 2026-11-22", s)
	}
	return parts(s, s[0:4], s[5:7], s[8:10])
}

// ParseCompact reads "20261122", the way GTFS writes dates.
func ParseCompact(s string) (Date, error) {
	if len(s) != len("20060102") {
		return 0, fmt.Errorf("servicedate: %q is not a date like 20261122", s)
	}
	return parts(s, s[0:4], s[4:6], s[6:8])
}

func parts(whole, ys, ms, ds string) (Date, error) {
	y, ok1 := digits(ys)
	m, ok2 := digits(ms)
	d, ok3 := digits(ds)
	if !ok1 || !ok2 || !ok3 {
		return 0, fmt.Errorf("servicedate: %q is not a date", whole)
	}
	date := Of(y, time.Month(m), d)
	// A day that carried over (31 June) is not what the caller wrote.
	if gy, gm, gd := date.Civil(); y < 1 || gy != y || int(gm) != m || gd != d {
		return 0, fmt.Errorf("servicedate: %q is not in the calendar", whole)
	}
	return date, nil
}

func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// IsZero says whether there is no date here.
func (d Date) IsZero() bool { return d == 0 }

// Midnight is the date's midnight in UTC: how a date is handed to a database or put into an id.
func (d Date) Midnight() time.Time {
	return time.Unix((int64(d)-unixDay)*secondsOfDay, 0).UTC()
}

// Civil returns year, month and day.
func (d Date) Civil() (year int, month time.Month, day int) { return d.Midnight().Date() }

// Weekday of the date.
func (d Date) Weekday() time.Weekday { return d.Midnight().Weekday() }

// AddDays returns the date n days later (earlier when n is negative).
func (d Date) AddDays(n int) Date { return d + Date(n) }

// Until returns the days from d to other.
func (d Date) Until(other Date) int { return int(other - d) }

// At returns the instant of a second of the service day in loc: noon − 12 h + sec.
func (d Date) At(sec int, loc *time.Location) time.Time {
	y, m, day := d.Civil()
	noon := time.Date(y, m, day, 12, 0, 0, 0, loc)
	return noon.Add(time.Duration(sec-NoonSecond) * time.Second)
}

// SecondOf is At backwards: the second of this service day, in loc, at instant t.
func (d Date) SecondOf(t time.Time, loc *time.Location) int {
	return int(t.Sub(d.At(0, loc)) / time.Second)
}

// String writes "2026-11-22", and nothing for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Midnight().Format("2006-01-02")
}

// MarshalText lets a Date be a JSON string.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	parsed, err := Parse(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
