package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// dump writes what the failed test's database held, at most 40 rows a table.
func (d *DB) dump(t testing.TB) {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, d.SuperURL())
	if err != nil {
		t.Logf("storetest: no dump: %v", err)
		return
	}
	defer c.Close(ctx)
	tables, err := lines(ctx, c, `select quote_ident(relname) from pg_class
		where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
		  and relname <> 'goose_db_version' order by 1`)
	if err != nil {
		t.Logf("storetest: no dump: %v", err)
		return
	}
	var b strings.Builder
	for _, table := range tables {
		rows, err := lines(ctx, c, "select left(row_to_json(x)::text, 600) from "+table+" x limit 40")
		if err != nil || len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s:\n  %s", table, strings.Join(rows, "\n  "))
	}
	t.Logf("the test's database held:%s", b.String())
}

func lines(ctx context.Context, c *pgx.Conn, sql string) ([]string, error) {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
