package identity

import (
	"context"
	"errors"
	"fmt"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// CreateTenant makes an operator with the built-in roles. It is the command line's: no route leads here.
func (s *Service) CreateTenant(ctx context.Context, t tenant.Tenant) (tenant.Tenant, error) {
	if err := t.Check(); err != nil {
		return t, fmt.Errorf("identity: create a tenant: %w", err)
	}
	t.ID = tenant.ID(ident.New())
	if err := s.db.System().CreateTenant(ctx, t); err != nil {
		if !errors.Is(err, store.ErrTaken) {
			return t, err
		}
		return t, fmt.Errorf("identity: create a tenant: the slug %q is taken", t.Slug)
	}
	return t, s.db.InTx(ctx, t.ID, func(tx *store.Tx) error {
		for _, r := range policy.BuiltIn() {
			permissions := make([]string, len(r.Permissions))
			for i, p := range r.Permissions {
				permissions[i] = string(p)
			}
			if err := tx.CreateRole(ctx, store.Role{Name: r.Name, Permissions: permissions, BuiltIn: true}); err != nil {
				return err
			}
		}
		return tx.Audit(store.Audit{Action: "tenant.created", Target: "tenant/" + t.ID.String()})
	})
}

// Tenant finds an operator by slug.
func (s *Service) Tenant(ctx context.Context, slug string) (tenant.Tenant, error) {
	return s.db.System().TenantBySlug(ctx, slug)
}

// Tenants is every operator.
func (s *Service) Tenants(ctx context.Context) ([]tenant.Tenant, error) {
	return s.db.System().Tenants(ctx)
}
