package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// tenantSettings is what the settings column holds beside the columns of their own.
type tenantSettings struct {
	Advice struct {
		FeeBP *int `json:"fee_bp"`
	} `json:"advice,omitzero"`
	Map  tenantMap       `json:"map"`
	Live json.RawMessage `json:"live,omitempty"`
}

type tenantMap struct {
	Lat     float64 `json:"lat"`
	Lon     float64 `json:"lon"`
	Zoom    float64 `json:"zoom"`
	TileURL string  `json:"tile_url,omitempty"`
}

func tenantOf(id uuid.UUID, slug, name, zone, currency, locale string, settings json.RawMessage, status string) (tenant.Tenant, error) {
	var s tenantSettings
	if err := json.Unmarshal(settings, &s); err != nil {
		return tenant.Tenant{}, fmt.Errorf("store: settings of tenant %s: %w", slug, err)
	}
	live, _ := tenant.ReadLive(s.Live) // whoever asks for somebody's standing hears what was left out
	return tenant.Tenant{ID: tenant.ID(id), Slug: slug, Name: name, TimeZone: zone, Currency: currency, DefaultLocale: locale,
		Map: tenant.Map(s.Map), Live: live, Advice: tenant.Advice(s.Advice).Bounded(), Disabled: status != "active"}, nil
}

// TenantRow is the reader's own tenant.
func (r *Reader) TenantRow(ctx context.Context) (tenant.Tenant, error) {
	t, err := r.q.TenantRow(ctx)
	if err != nil {
		return tenant.Tenant{}, fmt.Errorf("store: read tenant %s: %w", r.tenant, err)
	}
	return tenantOf(t.ID, t.Slug, t.Name, t.TimeZone, t.Currency, t.Locale, t.Settings, t.Status)
}

// Advises says whether the reader's own tenant has to do with advice: it has a queue, or no line either.
func (r *Reader) Advises(ctx context.Context) (bool, error) {
	yes, err := r.q.TenantAdvises(ctx)
	if err != nil {
		return false, fmt.Errorf("store: read what tenant %s does: %w", r.tenant, err)
	}
	return yes, nil
}

// TenantBySlug finds a tenant by what people type when they sign in.
func (s *System) TenantBySlug(ctx context.Context, slug string) (tenant.Tenant, error) {
	t, err := s.q.TenantBySlug(ctx, slug)
	if err != nil {
		return tenant.Tenant{}, fmt.Errorf("store: find tenant %q: %w", slug, err)
	}
	return tenantOf(t.ID, t.Slug, t.Name, t.TimeZone, t.Currency, t.Locale, t.Settings, t.Status)
}

// Tenants is all of them, by slug.
func (s *System) Tenants(ctx context.Context) ([]tenant.Tenant, error) {
	rows, err := s.q.TenantList(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: list tenants: %w", err)
	}
	out := make([]tenant.Tenant, len(rows))
	for i, t := range rows {
		if out[i], err = tenantOf(t.ID, t.Slug, t.Name, t.TimeZone, t.Currency, t.Locale, t.Settings, t.Status); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// CreateTenant makes the row; roles and users follow in a transaction of the tenant's own.
func (s *System) CreateTenant(ctx context.Context, t tenant.Tenant) error {
	var live json.RawMessage
	var err error
	if t.Live != (tenant.Live{}) {
		if live, err = json.Marshal(t.Live); err != nil {
			return fmt.Errorf("store: live settings of tenant %s: %w", t.Slug, err)
		}
	}
	settings, err := json.Marshal(tenantSettings{Map: tenantMap(t.Map), Live: live})
	if err != nil {
		return fmt.Errorf("store: settings of tenant %s: %w", t.Slug, err)
	}
	err = s.q.TenantInsert(ctx, sqlc.TenantInsertParams{ID: t.ID.UUID(), Slug: t.Slug, Name: t.Name, TimeZone: t.TimeZone,
		Currency: t.Currency, Locale: t.DefaultLocale, Settings: settings})
	if constraint(err) == "tenant_slug_key" {
		return fmt.Errorf("store: create tenant %q: %w", t.Slug, ErrTaken)
	}
	if err != nil {
		return fmt.Errorf("store: create tenant %q: %w", t.Slug, err)
	}
	return nil
}

// SuspendTenant shuts the transaction's tenant out, or lets it in again, and says whether that is news. The row itself tells every
// node, whoever changes it.
func (tx *Tx) SuspendTenant(ctx context.Context, suspended bool) (changed bool, err error) {
	status := "active"
	if suspended {
		status = "suspended"
	}
	n, err := tx.q.TenantSetStatus(ctx, tx.tenant.UUID(), status)
	if err != nil {
		return false, fmt.Errorf("store: make tenant %s %s: %w", tx.tenant, status, err)
	}
	return n > 0, nil
}
