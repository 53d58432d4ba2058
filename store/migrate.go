package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // goose speaks database/sql
	"github.com/pressly/goose/v3"

	"github.com/waymeet/waymeet/migrations"
)

// Passwords are those of the roles that log in. Empty ones are left as they are.
type Passwords struct{ Migrator, Backup, App, System string }

// Bootstrap makes the roles, once per cluster, and the database, if it is missing. It is
// the one thing here that needs a superuser (`waymeet bootstrap`). Safe to repeat.
func Bootstrap(ctx context.Context, superURL, database string, pw Passwords) error {
	c, err := pgx.Connect(ctx, superURL)
	if err != nil {
		return fmt.Errorf("store: bootstrap: %w", err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "select pg_advisory_lock(7210719)"); err != nil { // roles belong to the cluster: one at a time
		return fmt.Errorf("store: bootstrap: %w", err)
	}
	for _, r := range []struct{ name, attributes, password string }{
		{"waymeet_owner", "nologin", ""},
		{"waymeet_migrator", "login bypassrls", pw.Migrator},
		{"waymeet_backup", "login bypassrls", pw.Backup},
		{"waymeet_app", "login nobypassrls", pw.App},
		{"waymeet_system", "login nobypassrls", pw.System},
	} {
		var there bool
		if err := c.QueryRow(ctx, "select exists (select from pg_roles where rolname = $1)", r.name).Scan(&there); err != nil {
			return fmt.Errorf("store: bootstrap: %w", err)
		}
		if !there {
			if _, err := c.Exec(ctx, "create role "+r.name+" "+r.attributes); err != nil {
				return fmt.Errorf("store: bootstrap: role %s: %w", r.name, err)
			}
		}
		if r.password != "" {
			if _, err := c.Exec(ctx, "alter role "+r.name+" password '"+strings.ReplaceAll(r.password, "'", "''")+"'"); err != nil {
				return fmt.Errorf("store: bootstrap: password of %s", r.name)
			}
		}
	}
	if _, err := c.Exec(ctx, "grant waymeet_owner to waymeet_migrator"); err != nil {
		return fmt.Errorf("store: bootstrap: %w", err)
	}
	var there bool
	if err := c.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", database).Scan(&there); err != nil {
		return fmt.Errorf("store: bootstrap: %w", err)
	}
	if !there {
		name := pgx.Identifier{database}.Sanitize()
		if _, err := c.Exec(ctx, "create database "+name+" owner waymeet_owner"); err != nil {
			return fmt.Errorf("store: bootstrap: database: %w", err)
		}
		if _, err := c.Exec(ctx, "revoke connect, temporary on database "+name+" from public"); err != nil {
			return fmt.Errorf("store: bootstrap: %w", err)
		}
		if _, err := c.Exec(ctx, "grant connect, temporary on database "+name+" to waymeet_migrator, waymeet_backup, waymeet_app, waymeet_system"); err != nil {
			return fmt.Errorf("store: bootstrap: %w", err)
		}
	}
	return nil
}

// Migrate brings the schema up to this binary's version. The URL names the role
// waymeet_migrator; objects are made as waymeet_owner, so that row level security is
// FORCEd on an owner that nobody logs in as. It returns the version reached.
func Migrate(ctx context.Context, migratorURL string) (int64, error) {
	u, err := asOwner(migratorURL)
	if err != nil {
		return 0, err
	}
	db, err := sql.Open("pgx", u)
	if err != nil {
		return 0, fmt.Errorf("store: migrate: %w", err)
	}
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		return 0, fmt.Errorf("store: migrate: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("store: migrate: %w", err)
	}
	if err := migrateJobs(ctx, u); err != nil {
		return 0, err
	}
	return p.GetDBVersion(ctx)
}

func asOwner(migratorURL string) (string, error) {
	u, err := url.Parse(migratorURL)
	if err != nil {
		return "", fmt.Errorf("store: migrate: the URL cannot be read")
	}
	q := u.Query()
	q.Set("role", "waymeet_owner")
	u.RawQuery = q.Encode()
	return u.String(), nil
}
