package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// tripsAtOnce bounds a transaction of Extend to some hundred milliseconds: while one runs, no node sees what
// others commit after its start.
const tripsAtOnce = 8000

// templatesAtOnce bounds it for timetables most of which does not run on a date.
const templatesAtOnce = 20000

// errOvertaken says that another import has changed the timetable in between. Its own Extend does the work.
var errOvertaken = errors.New("dispatch: another import has changed the timetable")

// Extend derives the trips of the coming days from the timetable, and brings those that are there in line
// with it. It may run at any time, on any node.
func (d *Desk) Extend(ctx context.Context, t tenant.ID) (store.Ran, error) {
	var ran store.Ran
	var now time.Time
	var yesterday servicedate.Date
	var sched *store.Schedule
	var days int
	var zone string // the tenant's; lines have their own, nearly always the same
	err := d.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		if err = tx.LockTimetable(ctx); err != nil {
			return err
		}
		if now, err = d.clock(ctx, tx); err != nil {
			return err
		}
		yesterday = servicedate.On(now, time.UTC).AddDays(-1)
		if days, err = tx.HorizonDays(ctx); err != nil {
			return err
		}
		if sched, err = tx.Schedule(ctx, yesterday); err != nil {
			return err
		}
		row, err := tx.TenantRow(ctx)
		zone = row.TimeZone
		return err
	})
	if err != nil {
		return ran, fmt.Errorf("dispatch: extend trips: %w", err)
	}
	if days == 0 {
		return ran, nil // no timetable yet
	}
	plan := &plan{sched: sched, now: now, days: days, zones: map[string]*time.Location{}}
	if _, err := plan.zone(zone); err != nil {
		return ran, fmt.Errorf("dispatch: extend trips: %w", err)
	}
	// Zones are up to 14 hours from UTC: one day more on either side is everybody's.
	for date := yesterday; date <= yesterday.AddDays(days+1); date++ {
		for from := 0; from < len(sched.Templates); {
			ids, deps, next, err := plan.chunk(date, from)
			if err != nil {
				return ran, fmt.Errorf("dispatch: extend trips: %w", err)
			}
			from = next
			done, err := d.runChunk(ctx, t, plan, date, ids, deps)
			if errors.Is(err, errOvertaken) {
				d.log.InfoContext(ctx, "trips are left to a newer import", "tenant", t.String())
				return ran, nil
			}
			if err != nil {
				return ran, fmt.Errorf("dispatch: extend trips on %s: %w", date, err)
			}
			ran.Add(done)
		}
	}
	reached := plan.today().AddDays(days - 1)
	err = d.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.HorizonReached(ctx, sched.Version, reached) })
	return ran, err
}

// Due is the tenants whose trips are not derived as far ahead as they should be: it is a new day there, or an
// import was cut off after its commit.
func (d *Desk) Due(ctx context.Context) ([]tenant.ID, error) {
	all, err := d.db.System().Horizons(ctx)
	if err != nil {
		return nil, fmt.Errorf("dispatch: find tenants to extend: %w", err)
	}
	var due []tenant.ID
	for _, h := range all {
		loc, err := time.LoadLocation(h.TimeZone)
		if err != nil {
			return nil, fmt.Errorf("dispatch: find tenants to extend: %w", err)
		}
		if h.Until < servicedate.On(d.about(), loc).AddDays(h.Days-1) {
			due = append(due, h.Tenant)
		}
	}
	return due, nil
}

func (d *Desk) runChunk(ctx context.Context, t tenant.ID, p *plan, date servicedate.Date, ids []uuid.UUID, deps []store.Departure) (ran store.Ran, err error) {
	err = d.db.InTx(ctx, t, func(tx *store.Tx) error {
		if err := tx.LockTimetable(ctx); err != nil {
			return err
		}
		newest, err := tx.ScheduleVersion(ctx)
		if err != nil {
			return err
		}
		if newest != p.sched.Version {
			return errOvertaken
		}
		ran, err = tx.RunDepartures(ctx, p.now, date, ids, deps)
		return err
	})
	return ran, err
}

// plan says what should run.
type plan struct {
	sched *store.Schedule
	now   time.Time
	days  int
	zones map[string]*time.Location
}

// chunk returns the next templates from an index on, and all their departures on a date.
func (p *plan) chunk(date servicedate.Date, from int) (ids []uuid.UUID, deps []store.Departure, next int, err error) {
	for next = from; next < len(p.sched.Templates) && len(deps) < tripsAtOnce && len(ids) < templatesAtOnce; next++ {
		t := &p.sched.Templates[next]
		loc, err := p.zone(t.TimeZone)
		if err != nil {
			return nil, nil, 0, err
		}
		today := servicedate.On(p.now, loc)
		if date > today.AddDays(p.days-1) {
			continue // nor does it vanish: it is not looked at
		}
		ids = append(ids, t.ID)
		if !t.Active || !p.sched.Services[t.Trip.Service].Runs(date) {
			continue
		}
		for start := range t.Trip.Departures() {
			at := date.At(start, loc)
			ends := at.Add(time.Duration(t.LastsS) * time.Second)
			if date < today && !ends.After(p.now) {
				continue // of yesterday only what still runs
			}
			deps = append(deps, store.Departure{ID: ident.Dated(date, start*1000), Template: t.ID, Pattern: t.Pattern, Line: t.Line,
				StartS: int32(start), DepartsAt: at, EndsAt: ends, Dep: at.Format("15:04"),
				Capacity: t.Capacity, Legs: t.Legs, Repeated: len(t.Trip.Windows) > 0})
		}
	}
	return ids, deps, next, nil
}

// today is the date where the day comes first of all zones that were met.
func (p *plan) today() (today servicedate.Date) {
	for _, loc := range p.zones {
		today = max(today, servicedate.On(p.now, loc))
	}
	return today
}

func (p *plan) zone(name string) (*time.Location, error) {
	if loc, ok := p.zones[name]; ok {
		return loc, nil
	}
	loc, err := time.LoadLocation(name)
	if err == nil {
		p.zones[name] = loc
	}
	return loc, err
}
