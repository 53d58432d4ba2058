package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// A seat is taken in a transaction that began before its trip vanished and commits after the import has chosen it:
// the import waits, looks again, and keeps the trip. When the hold has also expired by then, the trip is closed and
// kept for its story.
func TestHoldCommitsWhileItsTripVanishes(t *testing.T) {
	t.Parallel()
	for name, expired := range map[string]bool{"held": false, "held and expired": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newTown(t)
			ctx := context.Background()
			x.load(t, timetable{trips: map[string]string{"T1": "07:00:00 a b c"}}, dispatch.ImportOptions{Days: 2})
			trip := x.trips(t, x.day)["07:00"]
			locked, imported := make(chan struct{}), make(chan error, 1)
			err := x.InTx(ctx, x.A.ID, func(tx *store.Tx) error {
				seats, err := tx.Seats(ctx, store.SeatsAsk{Trips: []uuid.UUID{trip.ID}})
				if err != nil {
					return err
				}
				close(locked)
				go func() {
					_, err := x.desk.Import(ctx, x.A.ID, timetable{trips: map[string]string{"T9": "21:00:00 a c"}}.files(), dispatch.ImportOptions{Days: 2})
					imported <- err
				}()
				x.awaitBlocked(t)
				tx.Put(takeOne(x, seats, expired))
				return nil
			})
			<-locked
			if err != nil {
				t.Fatal(err)
			}
			if err := <-imported; err != nil {
				t.Fatalf("the import: %v", err)
			}
			after, err := x.Read(x.A.ID).Trip(ctx, trip.ID)
			if err != nil || !after.Vanished {
				t.Fatalf("%+v, %v", after, err)
			}
			if want := map[bool]string{false: "scheduled", true: "cancelled"}[expired]; after.Status != want {
				t.Errorf("the trip is %s, want %s", after.Status, want)
			}
		})
	}
}

// awaitBlocked returns when somebody waits for a lock on a row of this database.
func (x *town) awaitBlocked(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if x.Int(t, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) > 0 {
			return
		}
	}
	t.Error("nobody waits: this was no race")
}

func takeOne(x *town, seats store.Seats, expired bool) store.SeatsResult {
	row := seats.Trips[0]
	state := "held"
	row.Version++
	if expired {
		state = "expired"
	} else {
		row.Held = 1
		for i := range row.Free {
			row.Free[i]--
		}
	}
	halt := event.Halt{Stop: uuid.New(), Name: "Aïn Diab", Time: row.Dep, At: row.DepartsAt}
	leave := halt
	leave.Index = 2
	b := store.Booking{Booking: event.Booking{ID: ident.Dated(x.day, 1), Date: x.day, Trip: row.ID, Rider: x.A.Rider, LineName: "L1", From: halt, To: leave,
		Party: 1, State: "held", ExpiresAt: seats.Now.Add(time.Minute), CancelUntil: row.DepartsAt, Fare: event.Money{Currency: "MAD"},
		Short: "ABCDEF", CreatedAt: seats.Now, Version: 1}}
	out := store.SeatsResult{Trips: []event.Trip{row}, New: []store.Booking{b}}
	if expired {
		b.State, b.Version = state, 2
		out.Changed = []store.Booking{b}
	}
	return out
}
