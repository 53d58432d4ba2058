package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

func change(n int64) event.Change {
	return event.Change{Entity: "trip/x", Version: n, Channels: []string{"trip:x"},
		Docs: map[event.Projection]json.RawMessage{event.OnTrip: json.RawMessage(`{"n":1}`)}}
}

// All of a transaction commits, or nothing of it.
func TestInTxIsAllOrNothing(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx := context.Background()
	var heard []event.Change
	db.OnCommit(func(c store.Committed) { heard = append(heard, c.Changes...) })

	fails := errors.New("no")
	for _, fn := range []func(tx *store.Tx) error{
		func(*store.Tx) error { return fails },
		func(tx *store.Tx) error { // the tail itself fails: audit's target may not be null bytes
			return tx.Audit(store.Audit{Action: "x", Target: "a\x00b"})
		},
	} {
		err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error {
			if err := tx.Emit(change(1)); err != nil {
				return err
			}
			return fn(tx)
		})
		if err == nil {
			t.Fatal("committed")
		}
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.InTx(ctx, db.A.ID, func(tx *store.Tx) error { _ = tx.Emit(change(1)); panic("in the closure") })
	}()
	if n := db.Int(t, "select count(*) from outbox"); n != 0 || len(heard) != 0 {
		t.Fatalf("%d rows and %d changes of transactions that failed", n, len(heard))
	}
	for range 20 { // connections came back clean, all of them
		if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error { return tx.Emit(change(2)) }); err != nil {
			t.Fatal(err)
		}
	}
	if n := db.Int(t, "select count(*) from outbox"); n != 20 || len(heard) != 20 {
		t.Fatalf("%d rows, %d heard, of 20", n, len(heard))
	}
}

// The tail reads every committed row exactly once, though transactions end out of order.
func TestOutboxTailMissesNothing(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()

	const writers, each = 6, 60
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error {
					if err := tx.Emit(change(int64(w*each + i))); err != nil {
						return err
					}
					_, err := db.Read(db.B.ID).AuditTrail(ctx, "x") // time passes, ids and commits change order
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()

	seen := map[int64]int{}
	at := store.Position{XID: "0"}
	for end := int64(0); ; {
		select {
		case <-done: // whatever is committed by now stands below this transaction
			if end == 0 {
				end = db.Int(t, "select pg_current_xact_id()::text::bigint")
			}
		default:
		}
		upto, _, err := bounds(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		ended, err := db.System().Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := db.System().OutboxTail(ctx, at, upto, ended, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			seen[r.Change.Version]++
			if seen[r.Change.Version] > 1 {
				t.Errorf("change %d again, at %v after %v", r.Change.Version, r.Position, at)
			}
			at = r.Position
		}
		// Transactions of other databases of the cluster hold xmin back too: wait for it.
		if xmin, _ := strconv.ParseInt(upto, 10, 64); end > 0 && xmin >= end && len(rows) == 0 {
			break
		}
	}
	for v := range int64(writers * each) {
		if seen[v] != 1 {
			t.Fatalf("change %d was read %d times", v, seen[v])
		}
	}
}

// Without a tenant there is no answer, not even an empty one.
func TestNoTenantNoAnswer(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx := context.Background()
	if _, err := db.Read(tenant.None).AuditTrail(ctx, "x"); err == nil {
		t.Error("a statement without a tenant was answered")
	}
	if err := db.InTx(ctx, tenant.None, func(*store.Tx) error { return nil }); err == nil {
		t.Error("a transaction without a tenant was opened")
	}
	act := func(tx *store.Tx) error { return tx.Audit(store.Audit{Action: "x", Target: "x", Detail: db.A.Canary}) }
	if err := db.InTx(ctx, db.A.ID, act); err != nil {
		t.Fatal(err)
	}
	other, err := db.Read(db.B.ID).AuditTrail(ctx, "x")
	if err != nil || len(other) != 0 {
		t.Errorf("another tenant sees %d rows (%v)", len(other), err)
	}
	mine, err := db.Read(db.A.ID).AuditTrail(ctx, "x")
	if err != nil || len(mine) != 1 {
		t.Errorf("the tenant itself sees %d rows (%v)", len(mine), err)
	}
	// A role that may bypass row level security is refused at the door.
	_, err = store.Open(ctx, store.Config{AppURL: db.MigratorURL(), SystemURL: db.SystemURL()})
	if err == nil || !strings.Contains(err.Error(), "row level security") {
		t.Errorf("serve would run as the migrator: %v", err)
	}
}

// A slot of the log empties only when nobody writes to it, and readers that stood behind
// are told by the horizon.
func TestOutboxRotates(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx := context.Background()
	db.Exec(t, `insert into outbox (slot, tenant_id, entity, version, channels)
		select s, $1, 'trip/old', 1, '{}' from generate_series(0, 7) s`, db.A.ID.UUID())
	if err := db.System().OutboxRotate(ctx); err != nil {
		t.Fatal(err)
	}
	if n := db.Int(t, "select count(*) from outbox"); n != 7 {
		t.Fatalf("%d of 8 slots left after one turn", n)
	}
	_, horizon, err := bounds(ctx, db)
	if err != nil || horizon == "0" {
		t.Fatalf("horizon %q (%v)", horizon, err)
	}
}

func TestSchemaVersion(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	reached, err := db.System().SchemaVersion(t.Context())
	if err != nil || reached != store.SchemaWanted() || reached < 4 {
		t.Errorf("reached %d, wanted %d, %v", reached, store.SchemaWanted(), err)
	}
	db.Exec(t, "delete from goose_db_version where version_id = (select max(version_id) from goose_db_version)")
	if reached, err = db.System().SchemaVersion(t.Context()); err != nil || reached != store.SchemaWanted()-1 {
		t.Errorf("a step back: reached %d, %v", reached, err)
	}
}

// bounds is the snapshot's xmin, and up to which transaction rows have been dropped.
func bounds(ctx context.Context, d *storetest.DB) (xmin, horizon string, err error) {
	state, err := d.System().OutboxState(ctx)
	return strconv.FormatUint(state.Snapshot.Xmin, 10), strconv.FormatUint(state.Dropped, 10), err
}

// A statement whose time is over because somebody stands in its way is a request that may come later, not a fault of ours.
func TestAStatementsTimeIsUnavailable(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx := t.Context()
	c, err := pgx.Connect(ctx, db.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	if _, err := c.Exec(ctx, "begin; lock table audit in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	err = db.Snapshot(ctx, db.A.ID, 20*time.Millisecond, func(r *store.Reader) error {
		_, err := r.AuditTrail(ctx, "x")
		return err
	})
	if f := fault.As(err); f == nil || f.Code != "unavailable" || store.Broken(err) {
		t.Errorf("it is answered %v", err)
	}
}
