package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

var aMonday = servicedate.Of(2026, 11, 23)

func aRide(fare int64) programme.Ride {
	return programme.Ride{Date: aMonday, Pickup: aMonday.At(7*3600, time.UTC), Line: "L", From: "A", To: "B", Fare: fare, Currency: "MAD"}
}

func aSeat(rider uuid.UUID, n int) *store.Booking {
	return &store.Booking{Booking: event.Booking{ID: ident.Dated(aMonday, n), Date: aMonday, Rider: rider, LineName: "L1",
		From: event.Halt{Name: "From", At: aMonday.At(7*3600, time.UTC)}, To: event.Halt{Name: "To"}}}
}

// take is what a booking's transaction does: decide behind the locks, reserve, commit.
func take(ctx context.Context, d *storetest.DB, x storetest.Tenant, rider uuid.UUID, n int, fare int64) (subsidy int64, id uuid.UUID, err error) {
	err = d.InTx(ctx, x.ID, func(tx *store.Tx) error {
		subsidy = 0
		p, err := tx.Programmes(ctx, []store.RiderOn{{Rider: rider, Date: aMonday}}, nil)
		if err != nil {
			return err
		}
		offer, ok, err := p.Offer(rider, aRide(fare))
		if err != nil || !ok {
			return err
		}
		b := aSeat(rider, n)
		subsidy, id = offer.Split.Employer, b.ID
		p.Reserve(offer, b, ident.New())
		p.Put(tx)
		return nil
	})
	return subsidy, id, err
}

// TestCapIsExactUnderConcurrency: sixty bookings of one employee at once against a cap of seven rides: seven are paid for,
// whoever comes first, and the row says so. So too for an amount, which the last ride gets what is left of.
func TestCapIsExactUnderConcurrency(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		terms string
		paid  int
		spent int64
	}{
		"rides":  {"month_rides = 7", 7, 7 * 600},
		"amount": {"month_cap = 4000", 7, 4000}, // six whole ones and 400 of the seventh
		"budget": {"budget = 4000", 7, 4000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := storetest.New(t)
			e := d.Employer(t, d.A, "Atlas")
			d.Exec(t, "update programme set "+c.terms)
			d.Member(t, e, e.Organisation, d.A.Rider)
			var mu sync.Mutex
			var all sync.WaitGroup
			paid, spent := 0, int64(0)
			for i := range 60 {
				all.Go(func() {
					got, _, err := take(t.Context(), d, d.A, d.A.Rider, i, 1200)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
					}
					if got > 0 {
						paid, spent = paid+1, spent+got
					}
				})
			}
			all.Wait()
			if paid != c.paid || spent != c.spent {
				t.Errorf("%d rides were paid for with %d, want %d and %d", paid, spent, c.paid, c.spent)
			}
			for _, who := range []uuid.UUID{d.A.Rider, uuid.Nil} {
				if used := d.Int(t, `select used from programme_use where employee_id = $1`, who); used != c.spent {
					t.Errorf("%s: %d of %d is written", who, used, c.spent)
				}
			}
			if sum := d.Int(t, `select sum(subsidy) from programme_ride where state = 'reserved'`); sum != c.spent {
				t.Errorf("rides are worth %d of %d", sum, c.spent)
			}
		})
	}
}

// TestRidesEndOnce: what is released comes back to month and budget, once; a no-show goes by the rule; nobody's month goes
// below nothing or above its cap.
func TestRidesEndOnce(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]int64{"as_booked": 600, "rider_pays": 0, "employer_pays": 1200} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			d := storetest.New(t)
			e := d.Employer(t, d.A, "Atlas")
			d.Exec(t, "update programme set month_cap = 5000, budget = 9000, no_show = $1", rule)
			d.Member(t, e, e.Organisation, d.A.Rider)
			var ids []uuid.UUID
			for i := range 3 {
				_, id, err := take(t.Context(), d, d.A, d.A.Rider, i, 1200)
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			for range 3 { // again changes nothing
				err := d.InTx(t.Context(), d.A.ID, func(tx *store.Tx) error {
					p, err := tx.Programmes(t.Context(), nil, ids)
					if err != nil {
						return err
					}
					p.Release(ids[0])
					p.Use(ids[1])
					p.Miss(ids[2])
					p.Release(ids[2])
					p.Put(tx)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, who := range []uuid.UUID{d.A.Rider, uuid.Nil} {
				if used := d.Int(t, `select used from programme_use where employee_id = $1`, who); used != 600+want {
					t.Errorf("%d is used, want %d", used, 600+want)
				}
			}
			if n := d.Int(t, `select count(*) from programme_ride where (booking_id, state, subsidy) in (($1, 'released', 0), ($2, 'used', 600), ($3, 'no_show', $4))`,
				ids[0], ids[1], ids[2], want); n != 3 {
				t.Errorf("%d of 3 rides ended as they should", n)
			}
		})
	}
}

// TestWhoIsPaidFor: an address without an account is matched when the account is there; leavers, other units, other tenants
// and closed programmes pay nothing; the cost centre is the one of the ride's date.
func TestWhoIsPaidFor(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	e := d.Employer(t, d.A, "Atlas")
	plant, office := d.Unit(t, e, e.Organisation, "Plant"), d.Unit(t, e, e.Organisation, "Office")
	m := d.Member(t, e, plant, d.A.Rider)
	n := 0
	try := func(label string, want int64) {
		t.Helper()
		n++
		if got, _, err := take(t.Context(), d, d.A, d.A.Rider, n, 1000); err != nil || got != want {
			t.Errorf("%s: %d, want %d (%v)", label, got, want, err)
		}
	}
	try("a member", 500)
	d.Exec(t, `update membership set user_id = null`)
	try("known by their address", 500)
	d.Exec(t, `update membership set email = 'other@example.org'`)
	try("another address", 0)
	d.Exec(t, `update membership set user_id = $1`, d.A.Rider)
	d.Exec(t, `update programme set unit_id = $1`, office)
	try("another unit's programme", 0)
	d.Exec(t, `update programme set unit_id = $1`, plant)
	d.Exec(t, `update membership set left_on = $1`, aMonday.Midnight())
	try("left that day", 0)
	d.Exec(t, `update membership set left_on = $1`, aMonday.AddDays(1).Midnight())
	d.Exec(t, `insert into membership_posting select tenant_id, membership_id, $1, 'CC-2' from membership_posting`, aMonday.Midnight())
	try("leaves the day after", 500)
	d.Exec(t, `update programme set active = false`)
	try("a closed programme", 0)
	d.Exec(t, `update programme set active = true, valid_until = $1`, aMonday.AddDays(-1).Midnight())
	try("one that ended", 0)
	if got := d.Int(t, `select count(*) from programme_ride where membership_id = $1 and cost_centre = 'CC-2'`, m); got != 1 {
		t.Errorf("%d rides are of the cost centre of their date", got)
	}
	if got, _, err := take(t.Context(), d, d.B, d.A.Rider, 99, 1000); err != nil || got != 0 {
		t.Errorf("another tenant's rider: %d %v", got, err)
	}
}

// TestBudgetAlertsOnce: each threshold is noted once a month, also when money comes back and is spent again.
func TestBudgetAlertsOnce(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	e := d.Employer(t, d.A, "Atlas")
	d.Exec(t, "update programme set budget = 3000")
	d.Member(t, e, e.Organisation, d.A.Rider)
	var ids []uuid.UUID
	for i := range 5 {
		_, id, err := take(t.Context(), d, d.A, d.A.Rider, i, 1200)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	err := d.InTx(t.Context(), d.A.ID, func(tx *store.Tx) error {
		p, err := tx.Programmes(t.Context(), nil, ids)
		for _, id := range ids[1:] {
			p.Release(id)
		}
		p.Put(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if _, _, err := take(t.Context(), d, d.A, d.A.Rider, 10+i, 1200); err != nil {
			t.Fatal(err)
		}
	}
	if n := d.Int(t, `select count(*) from programme_alert where (threshold, spent) in ((50, 1800), (80, 2400), (100, 3000))`); n != 3 || d.Int(t, `select count(*) from programme_alert`) != 3 {
		t.Errorf("%d of the three alerts, of %d", n, d.Int(t, `select count(*) from programme_alert`))
	}
}

// TestTwoOfOneBatch: bookings of one transaction see each other's.
func TestTwoOfOneBatch(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	e := d.Employer(t, d.A, "Atlas")
	d.Exec(t, "update programme set month_rides = 1")
	d.Member(t, e, e.Organisation, d.A.Rider)
	paid := 0
	err := d.InTx(t.Context(), d.A.ID, func(tx *store.Tx) error {
		p, err := tx.Programmes(t.Context(), []store.RiderOn{{Rider: d.A.Rider, Date: aMonday}}, nil)
		if err != nil {
			return err
		}
		paid = 0
		for i := range 4 {
			offer, ok, err := p.Offer(d.A.Rider, aRide(1200))
			if err != nil {
				return err
			}
			if ok {
				paid++
				b := aSeat(d.A.Rider, i)
				p.Reserve(offer, b, ident.New())
				if i == 0 {
					p.Release(b.ID) // given back before the commit: the next one may have it
				}
			}
		}
		p.Put(tx)
		return nil
	})
	if err != nil || paid != 2 || d.Int(t, `select count(*) from programme_ride where state = 'reserved'`) != 1 {
		t.Errorf("%d were paid for, %v", paid, err)
	}
}

// TestCapConstraint: a decision that went wrong cannot be written.
func TestCapConstraint(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	e := d.Employer(t, d.A, "Atlas")
	d.Exec(t, `insert into programme_use (tenant_id, programme_id, employee_id, month) values ($1, $2, $3, '2026-11-01')`, d.A.ID.UUID(), e.Programme, d.A.Rider)
	c, err := pgx.Connect(t.Context(), d.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	for _, bad := range []string{"used = 11, cap = 10", "rides = 3, cap_rides = 2", "used = -1", "rides = -1"} {
		if _, err := c.Exec(t.Context(), "update programme_use set "+bad); err == nil {
			t.Errorf("%s was written", bad)
		}
	}
}
