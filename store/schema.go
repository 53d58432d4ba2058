package store

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/migrations"
)

// Describe writes docs/schema.md from a live, migrated database: what is really there,
// with what the migrations say of each table above its CREATE. Partitions and the tables
// of libraries (goose, River) are left out.
func Describe(ctx context.Context, url string) ([]byte, error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("store: describe: %w", err)
	}
	defer c.Close(ctx)
	said, err := tableComments()
	if err != nil {
		return nil, err
	}
	tables, err := column(ctx, c, `select relname::text from pg_class
		where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
		  and relname not like 'goose%' and relname not like 'river%' order by relname collate "C"`)
	if err != nil {
		return nil, fmt.Errorf("store: describe: %w", err)
	}
	var b bytes.Buffer
	b.WriteString("# Schema\n\nGenerated from the live schema by `make generate`; `make check` fails when it is stale.\n" +
		"Every table whose tenancy reads *isolated* has row level security, forced, on `tenant_id` (`id` for `tenant`).\n\n")
	for _, t := range tables {
		fmt.Fprintf(&b, "- [%s](#%s)\n", t, t)
	}
	for _, t := range tables {
		if err := describeTable(ctx, c, &b, t, said[t]); err != nil {
			return nil, fmt.Errorf("store: describe %s: %w", t, err)
		}
	}
	return b.Bytes(), nil
}

func describeTable(ctx context.Context, c *pgx.Conn, b *bytes.Buffer, table, comment string) error {
	fmt.Fprintf(b, "\n## %s\n\n", table)
	if comment != "" {
		fmt.Fprintf(b, "%s\n\n", comment)
	}
	facts, err := column(ctx, c, `select fact from (
		select 1 as o, 'Tenancy: ' || case when relforcerowsecurity then 'isolated' else 'none (see the allowlist in store/schema_test.go)' end as fact
			from pg_class where oid = $1::regclass
		union all select 2, 'Partitioned by ' || pg_get_partkeydef($1::regclass) from pg_class where oid = $1::regclass and relkind = 'p'
		union all select 3, 'Policies: ' || string_agg(policyname || ' (' || array_to_string(roles, ', ') || ')', ', ' order by policyname)
			from pg_policies where schemaname = 'public' and tablename = $1::text having count(*) > 0) f order by o`, table)
	if err != nil {
		return err
	}
	for _, f := range facts {
		fmt.Fprintf(b, "%s.\n", f)
	}
	columns, err := column(ctx, c, `select format('| %s | %s | %s | %s |', attname, format_type(atttypid, atttypmod),
			case when attnotnull then '' else 'yes' end,
			coalesce(replace(pg_get_expr(adbin, adrelid), '|', '\|'), case attidentity when '' then '' else 'identity' end))
		from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
		where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`, table)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "\n| column | type | null | default |\n| --- | --- | --- | --- |\n%s\n", strings.Join(columns, "\n"))
	rules, err := column(ctx, c, `select '- ' || conname || ': ' || pg_get_constraintdef(oid) from pg_constraint
			where conrelid = $1::regclass and contype in ('p', 'u', 'f', 'c', 'x') and conparentid = 0
		union all select '- index ' || regexp_replace(indexdef, '^CREATE (UNIQUE )?INDEX (\S+) ON (ONLY )?\S+ USING ', '\1\2 ') from pg_indexes
			where schemaname = 'public' and tablename = $1::text
			  and indexname not in (select conname from pg_constraint where conrelid = $1::regclass)
		order by 1`, table)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "\n%s\n", strings.Join(rules, "\n"))
	return nil
}

func column(ctx context.Context, c *pgx.Conn, sql string, args ...any) ([]string, error) {
	rows, err := c.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// tableComments are the comment lines directly above each CREATE TABLE.
func tableComments() (map[string]string, error) {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return nil, err
	}
	said := map[string]string{}
	for _, f := range files {
		text, err := fs.ReadFile(migrations.FS, f)
		if err != nil {
			return nil, err
		}
		var block []string
		for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
			line := s.Text()
			switch name, isTable := strings.CutPrefix(line, "create table "); {
			case isTable:
				name, _, _ = strings.Cut(name, " ")
				said[name] = strings.Join(block, " ")
				block = nil
			case strings.HasPrefix(line, "-- ") && !strings.HasPrefix(line, "-- +"):
				block = append(block, strings.TrimPrefix(line, "-- "))
			default:
				block = nil
			}
		}
	}
	return said, nil
}
