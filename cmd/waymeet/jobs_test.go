package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/internal/demo/feed"
	"github.com/waymeet/waymeet/internal/job"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// Two nodes run the jobs of one database. An import whose trips were never derived is found and finished by whichever
// is the leader, and both end when they are told.
func TestTripsAreExtendedByJobs(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	desk := dispatch.New(db.DB, nil, nil)
	got, err := desk.Import(ctx, db.A.ID, feed.Casablanca(), dispatch.ImportOptions{})
	if err != nil || got.Refused {
		t.Fatalf("%v, %v", got, err)
	}
	want := db.Int(t, "select count(*) from trip")
	db.Exec(t, "delete from trip")
	db.Exec(t, "update trip_horizon set until = null")

	committed := make(chan struct{}, 1)
	db.OnCommit(func(store.Committed) {
		select {
		case committed <- struct{}{}:
		default:
		}
	})
	var nodes errgroup.Group
	for _, name := range []string{"one", "two"} {
		r, err := job.New(db.Jobs, handlers(rooms{desk: desk, reconciler: billing.NewReconciler(billing.ReconcilerConfig{DB: db.DB})}), name, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		nodes.Go(func() error { return r.Run(ctx) })
	}
	for deadline := time.After(2 * time.Minute); db.Int(t, "select count(*) from trip_horizon where until is not null") == 0; {
		select {
		case <-committed:
		case <-time.After(time.Second): // the horizon itself is told to nobody
		case <-deadline:
			t.Fatal("nobody extended the trips")
		}
	}
	if n := db.Int(t, "select count(*) from trip"); n != want || want == 0 {
		t.Errorf("%d trips, want %d", n, want)
	}
	end()
	if err := nodes.Wait(); err != nil {
		t.Error(err)
	}
}
