package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
)

// Template is what runs on each date of its service.
type Template struct {
	ID, Pattern, Line uuid.UUID
	Trip              gtfs.Trip // Service is an index into Schedule.Services
	TimeZone          string
	Capacity, Legs    int16
	LastsS            int32 // from the first departure to the last arrival
	Active            bool
}

// Schedule is a tenant's whole timetable, without its stops.
type Schedule struct {
	Version   uuid.UUID // the newest import; the nil UUID when there was none
	Templates []Template
	Services  []gtfs.Service
}

// Clock is the database's time.
func (r *Reader) Clock(ctx context.Context) (time.Time, error) { return r.q.Clock(ctx) }

// ScheduleVersion is the newest import. While it is the same, so is the timetable.
func (r *Reader) ScheduleVersion(ctx context.Context) (uuid.UUID, error) {
	v, err := r.q.ScheduleVersion(ctx, r.tenant.UUID())
	if IsNotFound(err) {
		return uuid.Nil, nil
	}
	return v.ID, err
}

// Horizon is how far a tenant's trips are derived.
type Horizon struct {
	Tenant   tenant.ID
	Days     int              // for how many days they are kept ready
	Until    servicedate.Date // the last date that is; zero: none since the newest import
	TimeZone string
}

// Horizons is those of all tenants that have a timetable.
func (s *System) Horizons(ctx context.Context) ([]Horizon, error) {
	rows, err := s.q.Horizons(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: read horizons: %w", err)
	}
	out := make([]Horizon, len(rows))
	for i, h := range rows {
		out[i] = Horizon{tenant.ID(h.TenantID), int(h.Days), dateOrNone(h.Until), h.TimeZone}
	}
	return out, nil
}

// HorizonDays is for how many days trips are kept ready; 0 when there is no timetable.
func (r *Reader) HorizonDays(ctx context.Context) (int, error) {
	n, err := r.q.HorizonDays(ctx, r.tenant.UUID())
	if IsNotFound(err) {
		return 0, nil
	}
	return int(n), err
}

// HorizonReached records that trips are derived up to a date, unless there is a newer import by now.
func (tx *Tx) HorizonReached(ctx context.Context, version uuid.UUID, until servicedate.Date) error {
	_, err := tx.q.HorizonReached(ctx, until.Midnight(), tx.tenant.UUID(), version)
	return err
}

// Schedule reads what may run from a date on. Call LockTimetable first, so that its parts agree.
func (tx *Tx) Schedule(ctx context.Context, first servicedate.Date) (*Schedule, error) {
	version, err := tx.ScheduleVersion(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: read the schedule: %w", err)
	}
	s := &Schedule{Version: version}
	services, err := tx.q.ScheduleServices(ctx, tx.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: read the calendars: %w", err)
	}
	at := make(map[uuid.UUID]int, len(services))
	for i, c := range services {
		at[c.ID] = i
		s.Services = append(s.Services, gtfs.Service{ID: c.ExternalID, Weekdays: weekdays(c.Weekdays), From: dateOrNone(c.FirstDate), To: dateOrNone(c.LastDate),
			Added: dates(c.Added), Removed: dates(c.Removed)})
	}
	rows, err := tx.q.ScheduleTemplates(ctx, tx.tenant.UUID(), first.Midnight())
	if err != nil {
		return nil, fmt.Errorf("store: read the trips to run: %w", err)
	}
	s.Templates = make([]Template, len(rows))
	for i, r := range rows {
		t := Template{ID: r.ID, Pattern: r.PatternID, Line: r.LineID, TimeZone: r.TimeZone, Capacity: r.Capacity, Legs: r.Legs,
			LastsS: r.LastsS, Active: r.Active, Trip: gtfs.Trip{ID: r.ExternalID, Start: int(r.StartS), Service: at[r.ServiceID]}}
		if r.Frequencies != nil {
			var windows []frequency
			if err := json.Unmarshal(r.Frequencies, &windows); err != nil {
				return nil, fmt.Errorf("store: read the frequencies of template %s: %w", r.ID, err)
			}
			for _, w := range windows {
				t.Trip.Windows = append(t.Trip.Windows, gtfs.Window{Start: w.From, End: w.Until, Headway: w.Headway, Exact: w.Exact})
			}
		}
		s.Templates[i] = t
	}
	return s, nil
}

func dateOrNone(t *time.Time) servicedate.Date {
	if t == nil {
		return 0
	}
	return dateOf(*t)
}

func dates(in []time.Time) []servicedate.Date {
	out := make([]servicedate.Date, len(in))
	for i, t := range in {
		out[i] = dateOf(t)
	}
	return out
}
