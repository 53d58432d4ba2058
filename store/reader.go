package store

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Reader is one tenant's view. Outside a transaction each of its verbs is one statement,
// one round trip and one snapshot: two calls may see two states.
type Reader struct {
	q      *sqlc.Queries
	db     sqlc.DBTX // for statements written by hand
	tenant tenant.ID
}

// Read is a view of one tenant for single statements.
func (db *DB) Read(t tenant.ID) *Reader { return db.reader(t, db.acquire) }

func (db *DB) reader(t tenant.ID, acquire acquisition) *Reader {
	one := &oneTrip{acquire: acquire, tenant: t}
	return &Reader{q: sqlc.New(one), db: one, tenant: t}
}

// Tenant is whose view this is.
func (r *Reader) Tenant() tenant.ID { return r.tenant }

// oneTrip sends set_config(…, true) and the statement as one batch. Both run in the
// batch's implicit transaction, so the setting ends with it and the connection goes back
// to the pool as clean as it came.
type oneTrip struct {
	acquire acquisition
	tenant  tenant.ID
}

// acquisition is a way to a connection for a tenant; give gives it back.
type acquisition func(context.Context, tenant.ID) (c *pgxpool.Conn, give func(), err error)

// trip is a batch under way, whose end gives its connection back.
type trip struct {
	pgx.BatchResults
	give func()
	once sync.Once
}

func (t *trip) Close() error {
	defer t.once.Do(t.give)
	return t.BatchResults.Close()
}

var errNoTenant = errors.New("store: a statement without a tenant")

func (o *oneTrip) send(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	if o.tenant == tenant.None {
		return nil, errNoTenant
	}
	c, give, err := o.acquire(ctx, o.tenant)
	if err != nil {
		return nil, unread(err)
	}
	b := &pgx.Batch{}
	b.Queue(setTenant, o.tenant.String())
	b.Queue(sql, args...)
	res := &trip{BatchResults: c.SendBatch(ctx, b), give: give}
	if _, err := res.Exec(); err != nil {
		_ = res.Close()
		return nil, unread(err)
	}
	return res, nil
}

func (o *oneTrip) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	res, err := o.send(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := res.Exec()
	return tag, unread(errors.Join(err, res.Close()))
}

func (o *oneTrip) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	res, err := o.send(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	rows, err := res.Query()
	if err != nil {
		_ = res.Close()
		return nil, unread(err)
	}
	return &batchRows{Rows: rows, res: res}, nil
}

func (o *oneTrip) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := o.Query(ctx, sql, args...)
	return oneRow{rows, err}
}

// batchRows gives the connection back when the rows are done with.
type batchRows struct {
	pgx.Rows
	res pgx.BatchResults
	err error
}

func (r *batchRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *batchRows) Close() {
	r.Rows.Close()
	if r.res != nil {
		r.err = r.res.Close()
		r.res = nil
	}
}

func (r *batchRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return unread(err)
	}
	return unread(r.err)
}

type oneRow struct {
	rows pgx.Rows
	err  error
}

func (r oneRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}
