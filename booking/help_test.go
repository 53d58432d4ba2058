package booking_test

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/waymeet/waymeet/store"
)

// quiet is for tests whose failures along the way are the point.
var quiet = slog.New(slog.DiscardHandler)

// visualise leaves a picture of what cannot be explained.
func visualise(t *testing.T, info porcupine.LinearizationInfo) {
	t.Helper()
	f, err := os.CreateTemp("", "waymeet-seats-*.html")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := porcupine.Visualize(seatModel, info, f); err != nil {
		t.Error(err)
	}
	t.Logf("what was seen is drawn in %s", f.Name())
}

func contains(s, part string) bool { return strings.Contains(s, part) }

// lockTrip holds a trip's row in a transaction of its own until release is called.
func lockTrip(t *testing.T, w *world, trip uuid.UUID) (release func()) {
	t.Helper()
	locked, let, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- w.InTx(context.Background(), w.A.ID, func(tx *store.Tx) error {
			if _, err := tx.Seats(context.Background(), store.SeatsAsk{Trips: []uuid.UUID{trip}}); err != nil {
				return err
			}
			close(locked)
			<-let
			return nil
		})
	}()
	select {
	case <-locked:
	case err := <-done:
		t.Fatalf("lock a trip: %v", err)
	}
	return func() {
		close(let)
		if err := <-done; err != nil {
			t.Errorf("unlock a trip: %v", err)
		}
	}
}

// waitFor returns when that many statements that hold this text wait for a lock.
func waitFor(t *testing.T, w *world, text string, n int64) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if w.Int(t, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%' || $1 || '%'`, text) >= n {
			return
		}
	}
	t.Fatalf("nobody waits at %q", text)
}
