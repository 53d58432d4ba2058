package store_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// A crew is seen on the board, its trip's version moves, and nobody can put another operator's vehicle or
// driver on a trip, or a vehicle on another operator's.
func TestCrewsStayWithTheirTenant(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	date := servicedate.Of(2026, 11, 23)
	mine, theirs := db.Day(t, db.A, date, 2), db.Day(t, db.B, date, 1)
	vehicle := func(ten storetest.Tenant) store.Vehicle {
		v := store.Vehicle{ID: ident.New(), Label: "WM-001", Capacity: 14}
		if err := db.InTx(ctx, ten.ID, func(tx *store.Tx) error { return tx.AddVehicles(ctx, []store.Vehicle{v}) }); err != nil {
			t.Fatal(err)
		}
		return v
	}
	a, b := vehicle(db.A), vehicle(db.B)
	put := func(c store.Crew) {
		t.Helper()
		if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error { return tx.PutCrews(ctx, []store.Crew{c}) }); err != nil {
			t.Fatal(err)
		}
	}
	driver := db.A.Users["driver"]
	put(store.Crew{Trip: mine.Trips[0], Vehicle: a.ID, Driver: driver})
	put(store.Crew{Trip: mine.Trips[1], Vehicle: b.ID, Driver: driver})
	put(store.Crew{Trip: mine.Trips[1], Vehicle: a.ID, Driver: db.B.Users["driver"]})
	put(store.Crew{Trip: theirs.Trips[0], Vehicle: a.ID, Driver: driver})
	see := func(ten storetest.Tenant, trip uuid.UUID) (string, int64) {
		row, err := db.Read(ten.ID).LiveTrip(ctx, trip)
		if err != nil {
			t.Fatal(err)
		}
		return row.VehicleLabel + "/" + row.DriverName, row.Version
	}
	if who, version := see(db.A, mine.Trips[0]); who == "/" || who[:7] != "WM-001/" || version != 2 {
		t.Errorf("%s at version %d", who, version)
	}
	for name, got := range map[string]string{"theirs on mine": first(see(db.A, mine.Trips[1])), "mine on theirs": first(see(db.B, theirs.Trips[0]))} {
		if got != "/" {
			t.Errorf("%s: %s", name, got)
		}
	}
	again := store.Vehicle{ID: ident.New(), Label: "WM-001", Capacity: 50}
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error { return tx.AddVehicles(ctx, []store.Vehicle{again}) }); err != nil {
		t.Fatal(err)
	}
	if all, err := db.Read(db.A.ID).Vehicles(ctx); err != nil || len(all) != 1 || all[0] != a {
		t.Errorf("%v, %v", all, err)
	}
}

func first(s string, _ int64) string { return s }
