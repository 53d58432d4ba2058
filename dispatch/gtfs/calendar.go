package gtfs

import (
	"slices"
	"time"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

const (
	calID = iota
	calMonday
	calTuesday
	calWednesday
	calThursday
	calFriday
	calSaturday
	calSunday
	calStart
	calEnd
)

var calendarTable = &table{
	file: "calendar.txt",
	columns: []column{
		calID: {"service_id", required}, calMonday: {"monday", required}, calTuesday: {"tuesday", required},
		calWednesday: {"wednesday", required}, calThursday: {"thursday", required}, calFriday: {"friday", required},
		calSaturday: {"saturday", required}, calSunday: {"sunday", required}, calStart: {"start_date", required}, calEnd: {"end_date", required},
	},
	known: "service_name",
}

const (
	exService = iota
	exDate
	exType
)

var calendarDatesTable = &table{
	file: "calendar_dates.txt",
	columns: []column{
		exService: {"service_id", required}, exDate: {"date", required}, exType: {"exception_type", required},
	},
	known: "holiday_name",
}

func (rd *reading) readCalendars() {
	rd.ids.services = map[string]int32{}
	rd.each(calendarTable, func(r *row) {
		id, ok := r.mustID(calID)
		if !ok {
			return
		}
		if _, dup := rd.ids.services[string(id)]; dup {
			r.add(duplicateKey, calID, string(id))
			return
		}
		s := Service{ID: string(id)}
		runs := false
		for c := calMonday; c <= calSunday; c++ {
			n, ok := r.integer(c, -1, 0, 1)
			if ok && n < 0 {
				r.add(missingRequiredField, c, "")
			}
			s.Weekdays[(c-calMonday+int(time.Monday))%7] = n == 1
			runs = runs || n == 1
		}
		var ok1, ok2 bool
		s.From, ok1 = r.date(calStart)
		s.To, ok2 = r.date(calEnd)
		switch {
		case ok1 && ok2 && s.From > s.To:
			r.add(rangeOutOfOrder, calStart, s.From.String())
		case ok1 && ok2 && s.From.Until(s.To) > maxCalendarDays:
			r.addf(numberOutOfRange, calEnd, s.To.String(), "the service runs for more than 100 years")
		}
		if !runs {
			r.add(serviceWithoutWeekday, calMonday, s.ID)
		}
		rd.service(s)
	})
	type exception struct {
		service int32
		date    servicedate.Date
	}
	seen := map[exception]bool{}
	rd.each(calendarDatesTable, func(r *row) {
		id, ok := r.mustID(exService)
		if !ok {
			return
		}
		date, ok := r.date(exDate)
		if !ok {
			return
		}
		at, known := rd.ids.services[string(id)]
		if !known { // services may live from exceptions alone
			at = rd.service(Service{ID: string(id)})
		}
		key := exception{at, date}
		if seen[key] {
			r.add(duplicateKey, exDate, date.String())
			return
		}
		seen[key] = true
		s := &rd.feed.Services[at]
		switch v := string(r.bytes(exType)); v {
		case "1":
			s.Added = append(s.Added, date)
		case "2":
			s.Removed = append(s.Removed, date)
		case "":
			r.add(missingRequiredField, exType, "")
		default:
			r.add(unexpectedEnumValue, exType, v)
		}
	})
	for i := range rd.feed.Services {
		slices.Sort(rd.feed.Services[i].Added)
		slices.Sort(rd.feed.Services[i].Removed)
	}
}

func (rd *reading) service(s Service) int32 {
	at := int32(len(rd.feed.Services))
	rd.ids.services[s.ID] = at
	rd.feed.Services = append(rd.feed.Services, s)
	return at
}

// Runs says whether the service runs on a date.
func (s *Service) Runs(d servicedate.Date) bool {
	if _, removed := slices.BinarySearch(s.Removed, d); removed {
		return false
	}
	if _, added := slices.BinarySearch(s.Added, d); added {
		return true
	}
	return !s.From.IsZero() && s.From <= d && d <= s.To && s.Weekdays[d.Weekday()]
}

// span returns the first and last date on which the service may run; zero dates when it never does.
func (s *Service) span() (first, last servicedate.Date) {
	if s.Weekdays != [7]bool{} {
		first, last = s.From, s.To
	}
	if n := len(s.Added); n > 0 {
		if first.IsZero() || s.Added[0] < first {
			first = s.Added[0]
		}
		last = max(last, s.Added[n-1])
	}
	return first, last
}

func (s *Service) shift(days int) {
	if !s.From.IsZero() {
		s.From, s.To = s.From.AddDays(days), s.To.AddDays(days)
	}
	for _, dates := range [][]servicedate.Date{s.Added, s.Removed} {
		for i := range dates {
			dates[i] = dates[i].AddDays(days)
		}
	}
}

// checkCalendars compares the calendars with today, after moving them if that was asked for.
func (rd *reading) checkCalendars(opt Options) {
	f := rd.feed
	var first, last servicedate.Date
	for i := range f.Services {
		from, to := f.Services[i].span()
		if !from.IsZero() && (first.IsZero() || from < first) {
			first = from
		}
		last = max(last, to)
	}
	if opt.Shift && !first.IsZero() && last < opt.Today.AddDays(7) {
		// Whole weeks, so that a Monday stays a Monday; rounded down, so that the feed has begun.
		f.Shifted = first.Until(opt.Today) / 7 * 7
		for i := range f.Services {
			f.Services[i].shift(f.Shifted)
		}
		first, last = first.AddDays(f.Shifted), last.AddDays(f.Shifted)
	}
	for i := range f.Services {
		s := &f.Services[i]
		switch from, to := s.span(); {
		case from.IsZero():
		case to < opt.Today:
			rd.report.add(Notice{Name: expiredCalendar, File: "calendar.txt", Field: "end_date", Value: s.ID, Detail: "ended on " + to.String()})
		case opt.Today.AddDays(2*366) < to:
			rd.report.add(Notice{Name: serviceFarInFuture, File: "calendar.txt", Field: "end_date", Value: s.ID, Detail: "ends on " + to.String()})
		}
	}
	if first > opt.Today {
		rd.report.add(Notice{Name: futureCalendar, Detail: "service starts on " + first.String()})
	}
	if last < opt.Today.AddDays(7) || first > opt.Today.AddDays(7) {
		rd.report.add(Notice{Name: noTripsInNext7Days, Detail: "the calendars do not cover the next seven days"})
	}
}
