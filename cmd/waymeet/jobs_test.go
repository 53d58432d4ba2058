package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/internal/demo/feed"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/ident"
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

// Browsers name the servers that wake them. However many of those never answer, what moves money is done meanwhile.
func TestSlowPushServersHoldNoMoneyUp(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	waiting, done, over := make(chan struct{}, 100), make(chan uuid.UUID, 1), make(chan struct{})
	quiet := slog.New(slog.DiscardHandler)
	h := handlers(rooms{desk: dispatch.New(db.DB, nil, nil), reconciler: billing.NewReconciler(billing.ReconcilerConfig{DB: db.DB})})
	h.Session.Push = func(ctx context.Context, _ errand.Push) error {
		waiting <- struct{}{}
		select { // a server that takes all that is sent and says nothing
		case <-ctx.Done():
		case <-over:
		}
		return nil
	}
	h.Session.Settle = func(_ context.Context, o errand.SessionSettle) error { done <- o.Session; return nil }
	node, err := job.New(db.Jobs, h, "node", quiet)
	if err != nil {
		t.Fatal(err)
	}
	add := func(errands ...errand.Errand) {
		t.Helper()
		if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error {
			for _, e := range errands {
				if err := tx.AddJob(ctx, e, ident.New().String()); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		add(errand.Push{Tenant: db.A.ID.UUID(), User: db.A.Rider, What: errand.PushRing, About: ident.New(), Until: time.Now().Add(time.Hour)})
	}
	ended := make(chan error, 1)
	go func() { ended <- node.Run(ctx) }()
	<-waiting
	bill := errand.SessionSettle{Tenant: db.A.ID.UUID(), Session: ident.New()}
	add(bill)
	if got := <-done; got != bill.Session {
		t.Errorf("settled %s, want %s", got, bill.Session)
	}
	close(over)
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A node that PostgreSQL does not hear from goes on with a job that others take up meanwhile: once that may be so, what the job does is ended, and
// what comes of it then is no failure of the job's, which had one try.
func TestARunThatIsNotHeardOfEndsItsJobs(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	proxy := devtest.NewProxy(t, db.AppURL())
	lonely, err := store.Open(ctx, store.Config{AppURL: proxy.URL(db.AppURL()), SystemURL: proxy.URL(db.SystemURL()), MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer lonely.Close()
	started := make(chan struct{})
	log := slog.New(slog.NewTextHandler(onceSaid("River client started", func() { close(started) }), nil))
	var nodes errgroup.Group
	start := func(on *store.DB, settle func(context.Context, errand.SessionSettle) error) {
		h := handlers(rooms{desk: dispatch.New(db.DB, nil, nil), reconciler: billing.NewReconciler(billing.ReconcilerConfig{DB: db.DB})})
		h.Session.Settle = settle
		r, err := job.New(on.Jobs, h, "node", log)
		if err != nil {
			t.Fatal(err)
		}
		nodes.Go(func() error { return r.Run(ctx) })
	}
	took, taken, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error {
		return tx.AddJob(ctx, errand.SessionSettle{Tenant: db.A.ID.UUID(), Session: ident.New()}, "once")
	}); err != nil {
		t.Fatal(err)
	}
	db.Exec(t, `update river_job set max_attempts = 1 where kind = 'session_settle'`)
	var first, second sync.Once // whoever comes back may be given it again
	start(lonely, func(ctx context.Context, _ errand.SessionSettle) error {
		first.Do(func() {
			close(took)
			<-ctx.Done()
			<-taken
			ended <- context.Cause(ctx)
		})
		return ctx.Err()
	})
	<-took
	<-started // what cannot begin ends its jobs for that
	proxy.Chaos(func(int64, bool) bool { return false })
	over := make(chan struct{})
	start(db.DB, func(ctx context.Context, _ errand.SessionSettle) error {
		second.Do(func() {
			proxy.Chaos(nil) // what the other says of it is heard
			close(taken)
		})
		select {
		case <-over:
		case <-ctx.Done():
		}
		return ctx.Err()
	})
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "lapsed") {
		t.Errorf("the job ended for another reason: %v", err)
	}
	sees(t, db, "what comes of the first run", `select metadata ? 'snoozes' or finalized_at is not null from river_job where kind = 'session_settle'`)
	close(over)
	sees(t, db, "the job's end", `select finalized_at is not null from river_job where kind = 'session_settle'`)
	if got := db.Texts(t, `select state::text from river_job where kind = 'session_settle'`)[0]; got != "completed" {
		t.Errorf("a job is %s that nobody failed", got)
	}
	end()
	if err := nodes.Wait(); err != nil {
		t.Error(err)
	}
}

// onceSaid is a log in which something is said.
func onceSaid(what string, do func()) writing {
	var once sync.Once
	return func(line []byte) (int, error) {
		if bytes.Contains(line, []byte(what)) {
			once.Do(do)
		}
		return len(line), nil
	}
}

type writing func([]byte) (int, error)

func (w writing) Write(b []byte) (int, error) { return w(b) }
