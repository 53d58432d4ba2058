package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
)

// Departure is a trip as the timetable wants it.
type Departure struct {
	ID                      uuid.UUID // for the case that it is new
	Template, Pattern, Line uuid.UUID
	StartS                  int32
	DepartsAt, EndsAt       time.Time
	Dep                     string
	Capacity, Legs          int16
	Repeated                bool // its template departs several times a day
}

// Ran says what RunDepartures did.
type Ran struct{ Added, Moved, Removed, Vanished int }

// Add sums what several calls did.
func (r *Ran) Add(o Ran) {
	r.Added, r.Moved, r.Removed, r.Vanished = r.Added+o.Added, r.Moved+o.Moved, r.Removed+o.Removed, r.Vanished+o.Vanished
}

// RunDepartures makes one date's trips of some templates what the timetable says. Repeating it changes
// nothing. A trip is found again by its template and start (by its template alone when that departs once a
// day), so its id stays when its time or its way changes.
//
// Trips that riders have booked are never taken away: one that the timetable no longer has is flagged
// vanished, and so is one whose stops are no longer those that were sold, beside which the new one runs.
// Trips that have left are history and stay as they are.
//
// What has left is what has left by now, the caller's idea of the time, which is the database's but in tests.
//
// It queues the documents of every trip that it changed; for those that it added the channels are told to
// read their sets anew (event.Reload), because there may be thousands.
func (tx *Tx) RunDepartures(ctx context.Context, now time.Time, date servicedate.Date, templates []uuid.UUID, deps []Departure) (ran Ran, err error) {
	if err := tx.q.ScheduleMonths(ctx, date.Midnight(), date.Midnight()); err != nil {
		return ran, fmt.Errorf("store: make room for trips on %s: %w", date, err)
	}
	err = tx.stage(ctx, "stage_departure", `id uuid, template_id uuid, pattern_id uuid, line_id uuid, start_s integer, departs_at timestamptz,
			ends_at timestamptz, dep text, capacity smallint, legs smallint, repeated boolean`,
		len(deps), func(i int) ([]any, error) {
			d := &deps[i]
			return []any{d.ID, d.Template, d.Pattern, d.Line, d.StartS, d.DepartsAt, d.EndsAt, d.Dep, d.Capacity, d.Legs, d.Repeated}, nil
		})
	if err != nil {
		return ran, err
	}
	if _, err := tx.conn.Exec(ctx, "create temp table stage_match (id uuid, departure uuid) on commit drop"); err != nil {
		return ran, fmt.Errorf("store: compare trips on %s: %w", date, err)
	}
	there, err := tx.exec(ctx, matchTrips, date.Midnight(), templates)
	if err != nil {
		return ran, fmt.Errorf("store: compare trips on %s: %w", date, err)
	}
	touched := &touch{date: date, lines: map[uuid.UUID]bool{}}
	if there > 0 {
		if _, err := tx.conn.Exec(ctx, "analyze stage_match, stage_departure"); err != nil {
			return ran, fmt.Errorf("store: compare trips on %s: %w", date, err)
		}
		if _, err := tx.exec(ctx, rematchTrips, date.Midnight()); err != nil {
			return ran, fmt.Errorf("store: compare trips on %s: %w", date, err)
		}
		if err := tx.settle(ctx, now, date, touched, &ran); err != nil {
			return ran, fmt.Errorf("store: move trips on %s: %w", date, err)
		}
	}
	rows, err := tx.conn.Query(ctx, addTrips, tx.tenant.UUID(), date.Midnight(), now)
	if err != nil {
		return ran, fmt.Errorf("store: add trips on %s: %w", date, err)
	}
	defer rows.Close()
	for rows.Next() {
		var line uuid.UUID
		var n int
		if err := rows.Scan(&line, &n); err != nil {
			return ran, err
		}
		ran.Added += n
		touched.lines[line] = true
	}
	if err := rows.Err(); err != nil {
		return ran, fmt.Errorf("store: add trips on %s: %w", date, err)
	}
	return ran, touched.emit(tx)
}

// touch collects the lines whose set of trips changed.
type touch struct {
	date  servicedate.Date
	lines map[uuid.UUID]bool
}

func (c *touch) emit(tx *Tx) error {
	if len(c.lines) == 0 {
		return nil
	}
	channels := []string{"board:" + c.date.String()}
	for line := range c.lines {
		channels = append(channels, "line:"+line.String()+":"+c.date.String())
	}
	return tx.Emit(event.Reload(channels...))
}

// matchTrips pairs the trips that are there with the departures that should be, by template and start: an equality,
// so that a template with hundreds of departures a day costs no more than as many templates.
const matchTrips = `insert into stage_match
select t.id, d.id from trip t
left join stage_departure d on d.template_id = t.template_id and d.start_s = t.start_s
where t.tenant_id = $1 and t.service_date = $2 and t.template_id = any ($3)`

// rematchTrips pairs what is left where a template departs once a day: that trip has another start now.
const rematchTrips = `update stage_match m set departure = d.id
from trip t join stage_departure d on d.template_id = t.template_id and not d.repeated
where m.departure is null and t.tenant_id = $1 and t.service_date = $2 and t.id = m.id
	and not exists (select from trip o where o.tenant_id = $1 and o.service_date = $2 and o.template_id = t.template_id and o.id <> t.id)`

// addTrips inserts in the order of the ids, which is that of the departures: indexes grow at their end.
const addTrips = `with added as (
	insert into trip (tenant_id, service_date, id, line_id, pattern_id, template_id, start_s, departs_at, ends_at, dep, status, capacity, free, overload)
	select $1, $2, d.id, d.line_id, d.pattern_id, d.template_id, d.start_s, d.departs_at, d.ends_at, d.dep,
		case when d.ends_at <= $3 then 'completed' when d.departs_at <= $3 then 'departed' else 'scheduled' end,
		d.capacity, array_fill(d.capacity, array[d.legs::integer]), array_fill(0::smallint, array[d.legs::integer])
	from stage_departure d
	where not exists (select from stage_match m where m.departure = d.id)
	order by d.id
	returning line_id)
select line_id, count(*) from added group by line_id`
