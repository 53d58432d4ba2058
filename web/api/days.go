package api

import (
	"context"
	"time"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

// span is a time from an instant until before another; the zero time sets no bound.
type span struct{ since, until time.Time }

// betweenDays is the time from the beginning of a day to the end of another, where the operator is; an empty day sets no bound.
func betweenDays(ctx context.Context, from, to string) (s span, err error) {
	zone := rest.ZoneOf(ctx)
	if from != "" {
		d, err := servicedate.Parse(from)
		if err != nil {
			return s, fault.New("bad_value").At("query/from_day")
		}
		s.since = beginning(d, zone)
	}
	if to != "" {
		d, err := servicedate.Parse(to)
		if err != nil {
			return s, fault.New("bad_value").At("query/to_day")
		}
		s.until = beginning(d.AddDays(1), zone)
	}
	return s, nil
}

// beginning is when a civil day begins: not always at midnight, where clocks change then.
func beginning(d servicedate.Date, zone *time.Location) time.Time {
	m := d.Midnight()
	return time.Date(m.Year(), m.Month(), m.Day(), 0, 0, 0, 0, zone)
}

// before is the last instant before t that the books can tell from it.
func before(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(-time.Microsecond)
}

// later and sooner are the stricter of two bounds, of which the zero time is none.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
