// Package storetest gives each test a database of its own, with two tenants in it and a
// time zone that nobody expects, cloned from a template that holds the migrated schema.
//
// The tests' PostgreSQL is real (see internal/devstack/devtest); the roles are the
// production ones, so row level security is in force in every test. When a test fails, what
// its database held is written to the test's log.
package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/migrations"
	"github.com/waymeet/waymeet/store"
)

// password is that of every role of a test's cluster, which listens on loopback and holds
// nothing but tests.
const password = "storetest"

// timeZone is where nobody lives by whole hours (UTC+12:45): code that leans on the
// database's zone shows at once.
const timeZone = "Pacific/Chatham"

// DB is one test's database.
type DB struct {
	*store.DB
	A, B Tenant // two operators that must never meet

	Name  string
	Brief bool // what it held says nothing when the test fails: too much happened
	super string
	past  *pgxpool.Pool // a superuser's connections: opening one costs more than most of what is asked
}

// New makes the database; it is dropped when the test ends.
func New(t testing.TB) *DB {
	t.Helper()
	d := Empty(t)
	d.A = d.tenant(t, "alpha", "Africa/Casablanca", "MAD")
	d.B = d.tenant(t, "bravo", "Africa/Nairobi", "KES")
	return d
}

// Empty is New without tenants.
func Empty(t testing.TB) *DB {
	t.Helper()
	ctx := context.Background()
	super := devtest.SuperURL(t, "postgres")
	template, err := ready(ctx, super)
	if err != nil {
		t.Fatal(err)
	}
	server, err := makers(super)
	if err != nil {
		t.Fatal(err)
	}
	d := &DB{Name: "t_" + hex.EncodeToString([]byte(ident.Token(12))[:12]), super: super}
	for _, sql := range []string{
		"create database " + d.Name + " template " + template + " owner waymeet_owner",
		"alter database " + d.Name + " set timezone = '" + timeZone + "'",
	} {
		if _, err := server.Exec(ctx, sql); err != nil {
			t.Fatalf("storetest: %s: %v", sql, err)
		}
	}
	t.Cleanup(func() {
		if _, err := server.Exec(ctx, "drop database if exists "+d.Name+" with (force)"); err != nil {
			t.Errorf("storetest: drop: %v", err)
		}
	})
	if d.past, err = few(d.SuperURL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.past.Close)
	d.DB, err = store.Open(ctx, store.Config{AppURL: d.AppURL(), SystemURL: d.SystemURL(), MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.DB.Close)
	t.Cleanup(func() {
		if t.Failed() && !d.Brief {
			d.dump(t)
		}
	})
	return d
}

// AppURL, SystemURL, MigratorURL and SuperURL reach this database as those roles.
func (d *DB) AppURL() string      { return as(d.super, "waymeet_app", d.Name) }
func (d *DB) SystemURL() string   { return as(d.super, "waymeet_system", d.Name) }
func (d *DB) MigratorURL() string { return as(d.super, "waymeet_migrator", d.Name) }
func (d *DB) SuperURL() string    { return as(d.super, "", d.Name) }

// Exec runs one statement as a superuser, past row level security: for fixtures and for
// planting what the product itself would refuse.
func (d *DB) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := d.past.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("storetest: %v", err)
	}
}

// Bend runs statements as a superuser whose triggers are off, in one transaction: what whoever owns the disk could do.
func (d *DB) Bend(t testing.TB, sql string) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), d.SuperURL())
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(context.Background(), "begin; set local session_replication_role = replica; "+sql+"; commit"); err != nil {
		t.Fatalf("storetest: bend: %v", err)
	}
}

// Int asks one number as a superuser, past row level security: for looking at what is
// really there.
func (d *DB) Int(t testing.TB, sql string, args ...any) (n int64) {
	t.Helper()
	if err := d.past.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("storetest: %v", err)
	}
	return n
}

// Texts asks one column of text as a superuser, past row level security.
func (d *DB) Texts(t testing.TB, sql string, args ...any) []string {
	t.Helper()
	rows, err := d.past.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	return texts
}

// few is a handful of connections, made when they are needed. They keep no plans: tests change tables under them.
func few(url string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 4
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	return pgxpool.NewWithConfig(context.Background(), cfg)
}

func as(super, role, database string) string {
	u, err := url.Parse(super)
	if err != nil {
		panic(err)
	}
	if role != "" {
		u.User = url.UserPassword(role, password)
	}
	u.Path = "/" + database
	return u.String()
}

var (
	makersOnce sync.Once
	makersPool *pgxpool.Pool
	errMakers  error
)

// makers makes and drops databases, for all tests of this process.
func makers(super string) (*pgxpool.Pool, error) {
	makersOnce.Do(func() { makersPool, errMakers = few(super) })
	return makersPool, errMakers
}

var (
	readyOnce sync.Once
	readyName string
	errReady  error
)

// ready makes the template, named after the migrations in it, once for all processes.
func ready(ctx context.Context, super string) (string, error) {
	readyOnce.Do(func() { readyName, errReady = makeTemplate(ctx, super) })
	return readyName, errReady
}

func makeTemplate(ctx context.Context, super string) (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	lock, err := pgx.Connect(ctx, super)
	if err != nil {
		return "", err
	}
	defer lock.Close(ctx)
	if _, err := lock.Exec(ctx, "select pg_advisory_lock(7210720)"); err != nil {
		return "", err
	}
	var there bool
	if err := lock.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
		return name, err
	}
	making := name + "_making" // a crash half-way leaves this name, never the good one
	if _, err := lock.Exec(ctx, "drop database if exists "+making+" with (force)"); err != nil {
		return "", err
	}
	pw := store.Passwords{Migrator: password, Backup: password, App: password, System: password}
	if err := store.Bootstrap(ctx, super, making, pw); err != nil {
		return "", err
	}
	if _, err := store.Migrate(ctx, as(super, "waymeet_migrator", making)); err != nil {
		return "", err
	}
	_, err = lock.Exec(ctx, "alter database "+making+" rename to "+name)
	return name, err
}

func templateName() (string, error) {
	h := sha256.New()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return "", err
	}
	for _, n := range names {
		b, err := fs.ReadFile(migrations.FS, n)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", n, len(b))
		h.Write(b)
	}
	return "waymeet_template_" + hex.EncodeToString(h.Sum(nil)[:6]), nil
}
