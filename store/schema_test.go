package store_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

var update = flag.Bool("update", false, "write docs/schema.md instead of comparing with it")

// shared is every table that no tenant owns, each with the reason why.
var shared = map[string]string{
	"goose_db_version": "the schema's own version; only the migrator touches it",
	"job_kind":         "the kinds of work that a tenant's transaction may ask for; says nothing of anyone",
	"live_node":        "one row for each node that runs: its name and its lease; who is connected there is live_presence",
	"outbox_horizon":   "one row: up to where the log was emptied; says nothing of anyone",
	"signing_key":      "access tokens are signed by the installation; private halves are sealed",
}

// river's tables hold jobs, whose arguments name the tenant; the app role may not touch them.
func sharedTable(name string) bool {
	return shared[name] != "" || strings.HasPrefix(name, "river_")
}

// TestEveryTableIsIsolated fails for any table without tenant isolation that is not on the
// reasoned list above, for any key that is not led by the tenant, and for any grant on
// something that row level security does not cover.
func TestEveryTableIsIsolated(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	for _, flaw := range flaws(t, db) {
		t.Error(flaw)
	}
}

// TestIsolationCheckSees plants one of each flaw and wants it found.
func TestIsolationCheckSees(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	for _, sql := range []string{
		"create table planted_bare (id uuid primary key)",
		"create table planted_unforced (tenant_id uuid not null, id uuid not null, primary key (tenant_id, id)); alter table planted_unforced enable row level security",
		"create table planted_key (tenant_id uuid not null, id uuid primary key); select isolate('planted_key')",
		"create table planted_reference (tenant_id uuid not null, id uuid not null, stop_id uuid, primary key (tenant_id, id)); select isolate('planted_reference'); alter table stop add constraint planted_unique unique (id); alter table planted_reference add foreign key (stop_id) references stop (id)",
		"create table planted_lax (tenant_id uuid not null, id uuid not null, primary key (tenant_id, id)); select isolate('planted_lax'); create policy open on planted_lax to waymeet_app using (true)",
		"create view planted_view as select * from app_user; grant select on planted_view to waymeet_app",
		"grant select on trip_202601 to waymeet_app",
		"create table planted_import (tenant_id uuid not null, id uuid not null, source text, external_id text, primary key (tenant_id, id)); select isolate('planted_import')",
	} {
		if strings.Contains(sql, "trip_202601") {
			db.Exec(t, "select ensure_service_months('2026-01-01', '2026-01-31')")
		}
		for _, s := range strings.Split(sql, "; ") {
			db.Exec(t, s)
		}
	}
	found := strings.Join(flaws(t, db), "\n")
	for _, name := range []string{"planted_bare", "planted_unforced", "planted_key", "planted_reference", "planted_lax", "planted_view", "trip_202601", "planted_import"} {
		if !strings.Contains(found, name) {
			t.Errorf("%s was not found in:\n%s", name, found)
		}
	}
}

func flaws(t *testing.T, db *storetest.DB) (out []string) {
	t.Helper()
	for _, check := range []struct{ flaw, sql string }{
		{"is not isolated (row level security enabled and forced, with a policy for waymeet_app)", `
			select relname::text from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
			  and not (relrowsecurity and relforcerowsecurity and exists (select from pg_policy where polrelid = c.oid and polname = 'tenant'))`},
		{"has a policy for waymeet_app that is not about its tenant", `
			select distinct tablename::text from pg_policies where schemaname = 'public' and ('waymeet_app' = any(roles) or 'public' = any(roles))
			  and (qual is null or with_check is null or qual not like '%app.tenant_id%' or with_check not like '%app.tenant_id%' or qual like '%true)%missing%')`},
		{"has a primary key or a unique one that is not led by tenant_id", `
			select distinct c.relname::text from pg_constraint k join pg_class c on c.oid = k.conrelid
			where c.relnamespace = 'public'::regnamespace and not c.relispartition and contype in ('p', 'u') and c.relname <> 'tenant'
			  and (select attname from pg_attribute where attrelid = c.oid and attnum = conkey[1]) <> 'tenant_id'`},
		{"references another table without its tenant", `
			select distinct c.relname::text from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class r on r.oid = k.confrelid
			where c.relnamespace = 'public'::regnamespace and not c.relispartition and contype = 'f'
			  and (select attname from pg_attribute where attrelid = c.oid and attnum = conkey[1]) <> 'tenant_id'`},
		{"is a view that does not run as its caller", `
			select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
			  and not coalesce(reloptions::text like '%security_invoker=true%', false)`},
		{"is a partition that the app or system role may reach past its parent's policies", `
			select distinct c.relname::text from pg_class c, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
			where c.relnamespace = 'public'::regnamespace and relispartition and rolname in ('waymeet_app', 'waymeet_system')`},
		{"has an external_id that is not unique per tenant and source", `
			select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and attname = 'external_id'
			where c.relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and not exists (
			  select from pg_constraint where conrelid = c.oid and contype = 'u' and pg_get_constraintdef(oid) = 'UNIQUE (tenant_id, source, external_id)')`},
	} {
		for _, name := range names(t, db, check.sql) {
			if !sharedTable(name) {
				out = append(out, name+" "+check.flaw)
			}
		}
	}
	return out
}

// Every role can do what it is for, and nothing beyond.
func TestRolesAreBounded(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	if got := names(t, db, `select rolname::text from pg_roles where rolname in ('waymeet_app', 'waymeet_system')
		and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`); len(got) > 0 {
		t.Errorf("%v hold more than they need", got)
	}
	if got := names(t, db, `select rolname::text from pg_roles where rolname = 'waymeet_owner' and rolcanlogin`); len(got) > 0 {
		t.Error("somebody can log in as the owner")
	}
	for _, act := range []struct{ who, sql string }{
		{db.AppURL(), "update audit set action = 'x'"},
		{db.AppURL(), "delete from audit"},
		{db.AppURL(), "truncate audit"},
		{db.AppURL(), "select * from outbox"},
		{db.AppURL(), "select * from signing_key"},
		{db.AppURL(), "create table mine (id int)"},
		{db.AppURL(), "delete from app_user"},
		{db.AppURL(), "set role waymeet_owner"},
		{db.SystemURL(), "select * from app_user"},
		{db.SystemURL(), "select * from audit"},
		{db.SystemURL(), "update booking set state = 'cancelled'"},
		{db.SystemURL(), "select * from account"},
		{db.SystemURL(), "select * from entry"},
		{db.SystemURL(), "delete from open_hold"},
	} {
		c, err := pgx.Connect(t.Context(), act.who)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Exec(t.Context(), act.sql); err == nil {
			t.Errorf("allowed: %s", act.sql)
		}
		c.Close(t.Context())
	}
}

// docs/schema.md says what the live schema is.
func TestSchemaDocIsCurrent(t *testing.T) {
	t.Parallel()
	db := storetest.Empty(t)
	got, err := store.Describe(t.Context(), db.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	const path = "../docs/schema.md"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/schema.md is stale: run `make generate`")
	}
}

func names(t *testing.T, db *storetest.DB, sql string) []string {
	t.Helper()
	c, err := pgx.Connect(context.Background(), db.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	rows, err := c.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return got
}
