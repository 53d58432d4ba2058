package migrations

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// Migrations run while the version before still serves (G8), so they expand what is there
// and contract only what no running version uses any more. The rules are blunt on purpose;
// a file that must break one says so: `-- lint:allow RULE: reason`.
var rules = []struct {
	name string
	bad  *regexp.Regexp
	why  string
}{
	{"drop", re(`\bdrop (table|column|schema|view)\b`), "the version before may still read it: contract one release later"},
	{"rename", re(`\brename (to|column)\b`), "the version before knows the old name: add, copy, drop later"},
	{"retype", re(`\balter (column )?\w+ (set data )?type\b`), "rewrites the table under an exclusive lock"},
	{"not-null", re(`\balter (column )?\w+ set not null\b`), "scans under an exclusive lock: add a NOT VALID check and validate it first"},
	{"volatile-default", re(`\badd (column )?\w+ [^;,]*default [^;,]*\b(random|clock_timestamp|gen_random_uuid|nextval)\b`), "rewrites the table"},
	{"stored", re(`\badd (column )?\w+ [^;,]*generated always as [^;]*stored\b`), "rewrites the table"},
	{"rewrite", re(`\b(vacuum full|cluster \w+)\b`), "rewrites the table under an exclusive lock"},
	{"unvalidated", re(`alter table \w+ add (constraint \w+ )?(foreign key|check)\b[^;]*;`), "scans under a lock: add it NOT VALID and validate in the next migration"},
}

var (
	createTable = re(`create (?:unlogged )?table (\w+) \(([^;]*)\)( partition by [^;]*)?;`)
	createIndex = re(`create (?:unique )?index (concurrently )?(?:if not exists )?\w+ on (\w+)`)
	comment     = re(`--[^\n]*`)
	spaces      = re(`\s+`)
)

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

func lint(text string) (flaws []string) {
	flaw := func(rule, format string, args ...any) {
		if !strings.Contains(text, "lint:allow "+rule+":") {
			flaws = append(flaws, rule+": "+fmt.Sprintf(format, args...))
		}
	}
	sql := spaces.ReplaceAllString(comment.ReplaceAllString(strings.ToLower(text), " "), " ")
	if !strings.Contains(sql, "set lock_timeout") && !strings.Contains(text, "NO TRANSACTION") {
		flaw("lock-timeout", "a migration that waits for a lock makes everybody wait behind it")
	}
	born := map[string]bool{}
	for _, m := range createTable.FindAllStringSubmatch(sql, -1) {
		table, body := m[1], m[2]
		born[table] = true
		if !strings.Contains(body, "tenant_id uuid not null") {
			continue // the schema's own test wants a reason for each table that no tenant owns
		}
		if !strings.Contains(sql, "select isolate('"+table+"'") {
			flaw("isolate", "%s is a tenant's and is not isolated", table)
		}
		if strings.Contains(body, "primary key") && !strings.Contains(body, "primary key (tenant_id,") && !strings.Contains(body, "primary key (tenant_id)") {
			flaw("key", "the primary key of %s is not led by tenant_id", table)
		}
	}
	for _, m := range createIndex.FindAllStringSubmatch(sql, -1) {
		if m[1] == "" && !born[m[2]] {
			flaw("index", "on %s, which is in use: create it concurrently, in a NO TRANSACTION migration", m[2])
		}
	}
	for _, r := range rules {
		if hit := r.bad.FindString(sql); hit != "" && !strings.Contains(hit, "not valid") {
			flaw(r.name, "%q: %s", hit, r.why)
		}
	}
	return flaws
}

func TestMigrationsExpandAndContract(t *testing.T) {
	files, err := fs.Glob(FS, "*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d migrations (%v)", len(files), err)
	}
	for i, name := range files {
		if !strings.HasPrefix(name, fmt.Sprintf("%04d_", i+1)) {
			t.Errorf("%s: migrations are numbered one by one; this is number %d", name, i+1)
		}
		text, err := fs.ReadFile(FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range lint(string(text)) {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// Each rule is seen red, and none cries at what is right.
func TestLintSees(t *testing.T) {
	const ok = "set lock_timeout = '3s';\n"
	for rule, sql := range map[string]string{
		"lock-timeout":     "select 1;",
		"isolate":          ok + "create table x (\n  tenant_id uuid not null, id uuid, primary key (tenant_id, id));",
		"key":              ok + "create table x (tenant_id uuid not null, id uuid primary key); select isolate('x');",
		"index":            ok + "create index i on trip (id);",
		"drop":             ok + "alter table trip drop column x;",
		"rename":           ok + "alter table trip rename column a to b;",
		"retype":           ok + "alter table trip alter column a type bigint;",
		"not-null":         ok + "alter table trip alter column a set not null;",
		"volatile-default": ok + "alter table trip add column a uuid default gen_random_uuid();",
		"stored":           ok + "alter table trip add column a int generated always as (b + 1) stored;",
		"rewrite":          ok + "vacuum full trip;",
		"unvalidated":      ok + "alter table trip add constraint c check (a > 0);",
	} {
		if got := strings.Join(lint(sql), "\n"); !strings.Contains(got, rule+": ") {
			t.Errorf("%s was not seen: %q", rule, got)
		}
		if got := lint(sql + "\n-- lint:allow " + rule + ": because"); len(got) != 0 && rule != "isolate" && rule != "key" {
			t.Errorf("%s cannot be allowed: %q", rule, got)
		}
	}
	for _, sql := range []string{
		ok + "create table x (tenant_id uuid not null, id uuid not null, primary key (tenant_id, id)); select isolate('x'); create index i on x (id);",
		ok + "alter table trip add constraint c check (a > 0) not valid;",
		ok + "alter table trip add column a int not null default 0;",
		"-- +goose NO TRANSACTION\ncreate index concurrently i on trip (id);",
	} {
		if got := lint(sql); len(got) != 0 {
			t.Errorf("%q: %q", sql, got)
		}
	}
}
