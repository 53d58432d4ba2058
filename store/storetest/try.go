package storetest

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Try runs one statement as a superuser, past row level security, where what it breaks on is the point.
func (d *DB) Try(sql string, args ...any) error {
	_, err := d.past.Exec(context.Background(), sql, args...)
	return err
}

// TryAs is Try on a connection of its own, as whoever the URL names.
func (d *DB) TryAs(url, sql string) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, sql)
	return err
}
