package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waymeet/waymeet/identity/tenant"
)

// txConn is a transaction's connection. BEGIN and the tenant travel with whatever is sent first, in the same round trip if
// that is a batch; a transaction that sends nothing begins nothing.
type txConn struct {
	conn   *pgx.Conn
	tenant tenant.ID
	begun  bool
}

func (c *txConn) opening() *pgx.Batch {
	c.begun = true
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(setTenant, c.tenant.String())
	return b
}

func (c *txConn) begin(ctx context.Context) error {
	if c.begun {
		return nil
	}
	return c.conn.SendBatch(ctx, c.opening()).Close()
}

func (c *txConn) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := c.begin(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	return c.conn.Exec(ctx, sql, args...)
}

func (c *txConn) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	return c.conn.Query(ctx, sql, args...)
}

func (c *txConn) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := c.begin(ctx); err != nil {
		return oneRow{err: err}
	}
	return c.conn.QueryRow(ctx, sql, args...)
}

func (c *txConn) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := c.begin(ctx); err != nil {
		return 0, err
	}
	return c.conn.CopyFrom(ctx, table, columns, rows)
}

// SendBatch's results are those of b alone.
func (c *txConn) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if c.begun {
		return c.conn.SendBatch(ctx, b)
	}
	first := c.opening()
	opening := len(first.QueuedQueries)
	first.QueuedQueries = append(first.QueuedQueries, b.QueuedQueries...)
	res := c.conn.SendBatch(ctx, first)
	for range opening {
		if _, err := res.Exec(); err != nil {
			break // it comes again from whatever is asked of res next
		}
	}
	return res
}
