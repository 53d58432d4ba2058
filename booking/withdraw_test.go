package booking_test

import (
	"context"
	"testing"

	"github.com/waymeet/waymeet/booking"
)

// TestLeaversRidesAreWithdrawn: what somebody booked with an employer's money for days after they left is cancelled, with
// everything back; twice is once, and what they pay for alone stays.
func TestLeaversRidesAreWithdrawn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	e := w.Employer(t, w.A, "Employer")
	m := w.Member(t, e, e.Organisation, w.A.Rider)
	ctx := context.Background()
	var made []booking.Result
	for trip := range 2 {
		r := w.hold(t, trip, 0, 2, 1)
		if _, err := w.desk.Confirm(ctx, w.by, w.key("bookings.confirm", trip), r.Booking.ID, "cash"); err != nil {
			t.Fatal(err)
		}
		made = append(made, r)
	}
	w.Exec(t, `insert into programme_ride (tenant_id, service_date, booking_id, programme_id, organisation_id, unit_id, membership_id, employee_id, month, line_id,
			line_name, from_name, to_name, pickup_at, fare, subsidy, booked, currency, cost_centre, state)
		select tenant_id, service_date, id, $2, $3, $3, $4, rider_id, date_trunc('month', service_date)::date, $5, line_name, from_name, to_name, from_at, 0, 0, 0, 'MAD', '', 'reserved'
		from booking where id = $1`, made[0].Booking.ID, e.Programme, e.Organisation, m, w.day.Line)
	for _, left := range []int{1, 0} { // the day after the ride: it was theirs to take; that day: not any more
		w.Exec(t, `update membership set left_on = $2 where id = $1`, m, w.day.Date.AddDays(left).Midnight())
		for range 2 {
			if err := w.desk.Withdraw(ctx, w.A.ID, m); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.Int(t, `select count(*) from booking where state = 'cancelled' and refund_amount = fare_amount and id = $1`, made[0].Booking.ID); n != int64(1-left) {
			t.Errorf("left %d days after: %d cancelled", left, n)
		}
	}
	if n := w.Int(t, `select count(*) from booking where state = 'confirmed' and id = $1`, made[1].Booking.ID); n != 1 {
		t.Error("a ride that the employer had no part in is gone too")
	}
	if n := w.Int(t, `select count(*) from audit where action = 'booking.withdraw'`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
}
