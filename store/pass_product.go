package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// PassProduct is a pass that is sold.
type PassProduct struct {
	ID   uuid.UUID
	Name string
	pass.Terms
	OnSale  bool
	Created time.Time
}

// AddPassProduct puts a pass on sale.
func (tx *Tx) AddPassProduct(ctx context.Context, p PassProduct) error {
	err := tx.q.PassProductAdd(ctx, sqlc.PassProductAddParams{TenantID: tx.tenant.UUID(), ID: p.ID, Name: p.Name, Rides: smallOrNull(p.Rides), Days: int16(p.Days),
		PerDay: smallOrNull(p.PerDay), Price: p.Price, Currency: p.Currency, Lines: some(p.Lines), Stops: some(p.Stops), RefundDays: int16(p.RefundIn)})
	if err != nil {
		return fmt.Errorf("store: add pass product %s: %w", p.ID, err)
	}
	return nil
}

// PassProduct is one.
func (r *Reader) PassProduct(ctx context.Context, id uuid.UUID) (PassProduct, error) {
	row, err := r.q.PassProductGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return PassProduct{}, fmt.Errorf("store: read pass product %s: %w", id, err)
	}
	return productOf(&row), nil
}

// LockPassProduct is one, which nobody else changes until the transaction ends.
func (tx *Tx) LockPassProduct(ctx context.Context, id uuid.UUID) (PassProduct, error) {
	row, err := tx.q.PassProductLock(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return PassProduct{}, fmt.Errorf("store: lock pass product %s: %w", id, err)
	}
	return productOf(&row), nil
}

// SavePassProduct keeps its name, its price, and whether it is sold. Passes that were sold stay as they were.
func (tx *Tx) SavePassProduct(ctx context.Context, p PassProduct) error {
	err := tx.q.PassProductSave(ctx, sqlc.PassProductSaveParams{TenantID: tx.tenant.UUID(), ID: p.ID, Name: p.Name, Price: p.Price, OnSale: p.OnSale})
	if err != nil {
		return fmt.Errorf("store: save pass product %s: %w", p.ID, err)
	}
	return nil
}

// PassProducts is a page of those on sale, newest first, of those before an id; withdrawn ones too if asked.
func (r *Reader) PassProducts(ctx context.Context, withdrawn bool, before uuid.UUID, limit int) ([]PassProduct, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	rows, err := r.q.PassProducts(ctx, r.tenant.UUID(), withdrawn, before, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list pass products: %w", err)
	}
	out := make([]PassProduct, len(rows))
	for i := range rows {
		out[i] = productOf(&rows[i])
	}
	return out, nil
}

// HasLinesAndStops says whether all of these are the tenant's.
func (r *Reader) HasLinesAndStops(ctx context.Context, lines, stops []uuid.UUID) (linesThere, stopsThere bool, err error) {
	row, err := r.q.PassProductParts(ctx, r.tenant.UUID(), some(lines), some(stops))
	if err != nil {
		return false, false, fmt.Errorf("store: look for lines and stops: %w", err)
	}
	return row.Lines == int64(len(lines)), row.Stops == int64(len(stops)), nil
}

func productOf(p *sqlc.PassProduct) PassProduct {
	return PassProduct{ID: p.ID, Name: p.Name, OnSale: p.OnSale, Created: p.CreatedAt, Terms: pass.Terms{Rides: int(orZero(p.Rides)), Days: int(p.Days), PerDay: int(orZero(p.PerDay)),
		Price: p.Price, Currency: p.Currency, Lines: p.Lines, Stops: p.Stops, RefundIn: int(p.RefundDays)}}
}

func smallOrNull(n int) *int16 {
	if n == 0 {
		return nil
	}
	s := int16(n)
	return &s
}
