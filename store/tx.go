package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Tx is one tenant's transaction. It lives only inside its closure.
type Tx struct {
	Reader
	conn    *txConn
	tail    pgx.Batch // travels with the COMMIT
	emitted []event.Change
	audits  []Audit
	marks   []string // of finance's lists that change
	jobs    sqlc.JobsAddParams
	purses  map[ledger.Ref]event.Purse
	xid     string // known after the commit, when something was emitted
}

const attempts = 4

// InTx runs fn in one transaction of one tenant and commits if it returns nil. Deadlocks,
// serialisation failures and races for a journal's key run fn again, from the start, a few times.
func (db *DB) InTx(ctx context.Context, t tenant.ID, fn func(tx *Tx) error) (err error) {
	ctx, end := telemetry.Span(ctx, "store.tx")
	defer func() { end(err) }()
	for try := 1; ; try++ {
		done, err := db.once(ctx, t, fn)
		if err == nil {
			if f := db.committed.Load(); f != nil && len(done.Changes) > 0 {
				(*f)(done)
			}
			return nil
		}
		if try == attempts || !retryable(err) || ctx.Err() != nil {
			return err
		}
	}
}

func (db *DB) once(ctx context.Context, t tenant.ID, fn func(tx *Tx) error) (none Committed, err error) {
	if t == tenant.None {
		return none, errors.New("store: a transaction without a tenant")
	}
	c, give, err := db.acquire(ctx, t)
	if err != nil {
		return none, broken(err, true, false)
	}
	defer give()
	conn := c.Conn()
	tc := &txConn{conn: conn, tenant: t}
	defer func() { // also when fn panics
		if !tc.begun {
			return
		}
		// The caller's context may be the reason for the failure; the rollback needs its own.
		rctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if _, rerr := conn.Exec(rctx, "rollback"); rerr != nil {
			_ = conn.Close(rctx) // the pool discards it
		}
	}()

	tx := &Tx{Reader: Reader{q: sqlc.New(tc), tenant: t, db: tc}, conn: tc}
	if err := fn(tx); err != nil {
		return none, broken(err, conn.IsClosed(), false)
	}
	if err := tx.mark(ctx); err != nil {
		return none, broken(err, conn.IsClosed(), false)
	}
	tx.tellPurses()
	if len(tx.emitted) > 0 {
		tx.tail.Queue("select pg_current_xact_id()::text").QueryRow(func(row pgx.Row) error { return row.Scan(&tx.xid) })
	}
	if err := tx.queueEvidence(); err != nil {
		return none, err
	}
	tx.queueJobs()
	if !tc.begun && tx.tail.Len() == 0 {
		return none, nil // nothing was asked of PostgreSQL
	}
	tx.tail.Queue("commit")
	if err := tc.SendBatch(ctx, &tx.tail).Close(); err != nil {
		return none, broken(fmt.Errorf("store: commit: %w", err), conn.IsClosed(), true)
	}
	tc.begun = false
	if conn.PgConn().TxStatus() != 'I' {
		tc.begun = true
		return none, errors.New("store: commit left the transaction open")
	}
	return Committed{Tenant: t, XID: tx.xid, Changes: tx.emitted}, nil
}

// retryable: nothing was committed, and the same closure may succeed if run again.
func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01" || raced[pg.ConstraintName])
}

// raced are constraints that only somebody else's commit in between can have violated: run again, the closure sees it.
var raced = map[string]bool{"journal_key": true, "journal_resolves_once": true}

func isErr(err, target error) bool { return errors.Is(err, target) }

// constraint is the name of the constraint that err says was violated, or "".
func constraint(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.ConstraintName
	}
	return ""
}

// PlanAnew has each of the transaction's statements planned for the tables as they are now: for one that brings so much at once that plans which the connection keeps
// from when they were small would read them whole.
func (tx *Tx) PlanAnew(ctx context.Context) error {
	if _, err := tx.conn.Exec(ctx, "set local plan_cache_mode = force_custom_plan"); err != nil {
		return fmt.Errorf("store: plan anew: %w", err)
	}
	return nil
}
