package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
)

// lockChanging locks the trips that the timetable changes and says what becomes of each. The lock is the one
// that bookings wait for, so what is decided holds until the commit. Trips that have left are left alone.
const lockChanging = `select t.id, t.line_id, d.id is not null as planned, t.held + t.booked > 0 as taken,
	d.pattern_id is null or d.pattern_id = t.pattern_id or not exists (
		(select idx, stop_id from pattern_stop where tenant_id = t.tenant_id and pattern_id = t.pattern_id
			except select idx, stop_id from pattern_stop where tenant_id = t.tenant_id and pattern_id = d.pattern_id)
		union all
		(select idx, stop_id from pattern_stop where tenant_id = t.tenant_id and pattern_id = d.pattern_id
			except select idx, stop_id from pattern_stop where tenant_id = t.tenant_id and pattern_id = t.pattern_id)) as same_stops,
	t.version
from stage_match m
join trip t on t.tenant_id = $1 and t.service_date = $2 and t.id = m.id
left join stage_departure d on d.id = m.departure
where t.status in ('scheduled', 'boarding') and t.departs_at > $3
	and case when d.id is null then not t.vanished or (t.held + t.booked = 0 and t.status <> 'cancelled')
		else t.vanished or (t.pattern_id, t.line_id, t.start_s, t.departs_at, t.ends_at, t.dep)
			is distinct from (d.pattern_id, d.line_id, d.start_s, d.departs_at, d.ends_at, d.dep) end
order by t.id
for update of t`

// onceBooked are those of some trips that a booking names, whatever became of it. It is asked after the locks: a
// statement that waits for one still sees the other tables as they were before.
const onceBooked = `select distinct trip_id from booking where tenant_id = $1 and service_date = $2 and trip_id = any ($3)`

// What may become of a trip that the timetable changes.
const (
	moveTrips = `update trip t set pattern_id = d.pattern_id, line_id = d.line_id, start_s = d.start_s, departs_at = d.departs_at,
			ends_at = d.ends_at, dep = d.dep, vanished = false, version = t.version + 1,
			free = case when cardinality(t.free) = d.legs then t.free else array_fill(t.capacity, array[d.legs::integer]) end,
			overload = case when cardinality(t.free) = d.legs then t.overload else array_fill(0::smallint, array[d.legs::integer]) end
		from stage_match m join stage_departure d on d.id = m.departure
		where m.id = t.id and t.tenant_id = $1 and t.service_date = $2 and t.id = any ($3)`
	// Nobody was ever on it: it goes.
	removeTrips = `delete from trip where tenant_id = $1 and service_date = $2 and id = any ($3)`
	// Somebody once booked and cancelled: the trip is part of that booking's story.
	closeTrips = `update trip set vanished = true, status = 'cancelled', version = version + 1
		where tenant_id = $1 and service_date = $2 and id = any ($3)`
	flagTrips = `update trip set vanished = true, version = version + 1
		where tenant_id = $1 and service_date = $2 and id = any ($3) and not vanished`
	// It runs as it was sold, and its place in the timetable is free for the new one.
	detachTrips = `update trip set vanished = true, template_id = null, version = version + 1
		where tenant_id = $1 and service_date = $2 and id = any ($3)`
	unmatchTrips = `delete from stage_match where id = any ($3) and $1::uuid is not null and $2::date is not null`
)

// settle brings the trips that are there in line with the timetable.
func (tx *Tx) settle(ctx context.Context, now time.Time, date servicedate.Date, touched *touch, ran *Ran) error {
	var move, empty, remove, closed, flag, detach []uuid.UUID
	tombstones := map[uuid.UUID]event.Change{}
	rows, err := tx.conn.Query(ctx, lockChanging, tx.tenant.UUID(), date.Midnight(), now)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, line uuid.UUID
		var planned, taken, sameStops bool
		var version int64
		if err := rows.Scan(&id, &line, &planned, &taken, &sameStops, &version); err != nil {
			return err
		}
		switch {
		case planned && (!taken || sameStops):
			if line != uuid.Nil {
				touched.lines[line] = true // it may leave this line's set for another's
			}
			move = append(move, id)
		case planned:
			detach = append(detach, id)
		case taken:
			flag = append(flag, id)
		default:
			empty = append(empty, id)
			touched.lines[line] = true
			t := event.Trip{ID: id, Line: line, Date: date, Version: version + 1}
			c := t.Change()
			tombstones[id] = event.Change{Entity: c.Entity, Version: c.Version, Gone: true, Left: c.Channels}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	once, err := tx.ids(ctx, onceBooked, date.Midnight(), empty)
	if err != nil {
		return err
	}
	for _, id := range empty {
		if once[id] {
			closed = append(closed, id)
		} else {
			remove = append(remove, id)
		}
	}
	for _, step := range []struct {
		sql string
		ids []uuid.UUID
	}{
		{moveTrips, move}, {removeTrips, remove}, {closeTrips, closed}, {flagTrips, flag}, {detachTrips, detach}, {unmatchTrips, detach},
	} {
		if len(step.ids) == 0 {
			continue
		}
		if _, err := tx.exec(ctx, step.sql, date.Midnight(), step.ids); err != nil {
			return err
		}
	}
	ran.Moved, ran.Removed, ran.Vanished = len(move), len(remove), len(flag)+len(detach)+len(closed)
	for _, id := range remove {
		if err := tx.Emit(tombstones[id]); err != nil {
			return err
		}
	}
	if err := tx.tell(ctx, date, touched, move, closed, flag, detach); err != nil {
		return err
	}
	return tx.moveBookings(ctx, date, move)
}

// ids is the answer of a statement about some ids; $1 is the tenant.
func (tx *Tx) ids(ctx context.Context, sql string, date time.Time, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := tx.conn.Query(ctx, sql, tx.tenant.UUID(), date, ids)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	out := make(map[uuid.UUID]bool, len(found))
	for _, id := range found {
		out[id] = true
	}
	return out, err
}

// tell queues the documents of changed trips.
func (tx *Tx) tell(ctx context.Context, date servicedate.Date, touched *touch, sets ...[]uuid.UUID) error {
	var ids []uuid.UUID
	for _, s := range sets {
		ids = append(ids, s...)
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := tx.q.ScheduleTrips(ctx, tx.tenant.UUID(), date.Midnight(), ids)
	if err != nil {
		return err
	}
	for i := range rows {
		t := tripEvent(&rows[i])
		touched.lines[t.Line] = true
		if err := tx.Emit(t.Change()); err != nil {
			return err
		}
	}
	return nil
}

// moveBookings tells riders of the trips that moved their new times. What was promised about cancelling
// stays: cancel_until moves with nothing.
func (tx *Tx) moveBookings(ctx context.Context, date servicedate.Date, trips []uuid.UUID) error {
	if len(trips) == 0 {
		return nil
	}
	rows, err := tx.q.ScheduleBookings(ctx, tx.tenant.UUID(), date.Midnight(), trips)
	if err != nil {
		return err
	}
	for i := range rows {
		b := &rows[i].Booking
		loc, err := time.LoadLocation(rows[i].TimeZone)
		if err != nil {
			return err
		}
		b.FromAt = rows[i].DepartsAt.Add(time.Duration(rows[i].FromS) * time.Second)
		b.ToAt = rows[i].DepartsAt.Add(time.Duration(rows[i].ToS) * time.Second)
		b.FromTime, b.ToTime = b.FromAt.In(loc).Format("15:04"), b.ToAt.In(loc).Format("15:04")
		b.Version++
		if _, err := tx.exec(ctx, `update booking set from_at = $4, from_time = $5, to_at = $6, to_time = $7, version = $8
			where tenant_id = $1 and service_date = $2 and id = $3`,
			date.Midnight(), b.ID, b.FromAt, b.FromTime, b.ToAt, b.ToTime, b.Version); err != nil {
			return err
		}
		e := bookingEvent(b)
		if err := tx.Emit(e.Change()); err != nil {
			return err
		}
	}
	return nil
}
