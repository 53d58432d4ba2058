package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
)

// Line is one line with trips on one service date, all alike.
type Line struct {
	Date     servicedate.Date
	Stops    []uuid.UUID
	Trips    []uuid.UUID
	Legs     int
	Capacity int
}

// Line makes a line of legs+1 stops with n trips tomorrow.
func (s *Stage) Line(ctx context.Context, n, legs, capacity int) (Line, error) {
	l := Line{Date: servicedate.On(time.Now(), time.UTC).AddDays(2), Legs: legs, Capacity: capacity}
	agency, line, pattern, t := ident.New(), ident.New(), ident.New(), s.Tenant.UUID()
	for range legs + 1 {
		l.Stops = append(l.Stops, ident.New())
	}
	starts := make([]int, n)
	for i := range n {
		starts[i] = 6*3600 + i*60%(12*3600)
		l.Trips = append(l.Trips, ident.Dated(l.Date, starts[i]*1000))
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{`insert into agency (tenant_id, id, source, external_id, name, time_zone) values ($1, $2::uuid, 'bench', $2::text, 'Bench', 'Africa/Nairobi')`, []any{t, agency}},
		{`insert into line (tenant_id, id, source, external_id, agency_id, short_name, long_name, kind, time_zone)
			values ($1, $2::uuid, 'bench', $2::text, $3, 'B1', 'Bench line', 3, 'Africa/Nairobi')`, []any{t, line, agency}},
		{`insert into pattern (tenant_id, id, source, external_id, line_id, stops) values ($1, $2::uuid, 'bench', $2::text, $3, $4)`, []any{t, pattern, line, legs + 1}},
		{`insert into stop (tenant_id, id, source, external_id, name, lat, lon)
			select $1, id, 'bench', id::text, 'Stop ' || n, -1.28, 36.8 from unnest($2::uuid[]) with ordinality u (id, n)`, []any{t, l.Stops}},
		{`insert into pattern_stop (tenant_id, pattern_id, idx, stop_id, arrive_s, depart_s)
			select $1, $2, n - 1, id, (n - 1) * 120, (n - 1) * 120 from unnest($3::uuid[]) with ordinality u (id, n)`, []any{t, pattern, l.Stops}},
		{`select ensure_service_months($1, $1)`, []any{l.Date.Midnight()}},
		{`insert into trip (tenant_id, service_date, id, line_id, pattern_id, start_s, departs_at, ends_at, dep, capacity, free, overload)
			select $1, $2::date, id, $3, $4, start, $2::date + make_interval(secs => start), $2::date + make_interval(secs => start + 7200), '06:00',
				$7, array_fill($7::smallint, array[$8::int]), array_fill(0::smallint, array[$8::int])
			from unnest($5::uuid[], $6::int[]) u (id, start)`, []any{t, l.Date.Midnight(), line, pattern, l.Trips, starts, capacity, legs}},
	} {
		if err := s.exec(ctx, step.sql, step.args...); err != nil {
			return l, err
		}
	}
	return l, nil
}

// Oversold counts seats that were sold and are not there, and seats that went missing: both must be 0.
func (s *Stage) Oversold(ctx context.Context, l Line) (int, error) {
	var n int
	err := s.super.QueryRow(ctx, `
		with sold as (select b.trip_id, g as leg, sum(b.party) as n from booking b cross join lateral generate_series(b.from_idx + 1, b.to_idx) g
			where b.trip_id = any ($1) and b.state not in ('cancelled', 'expired') group by 1, 2)
		select coalesce(sum(greatest(0, coalesce(s.n, 0) - t.capacity) + abs(coalesce(s.n, 0) + t.free[g] - t.capacity - t.overload[g])), 0)
		from trip t cross join lateral generate_series(1, cardinality(t.free)) g
		left join sold s on s.trip_id = t.id and s.leg = g where t.id = any ($1)`, l.Trips).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("bench: count oversold seats: %w", err)
	}
	return n, nil
}
