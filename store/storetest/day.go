package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
)

// Day is one line of a tenant with trips on one service date.
type Day struct {
	Tenant  Tenant
	Date    servicedate.Date
	Line    uuid.UUID
	Pattern uuid.UUID
	Stops   []uuid.UUID
	Trips   []uuid.UUID // an hour apart from 06:00 on, 14 seats on each of three legs
}

// Day makes a line of four stops with n trips on a date, past row level security.
func (d *DB) Day(t testing.TB, x Tenant, date servicedate.Date, n int) Day {
	t.Helper()
	day := Day{Tenant: x, Date: date, Line: ident.New(), Pattern: ident.New()}
	id, agency, name := x.ID.UUID(), ident.New(), "Line "+x.Canary
	d.Exec(t, `insert into agency (tenant_id, id, source, external_id, name, time_zone) values ($1, $2, 'test', $3, $4, 'UTC')`,
		id, agency, agency.String(), name)
	d.Exec(t, `insert into line (tenant_id, id, source, external_id, agency_id, short_name, long_name, kind, time_zone)
		values ($1, $2, 'test', $3, $4, 'L1', $5, 3, 'UTC')`, id, day.Line, day.Line.String(), agency, name)
	d.Exec(t, `insert into pattern (tenant_id, id, source, external_id, line_id, stops) values ($1, $2, 'test', $3, $4, 4)`,
		id, day.Pattern, day.Pattern.String(), day.Line)
	for i := range 4 {
		stop := ident.New()
		d.Exec(t, `insert into stop (tenant_id, id, source, external_id, name, lat, lon) values ($1, $2, 'test', $3, $4, 33.5, -7.6)`,
			id, stop, stop.String(), fmt.Sprintf("Stop %d %s", i, x.Canary))
		d.Exec(t, `insert into pattern_stop (tenant_id, pattern_id, idx, stop_id, arrive_s, depart_s) values ($1, $2, $3, $4, $5, $5)`,
			id, day.Pattern, i, stop, i*600)
		day.Stops = append(day.Stops, stop)
	}
	d.Exec(t, `select ensure_service_months($1, $1)`, date.Midnight())
	day.Trips = d.trips(t, day, n)
	return day
}

// trips are made in one statement: a hundred of them shall not cost a test a second.
func (d *DB) trips(t testing.TB, day Day, n int) []uuid.UUID {
	t.Helper()
	ids, starts, departs, read := make([]uuid.UUID, n), make([]int, n), make([]time.Time, n), make([]string, n)
	for i := range n {
		starts[i] = 6*3600 + i*3600
		ids[i], departs[i] = ident.Dated(day.Date, starts[i]*1000), day.Date.At(starts[i], time.UTC)
		read[i] = departs[i].Format("15:04")
	}
	d.Exec(t, `insert into trip (tenant_id, service_date, id, line_id, pattern_id, start_s, departs_at, ends_at, dep, capacity, free, overload)
		select $1, $2, u.id, $3, $4, u.start_s, u.departs_at, u.departs_at + interval '30 minutes', u.dep, 14, '{14,14,14}', '{0,0,0}'
		from unnest($5::uuid[], $6::integer[], $7::timestamptz[], $8::text[]) as u (id, start_s, departs_at, dep)`,
		day.Tenant.ID.UUID(), day.Date.Midnight(), day.Line, day.Pattern, ids, starts, departs, read)
	return ids
}

// Booking makes a confirmed booking on a trip of the day, past row level security and
// without touching the trip's seats.
func (d *DB) Booking(t testing.TB, day Day, trip, rider uuid.UUID) uuid.UUID {
	t.Helper()
	id := ident.Dated(day.Date, 0)
	at := day.Date.At(7*3600, time.UTC)
	d.Exec(t, `insert into booking (tenant_id, service_date, id, trip_id, rider_id, from_idx, to_idx, party, state, fare_amount, fare_currency,
			cancel_until, short, line_name, from_stop, from_name, from_at, from_time, to_stop, to_name, to_at, to_time)
		values ($1, $2, $3, $4, $5, 0, 2, 1, 'confirmed', 1200, 'MAD', $6, $7, $8, $9, 'From', $6, '07:00', $10, 'To', $6, '07:20')`,
		day.Tenant.ID.UUID(), day.Date.Midnight(), id, trip, rider, at, ident.Token(6), "L1 "+day.Tenant.Canary, day.Stops[0], day.Stops[2])
	return id
}
