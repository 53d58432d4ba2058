package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// stage fills a temporary table that ends with the transaction: bulk loads go there by COPY, which
// PostgreSQL refuses on tables with row level security, and from there by INSERT … SELECT, where the
// tenant's policies hold for every row.
func (tx *Tx) stage(ctx context.Context, table, definition string, n int, row func(i int) ([]any, error)) error {
	if _, err := tx.conn.Exec(ctx, "create temp table "+table+" ("+definition+") on commit drop"); err != nil {
		return fmt.Errorf("store: stage %s: %w", table, err)
	}
	return tx.refill(ctx, table, n, row)
}

// refill adds rows to a staged table.
func (tx *Tx) refill(ctx context.Context, table string, n int, row func(i int) ([]any, error)) error {
	var columns []string
	rows, err := tx.conn.Query(ctx, "select attname::text from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum", "pg_temp."+table)
	if err == nil {
		columns, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		return fmt.Errorf("store: stage %s: %w", table, err)
	}
	if _, err := tx.conn.CopyFrom(ctx, pgx.Identifier{"pg_temp", table}, columns, pgx.CopyFromSlice(n, row)); err != nil {
		return fmt.Errorf("store: stage %s: %w", table, err)
	}
	// Nobody else will: autovacuum does not see temporary tables. A guess by size is good enough for the
	// departures of a day, which are staged many times.
	if n > 100 && table != "stage_departure" {
		if _, err := tx.conn.Exec(ctx, "analyze "+table); err != nil {
			return fmt.Errorf("store: stage %s: %w", table, err)
		}
	}
	return nil
}

// exec runs statements that name staged tables, which sqlc cannot know. $1 is the tenant.
func (tx *Tx) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	tag, err := tx.conn.Exec(ctx, sql, append([]any{tx.tenant.UUID()}, args...)...)
	return tag.RowsAffected(), err
}
