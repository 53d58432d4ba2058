package demo_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/internal/demo"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store/storetest"
)

// A first start fills two operators' days; a second one changes nothing; seats add up.
func TestSeedsOnce(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	people := identity.New(identity.Config{DB: db.DB, Box: box, Logger: log})
	start := time.Now() // both starts at one moment: a trip that leaves in between would be given its past
	d := demo.New(demo.Config{DB: db.DB, Identity: people, Dispatch: dispatch.New(db.DB, log, nil), Matching: matching.New(matching.Config{DB: db.DB, Logger: log}), Now: func() time.Time { return start },
		Booking: booking.New(booking.Config{DB: db.DB, Secret: box, Logger: log}), Logger: log})
	seed := func() {
		t.Helper()
		began := time.Now()
		if err := d.Found(ctx); err != nil {
			t.Fatal(err)
		}
		found := time.Since(began)
		if err := d.Fill(ctx); err != nil {
			t.Fatal(err)
		}
		t.Logf("found in %v, filled in %v", found, time.Since(began)-found)
	}
	count := func() map[string]int64 {
		out := map[string]int64{}
		for name, query := range map[string]string{
			"users":    "select count(*)::int from app_user",
			"trips":    "select count(*)::int from trip",
			"bookings": "select count(*)::int from booking",
			"boarded":  "select count(*)::int from booking where state in ('boarded', 'completed')",
			"vehicles": "select count(*)::int from vehicle",
			"crewed":   "select count(*)::int from trip where vehicle_id is not null and driver_name is not null",
			"billed":   "select count(*)::int from river_job where kind = 'bill_ride'", // at any hour: an employer has something to see
			"experts":  "select count(*)::int from expert where state = 'approved'",
			"queues":   "select count(*)::int from queue",
			"opened":   "select count(*)::int from journal where kind = 'opening_balance'",
			"imports":  "select count(*)::int from gtfs_import",
			"versions": "select sum(version)::int from trip",
		} {
			out[name] = db.Int(t, query)
		}
		return out
	}
	seed()
	once := count()
	t.Log(once)
	if once["users"] < 520 || once["trips"] < 9000 || once["bookings"] < 500 || once["vehicles"] < 20 || once["billed"] < 20 || once["crewed"] < 1500 || once["imports"] != 2 {
		t.Errorf("the demonstration is thin: %v", once)
	}
	seed()
	if twice := count(); len(twice) != len(once) {
		t.Error(twice)
	} else {
		for name, n := range once {
			if twice[name] != n {
				t.Errorf("%s: %d, after a second start %d", name, n, twice[name])
			}
		}
	}
	// Whatever wrote it, every leg's seats are what its bookings take.
	if wrong := db.Int(t, `select count(*)::int from trip t, generate_series(1, cardinality(t.free)) as g where t.capacity + t.overload[g] - t.free[g] <>
		(select coalesce(sum(b.party), 0) from booking b where b.tenant_id = t.tenant_id and b.service_date = t.service_date and b.trip_id = t.id
		and b.from_idx < g and b.to_idx >= g and b.state not in ('cancelled', 'expired'))`); wrong > 0 {
		t.Errorf("%d legs do not add up", wrong)
	}
	if wrong := db.Int(t, `select count(*)::int from trip t where (t.booked, t.boarded) <> (select coalesce(sum(b.party), 0),
		coalesce(sum(b.party) filter (where b.state in ('boarded', 'completed')), 0) from booking b where b.tenant_id = t.tenant_id
		and b.service_date = t.service_date and b.trip_id = t.id and b.state not in ('cancelled', 'expired', 'held'))`); wrong > 0 {
		t.Errorf("%d trips count wrong", wrong)
	}
	// Nobody drives two vehicles, and no vehicle two trips, at once.
	for _, who := range []string{"vehicle_id", "driver_id"} {
		if wrong := db.Int(t, `select count(*)::int from trip a join trip b on a.tenant_id = b.tenant_id and a.`+who+` = b.`+who+` and a.id < b.id
			and a.departs_at < b.ends_at and b.departs_at < a.ends_at`); wrong > 0 {
			t.Errorf("%d pairs of trips share a %s", wrong, who)
		}
	}
	t.Log("vehicles of the larger fleet: ", db.Int(t, "select max(n)::int from (select count(*) as n from vehicle group by tenant_id) as v"))
}

// The printed logins open the door, and nothing but the password does.
func TestLoginsOpenTheDoor(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	people := identity.New(identity.Config{DB: db.DB, Box: box})
	d := demo.New(demo.Config{DB: db.DB, Identity: people, Dispatch: dispatch.New(db.DB, nil, nil), Matching: matching.New(matching.Config{DB: db.DB}), Booking: booking.New(booking.Config{DB: db.DB, Secret: box})})
	if err := d.Found(ctx); err != nil {
		t.Fatal(err)
	}
	logins := demo.Logins()
	if len(logins) != 19 {
		t.Errorf("%d logins", len(logins))
	}
	here := netip.MustParseAddr("127.0.0.1")
	for _, l := range logins {
		s, err := people.SignIn(ctx, l.Tenant, l.Email, l.Password, here)
		if err != nil || len(s.Me.Roles) != 1 || s.Me.Roles[0] != l.Role {
			t.Errorf("%s of %s: %v %v", l.Role, l.Tenant, s.Me.Roles, err)
		}
	}
	if _, err := people.SignIn(ctx, logins[0].Tenant, logins[0].Email, logins[0].Password+"x", here); err == nil {
		t.Error("any password opens it")
	}
}
