package invoice

import (
	"fmt"
	"time"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Month is a billing period: a calendar month where the billing entity is. Months count from year 1; they compare
// with < and ==. The zero Month is no month.
type Month int32

// MonthOf is the month of a date.
func MonthOf(d servicedate.Date) Month {
	y, m, _ := d.Civil()
	return Month(y*12 + int(m) - 1)
}

// First and Last are the days with which the month begins and ends.
func (m Month) First() servicedate.Date { return servicedate.Of(int(m)/12, time.Month(int(m)%12+1), 1) }

// Last is the last day of the month.
func (m Month) Last() servicedate.Date { return (m + 1).First().AddDays(-1) }

// Bounds are the instants with which the month begins and with which the next one does, in the entity's zone.
func (m Month) Bounds(loc *time.Location) (from, until time.Time) {
	return begin(m.First(), loc), begin((m + 1).First(), loc)
}

// begin is the first instant on whose wall the date is d. That is midnight but where clocks change at midnight: Cairo
// goes back at 24:00, and on 31 October 2024 that was the end of a month; other places go forward at 00:00 and have no
// midnight that day. time.Date promises nothing about either, and Time.ZoneBounds answers with an end that lies in the
// past for some instants after 2037, so we look at the wall itself: offsets and changes are quarters of an hour, and d
// begins nowhere before UTC+14.
func begin(d servicedate.Date, loc *time.Location) time.Time {
	at := d.Midnight().Add(-14 * time.Hour).In(loc)
	for servicedate.On(at, loc) < d {
		at = at.Add(15 * time.Minute)
	}
	return at
}

// DateOf is the date under which something that happened at an instant is billed. A ride is billed under its service
// date instead: the 25:10 of 31 January is January's, as on the rider's ticket.
func DateOf(at time.Time, loc *time.Location) servicedate.Date { return servicedate.On(at, loc) }

// String writes "2026-11".
func (m Month) String() string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", int(m)/12, int(m)%12+1)
}

// ParseMonth reads what String wrote.
func ParseMonth(s string) (Month, error) {
	d, err := servicedate.Parse(s + "-01")
	if err != nil {
		return 0, fmt.Errorf("invoice: %q is not a month like 2026-11", s)
	}
	return MonthOf(d), nil
}

// MarshalText lets a Month be a JSON string.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Month) UnmarshalText(b []byte) (err error) {
	if *m = 0; len(b) > 0 {
		*m, err = ParseMonth(string(b))
	}
	return err
}
