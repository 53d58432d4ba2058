package bench

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Book puts about n confirmed bookings on the tenant's trips, evenly, with the seats that they take: half of a trip's
// riders go all the way, half only as far as its middle. It says how many trips and bookings there are then.
func (s *Stage) Book(ctx context.Context, n int, riders []uuid.UUID) (trips, bookings int, err error) {
	if err := s.super.QueryRow(ctx, `select count(*) from trip where cardinality(free) > 1`).Scan(&trips); err != nil || trips == 0 {
		return 0, 0, fmt.Errorf("bench: the feed runs %d trips: %w", trips, err)
	}
	each := 2 * max(1, n/(2*trips)+1) // an even number on each
	for _, step := range []struct {
		sql  string
		args []any
	}{
		// What a million riders would do in a month: the rules are the tables' all the same, only the checks of each
		// reference are spared.
		{`set session_replication_role = replica`, nil},
		{`insert into booking (tenant_id, service_date, id, trip_id, rider_id, from_idx, to_idx, party, state, fare_amount, fare_currency, cancel_until,
				short, line_name, from_stop, from_name, from_at, from_time, to_stop, to_name, to_at, to_time)
			select t.tenant_id, t.service_date,
				(lpad(to_hex(extract(epoch from t.service_date at time zone 'UTC')::bigint * 1000), 12, '0') || '7' || substr(md5(t.id::text || g), 1, 3) || '8' || substr(md5(t.id::text || g), 4, 15))::uuid,
				t.id, ($2::uuid[])[1 + (t.start_s + g) % cardinality($2::uuid[])], 0, case when g % 2 = 0 then cardinality(t.free) else cardinality(t.free) / 2 end,
				1, 'confirmed', 5000, 'KES', t.departs_at, 'B' || g, 'Line', t.id, 'From', t.departs_at, '06:00', t.id, 'To', t.ends_at, '07:00'
			from trip t cross join generate_series(1, $1::int) g where cardinality(t.free) > 1 limit $3`, []any{each, riders, n}},
		{`update trip set booked = $1, free = array_fill((capacity - $1)::smallint, array[cardinality(free) / 2]) || array_fill((capacity - $1 / 2)::smallint, array[cardinality(free) - cardinality(free) / 2])
			where cardinality(free) > 1`, []any{each}},
		{`set session_replication_role = origin`, nil},
	} {
		if err := s.exec(ctx, step.sql, step.args...); err != nil {
			return 0, 0, err
		}
	}
	err = s.super.QueryRow(ctx, `select (select count(*) from trip), (select count(*) from booking)`).Scan(&trips, &bookings)
	return trips, bookings, err
}

// Ride is a pair of stops that a line serves in this order.
type Ride struct{ From, To uuid.UUID }

// Rides draws n rides as riders would ask for them: any two stops of any line.
func (s *Stage) Rides(ctx context.Context, n int) ([]Ride, error) {
	rows, err := s.super.Query(ctx, `
		select a.stop_id, b.stop_id from pattern_stop a join pattern_stop b on b.pattern_id = a.pattern_id and b.idx > a.idx and b.stop_id <> a.stop_id
		order by md5(a.pattern_id::text || a.idx || '-' || b.idx) limit $1`, n)
	if err != nil {
		return nil, fmt.Errorf("bench: draw rides: %w", err)
	}
	defer rows.Close()
	var rides []Ride
	for rows.Next() {
		var r Ride
		if err := rows.Scan(&r.From, &r.To); err != nil {
			return nil, err
		}
		rides = append(rides, r)
	}
	return rides, rows.Err()
}

// Dates are the service dates that have trips.
func (s *Stage) Dates(ctx context.Context) ([]servicedate.Date, error) {
	rows, err := s.super.Query(ctx, `select distinct service_date::text from trip order by 1`)
	if err != nil {
		return nil, fmt.Errorf("bench: dates: %w", err)
	}
	defer rows.Close()
	var dates []servicedate.Date
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		d, err := servicedate.Parse(text)
		if err != nil {
			return nil, err
		}
		dates = append(dates, d)
	}
	return dates, rows.Err()
}
