package gtfs

import (
	"fmt"
	"iter"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Departures are the seconds at which the trip leaves its first stop on a date of its service.
func (t *Trip) Departures() iter.Seq[int] {
	return func(yield func(int) bool) {
		if len(t.Windows) == 0 {
			yield(t.Start)
			return
		}
		for _, w := range t.Windows {
			for s := w.Start; s < w.End; s += w.Headway {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// count is how many Departures there are, without making them.
func (t *Trip) count() int {
	if len(t.Windows) == 0 {
		return 1
	}
	n := 0
	for _, w := range t.Windows {
		n += (w.End - w.Start + w.Headway - 1) / w.Headway
	}
	return n
}

// DepartureID names one departure of the trip: the feed's trip_id, and for a trip that runs by a frequency
// its start too, since one row stands for many departures.
func (t *Trip) DepartureID(start int) string {
	if len(t.Windows) == 0 {
		return t.ID
	}
	return t.ID + "@" + clock(int32(start))
}

// countDepartures refuses feeds whose frequencies expand beyond what a day can hold.
func (rd *reading) countDepartures(today servicedate.Date) {
	perService := make([]int, len(rd.feed.Services))
	for i := range rd.feed.Trips {
		t := &rd.feed.Trips[i]
		perService[t.Service] += t.count()
	}
	refuse := func(n int, when string) {
		rd.report.add(Notice{Name: tooManyRows, File: frequencyTable.file, Field: "headway_secs",
			Detail: fmt.Sprintf("%d departures %s; at most %d a day are run", n, when, maxDeparturesPerDay)})
	}
	// Each service alone, whenever it runs, and all that run on a date of the coming month together.
	for i, n := range perService {
		if n > maxDeparturesPerDay {
			refuse(n, "of service "+clip(rd.feed.Services[i].ID))
			return
		}
	}
	day := func(runs func(*Service) bool) int {
		n := 0
		for i := range perService {
			if runs(&rd.feed.Services[i]) {
				n += perService[i]
			}
		}
		return n
	}
	for ahead := range 31 {
		d := today.AddDays(ahead)
		if n := day(func(s *Service) bool { return s.Runs(d) }); n > maxDeparturesPerDay {
			refuse(n, "on "+d.String())
			return
		}
	}
}
