package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// openByHand opens the installation's database for a command that runs beside serving nodes. What r has found wrong so far is said
// with what is wrong here, all at once.
func openByHand(ctx context.Context, r *reader, log *slog.Logger) (*store.DB, error) {
	app := r.location("WAYMEET_DATABASE_URL", "postgres", "postgresql")
	system := r.location("WAYMEET_SYSTEM_DATABASE_URL", "postgres", "postgresql")
	if err := errors.Join(r.problems...); err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Config{AppURL: app.reveal(), SystemURL: system.reveal(), MaxConns: 2, Logger: log})
}

// called is the tenant that --tenant names.
func called(ctx context.Context, db *store.DB, slug string) (tenant.Tenant, error) {
	who, err := db.System().TenantBySlug(ctx, slug)
	if store.IsNotFound(err) {
		err = fmt.Errorf("there is no tenant %q", slug)
	}
	return who, err
}

// allOrCalled is every tenant where none is named.
func allOrCalled(ctx context.Context, db *store.DB, slug string) ([]tenant.Tenant, error) {
	if slug == "" {
		return db.System().Tenants(ctx)
	}
	one, err := called(ctx, db, slug)
	return []tenant.Tenant{one}, err
}
