package billing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// employed is a line whose rider has an employer that pays half of each ride.
func employed(t *testing.T) (*line, storetest.Employer) {
	t.Helper()
	l := newLine(t)
	e := l.db.Employer(t, l.db.A, "Atlas")
	l.db.Member(t, e, e.Organisation, l.db.A.Rider)
	return l, e
}

// today has its trips run now, and is over when end is called.
func (l *line) today(t *testing.T) (end func()) {
	t.Helper()
	zone, err := time.LoadLocation("Africa/Casablanca") // the operator's: a pass is good from its day on
	if err != nil {
		t.Fatal(err)
	}
	l.day = l.db.Day(t, l.db.A, servicedate.On(time.Now(), zone), 2)
	l.db.Exec(t, `update trip set departs_at = clock_timestamp() + interval '3 hours', ends_at = clock_timestamp() + interval '4 hours'`)
	return func() {
		t.Helper()
		l.db.Exec(t, `update trip set departs_at = clock_timestamp() - interval '5 hours', ends_at = clock_timestamp() - interval '4 hours'`)
		l.db.Exec(t, `update booking set from_at = clock_timestamp() - interval '5 hours', to_at = clock_timestamp() - interval '4 hours'`)
	}
}

// An employer's programme: the split is decided with the seat, the rider pays the rest from the wallet, the ride is on the
// month's invoice when it is over, and the programme's account is empty when that is finalised.
func TestProgrammeFlow(t *testing.T) {
	t.Parallel()
	l, e := employed(t)
	ctx := context.Background()
	end := l.today(t)
	l.paid(t, 5000)
	account := ledger.Programme(e.Programme, "MAD")
	ids := []uuid.UUID{l.hold(t), l.hold(t), l.hold(t)}
	for _, id := range ids {
		v, err := l.seats.Get(ctx, l.by.Tenant, id)
		if err != nil || v.Subsidy != seatFare/2 || v.Programme != e.Programme {
			t.Fatalf("%+v, %v", v.Booking, err)
		}
		l.must(t)(l.seats.Confirm(ctx, l.by, l.claim("c"), id, "wallet"))
	}
	if l.wallet(t) != 5000-3*seatFare/2 || l.books(t, account) != 3*seatFare/2 {
		t.Errorf("wallet %d, programme %d", l.wallet(t), l.books(t, account))
	}
	l.sums(t, "sold", 3*seatFare, 0, 0)
	l.must(t)(l.seats.Cancel(ctx, l.by, l.claim("c"), ids[2]))
	if l.wallet(t) != 5000-2*seatFare/2 || l.books(t, account) != 2*seatFare/2 {
		t.Errorf("after one was given up: wallet %d, programme %d", l.wallet(t), l.books(t, account))
	}
	if v, err := l.seats.Get(ctx, l.by.Tenant, ids[2]); err != nil || v.Refund == nil || *v.Refund != seatFare/2 {
		t.Errorf("the rider is told of %v, and paid half, %v", v.Refund, err)
	}
	end()
	driver := booking.By{Tenant: l.by.Tenant, User: l.db.A.Users["driver"]}
	l.must(t)(l.seats.Board(ctx, driver, idem.Claim{}, ids[0])) // the second did not come: the split stands
	for range 2 {
		if err := l.seats.SettleEnded(ctx); err != nil {
			t.Fatal(err)
		}
	}
	l.sums(t, "over", 0, 0, 2*seatFare)
	if n := l.db.Int(t, `select count(*) from programme_ride where state in ('used', 'no_show') and subsidy = 600`); n != 2 {
		t.Errorf("%d rides of the programme", n)
	}
	office := invoicing.New(l.db.DB)
	for range 2 {
		for _, id := range l.db.Texts(t, `select args ->> 'booking' from river_job where kind = 'bill_ride'`) {
			if err := office.BillRide(ctx, l.by.Tenant, uuid.MustParse(id)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := l.db.Int(t, `select count(*) from usage_record where amount = 600 and cost_centre = 'CC-1'`); n != 2 {
		t.Errorf("%d lines for the invoice", n)
	}
	if _, err := l.db.VerifyLedger(ctx, l.by.Tenant); err != nil {
		t.Error(err)
	}
}

// A cap holds for bookings at once: as many are paid for as it has room for, whatever else becomes of them.
func TestProgrammeCapAcrossBookings(t *testing.T) {
	t.Parallel()
	l, _ := employed(t)
	ctx := context.Background()
	l.db.Exec(t, `update programme set month_rides = 3`)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			claim := idem.Claim{Actor: l.by.User, Operation: "h", Key: fmt.Sprint("cap", i)}
			if _, err := l.seats.Hold(ctx, l.by, claim, booking.Hold{Trip: l.day.Trips[i%2], From: l.day.Stops[0], To: l.day.Stops[1], Party: 1}); err != nil && !fault.Is(err, "trip_full") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	covered := `select count(*) from booking where subsidy_amount > 0 and state = 'held'`
	if n := l.db.Int(t, covered); n != 3 {
		t.Errorf("%d are paid for", n)
	}
	// What runs out makes room again.
	l.db.Exec(t, `update booking set expires_at = clock_timestamp() where state = 'held'`)
	if err := l.seats.ReleaseDue(ctx); err != nil {
		t.Fatal(err)
	}
	if n := l.db.Int(t, `select used from programme_use where employee_id = $1`, l.by.User); n != 0 {
		t.Errorf("%d still reserved", n)
	}
	l.hold(t)
	if n := l.db.Int(t, covered); n != 1 {
		t.Errorf("%d are paid for afterwards", n)
	}
}

// The no-show rules, in money: what an employer pays beyond its part goes back to the rider, what it does not pay is nobody's.
func TestNoShowsOfAProgramme(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]struct{ programme, wallet, revenue int64 }{
		"as_booked":     {600, 4400, 1200},
		"rider_pays":    {0, 4400, 600},
		"employer_pays": {1200, 5000, 1200},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			l, e := employed(t)
			ctx := context.Background()
			l.db.Exec(t, `update programme set no_show = '`+rule+`'`)
			end := l.today(t)
			l.paid(t, 5000)
			id := l.hold(t)
			l.must(t)(l.seats.Confirm(ctx, l.by, l.claim("c"), id, "wallet"))
			end()
			if err := l.seats.SettleEnded(ctx); err != nil {
				t.Fatal(err)
			}
			if p, w := l.books(t, ledger.Programme(e.Programme, "MAD")), l.wallet(t); p != want.programme || w != want.wallet {
				t.Errorf("programme %d, wallet %d; want %+v", p, w, want)
			}
			l.sums(t, rule, 0, 0, want.revenue)
			l.must(t)(l.seats.Board(ctx, booking.By{Tenant: l.by.Tenant, User: l.db.A.Users["driver"]}, idem.Claim{}, id)) // a late scan moves nothing more
			l.sums(t, rule+", scanned late", 0, 0, want.revenue)
		})
	}
}

// A pass pays for rides: used, given back in time, earned.
func TestSeatWithAPass(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	ctx := context.Background()
	end := l.today(t)
	l.paid(t, 5000)
	p, err := l.payments.AddPassProduct(ctx, l.by.Tenant, l.db.A.Users["admin"], l.claim("product"), store.PassProduct{Name: "Carnet",
		Terms: pass.Terms{Rides: 3, Days: 30, Price: 1000, Currency: "MAD"}})
	if err != nil {
		t.Fatal(err)
	}
	first := l.hold(t)
	if _, err := l.seats.Confirm(ctx, l.by, l.claim("c"), first, "pass"); !fault.Is(err, "pass_none") {
		t.Errorf("without a pass: %v", err)
	}
	bought, err := l.payments.BuyPass(ctx, l.by.Tenant, l.by.User, l.claim("buy"), p.ID, billing.FromWallet, store.With{})
	if err != nil {
		t.Fatal(err)
	}
	left := ledger.Pass(bought.Pass, "MAD")
	ids := []uuid.UUID{first, l.hold(t)}
	for _, id := range ids {
		l.must(t)(l.seats.Confirm(ctx, l.by, l.claim("c"), id, "pass"))
	}
	if got := l.books(t, left); got != 1000-333-333 || l.wallet(t) != 4000 {
		t.Errorf("the pass holds %d, the wallet %d", got, l.wallet(t))
	}
	l.must(t)(l.seats.Cancel(ctx, l.by, l.claim("c"), ids[1]))
	if got := l.books(t, left); got != 1000-333 {
		t.Errorf("given back: the pass holds %d", got)
	}
	end()
	l.must(t)(l.seats.Board(ctx, booking.By{Tenant: l.by.Tenant, User: l.db.A.Users["driver"]}, idem.Claim{}, ids[0]))
	for range 2 {
		if err := l.seats.SettleEnded(ctx); err != nil {
			t.Fatal(err)
		}
	}
	l.sums(t, "over", 0, 0, 333)
}
