// Package bench sets the stage for `waymeet bench`: a database with the production schema and roles, rows to work on, and
// the naive way of doing the same, to measure against. It is not part of a serving node.
package bench

import (
	"context"
	"fmt"
	"net/url"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

const database = "bench"

// Stage is a migrated database with one tenant.
type Stage struct {
	Tenant tenant.ID

	super     *pgx.Conn
	superURL  string
	passwords store.Passwords
}

// Open makes the database on a server of our own.
func Open(ctx context.Context, superURL func(database string) string) (*Stage, error) {
	s := &Stage{Tenant: tenant.ID(ident.New()), superURL: superURL(database)}
	s.passwords = store.Passwords{Migrator: ident.Token(16), Backup: ident.Token(16), App: ident.Token(16), System: ident.Token(16)}
	if err := store.Bootstrap(ctx, superURL("postgres"), database, s.passwords); err != nil {
		return nil, err
	}
	if _, err := store.Migrate(ctx, s.url("waymeet_migrator", s.passwords.Migrator)); err != nil {
		return nil, err
	}
	var err error
	if s.super, err = pgx.Connect(ctx, s.superURL); err != nil {
		return nil, fmt.Errorf("bench: connect: %w", err)
	}
	return s, s.exec(ctx, `insert into tenant (id, slug, name, time_zone, currency) values ($1, 'bench', 'Bench', 'Africa/Nairobi', 'KES')`, s.Tenant.UUID())
}

// For is the stage as another of its tenants has it.
func (s *Stage) For(t tenant.ID) *Stage {
	theirs := *s
	theirs.Tenant = t
	return &theirs
}

// Close gives the stage's own connection back.
func (s *Stage) Close(ctx context.Context) error { return s.super.Close(ctx) }

// Config reaches the database with the roles of a node.
func (s *Stage) Config() store.Config {
	return store.Config{AppURL: s.url("waymeet_app", s.passwords.App), SystemURL: s.url("waymeet_system", s.passwords.System)}
}

func (s *Stage) url(role, password string) string {
	u, err := url.Parse(s.superURL)
	if err != nil {
		panic("bench: devstack's URL: " + err.Error()) // made by net/url
	}
	u.User = url.UserPassword(role, password)
	return u.String()
}

func (s *Stage) exec(ctx context.Context, sql string, args ...any) error {
	if _, err := s.super.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// Settle lets a measurement begin on a quiet server: what was loaded is analysed and on disk.
func (s *Stage) Settle(ctx context.Context) error {
	for _, sql := range []string{"vacuum analyze", "checkpoint"} {
		if err := s.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// Riders makes n users.
func (s *Stage) Riders(ctx context.Context, n int) ([]uuid.UUID, error) {
	return s.Users(ctx, "rider", n)
}

// Users makes n of them, of a kind that their addresses name.
func (s *Stage) Users(ctx context.Context, kind string, n int) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = ident.New()
	}
	return ids, s.exec(ctx, `insert into app_user (tenant_id, id, email, name)
		select $1, id, $3 || n || '@bench.example', $3 || ' ' || n from unnest($2::uuid[]) with ordinality u (id, n)`, s.Tenant.UUID(), ids, kind)
}
