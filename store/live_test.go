package store_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// However a booking is read for a live set, its document has the same bytes.
func TestLiveSetsAgree(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	day := db.Day(t, db.A, servicedate.Of(2026, 11, 23), 5)
	booking := db.Booking(t, day, day.Trips[1], db.A.Rider)
	over := db.Booking(t, day, day.Trips[1], db.A.Rider)
	db.Exec(t, `update booking set state = 'cancelled', refund_amount = 1200 where id = $1`, over)
	r := db.Read(db.A.ID)

	one, line, err := r.LiveBooking(ctx, booking)
	if err != nil || line != day.Line {
		t.Fatal(err)
	}
	me, err := r.LiveMe(ctx, db.A.Rider)
	open := me.Bookings
	if err != nil || len(open) != 1 || me.User.Entity() != "user/"+db.A.Rider.String() {
		t.Fatalf("%+v %v", me, err)
	}
	if string(one.Doc()) != string(open[0].Doc()) || open[0].Rider != db.A.Rider {
		t.Fatalf("%s\n%s", one.Doc(), open[0].Doc())
	}
	trip, err := r.LiveTrip(ctx, day.Trips[1])
	if err != nil || trip.Dep != "07:00" || len(trip.Free) != 3 {
		t.Fatalf("%+v %v", trip, err)
	}
	for name, c := range map[string]struct {
		window store.Window
		want   int
	}{
		"all day":         {store.Window{First: "00:00", Last: "24:00"}, 5},
		"two hours":       {store.Window{First: "07:00", Last: "09:00"}, 2},
		"past midnight":   {store.Window{First: "10:00", Last: "07:00"}, 2},
		"another state":   {store.Window{First: "00:00", Last: "24:00", States: []string{"cancelled"}}, 0},
		"a state of many": {store.Window{First: "00:00", Last: "24:00", States: []string{"cancelled", "scheduled"}}, 5},
	} {
		if trips, err := r.LiveBoard(ctx, day.Date, c.window, 10); err != nil || len(trips) != c.want {
			t.Errorf("%s: %d trips, want %d (%v)", name, len(trips), c.want, err)
		}
	}
	if trips, err := r.LiveLine(ctx, day.Line, day.Date, 3); err != nil || len(trips) != 3 {
		t.Errorf("%d trips of the line (%v)", len(trips), err)
	}

	foreign := db.Read(db.B.ID)
	if _, err := foreign.LiveTrip(ctx, day.Trips[1]); !store.IsNotFound(err) {
		t.Errorf("another tenant read a trip: %v", err)
	}
	if _, _, err := foreign.LiveBooking(ctx, booking); !store.IsNotFound(err) {
		t.Errorf("another tenant read a booking: %v", err)
	}
	if _, err := foreign.LiveMe(ctx, db.A.Rider); !store.IsNotFound(err) {
		t.Errorf("another tenant read a profile: %v", err)
	}
	if _, err := r.LiveTrip(ctx, ident.New()); !store.IsNotFound(err) {
		t.Errorf("an id that nobody has: %v", err)
	}
}

// Whoever hears of a commit hears its transaction, and a snapshot taken later sees it.
func TestCommittedNamesItsTransaction(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.New(t), context.Background()
	var heard []store.Committed
	db.OnCommit(func(c store.Committed) { heard = append(heard, c) })
	user := event.User{ID: db.A.Rider, Version: 2}
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error { return tx.Emit(user.Change()) }); err != nil {
		t.Fatal(err)
	}
	if len(heard) != 1 || heard[0].Tenant != db.A.ID {
		t.Fatalf("%+v", heard)
	}
	want := strconv.FormatInt(db.Int(t, "select xid::text::bigint from outbox"), 10)
	if heard[0].XID != want {
		t.Errorf("transaction %s, the outbox says %s", heard[0].XID, want)
	}
	if epoch, err := db.System().Epoch(ctx); err != nil || len(epoch) < 8 {
		t.Errorf("epoch %q %v", epoch, err)
	}
	if snapshot, err := db.Read(db.A.ID).Snapshot(ctx); err != nil || snapshot == "" {
		t.Errorf("snapshot %q %v", snapshot, err)
	}
}
