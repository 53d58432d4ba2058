package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// snapshotPause is how long whoever reads a snapshot may do something else between two statements: hand a page to a slow
// client, say. A snapshot that only reads has no transaction id and so holds no tail back; it does hold vacuum back.
const snapshotPause = time.Minute

// Unbounded is a snapshot whose statements take the time that they take.
const Unbounded time.Duration = 0

// Page is how long a statement of a snapshot has that is read page by page, as any other has.
const Page = statementLimit

// Snapshot runs fn with many statements that see one state: what is committed meanwhile does not exist for them. Each may run for so long. Nothing can be
// written, and fn is run once.
func (db *DB) Snapshot(ctx context.Context, t tenant.ID, each time.Duration, fn func(r *Reader) error) error {
	if t == tenant.None {
		return errNoTenant
	}
	c, give, err := db.acquire(ctx, t)
	if err != nil {
		return broken(err, true, false)
	}
	defer give()
	tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return broken(fmt.Errorf("store: begin a snapshot: %w", err), c.Conn().IsClosed(), false)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // it only read
	b := &pgx.Batch{}
	b.Queue(setTenant, t.String())
	b.Queue(fmt.Sprintf("set local idle_in_transaction_session_timeout = %d", snapshotPause.Milliseconds()))
	b.Queue(fmt.Sprintf("set local statement_timeout = %d", each.Milliseconds()))
	b.Queue("set local plan_cache_mode = force_custom_plan") // pages are cheap by their borders, which a generic plan does not know
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return broken(fmt.Errorf("store: begin a snapshot: %w", err), c.Conn().IsClosed(), false)
	}
	if err := fn(&Reader{q: sqlc.New(tx), db: tx, tenant: t}); err != nil {
		return broken(err, c.Conn().IsClosed(), false)
	}
	return nil
}
