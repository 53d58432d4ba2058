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
	for i := range n {
		day.Trips = append(day.Trips, d.trip(t, day, 6*3600+i*3600))
	}
	return day
}

func (d *DB) trip(t testing.TB, day Day, start int) uuid.UUID {
	t.Helper()
	trip := ident.Dated(day.Date, start*1000)
	departs := day.Date.At(start, time.UTC)
	d.Exec(t, `insert into trip (tenant_id, service_date, id, line_id, pattern_id, start_s, departs_at, ends_at, dep, capacity, free, overload)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 14, '{14,14,14}', '{0,0,0}')`,
		day.Tenant.ID.UUID(), day.Date.Midnight(), trip, day.Line, day.Pattern, start, departs, departs.Add(30*time.Minute),
		departs.Format("15:04"))
	return trip
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
