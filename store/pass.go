package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Pass is a pass that was sold, with its own terms. What is left of its price is the account pass:ID.
type Pass struct {
	pass.Pass
	Product, Rider uuid.UUID
	Name           string
	PaidWith       string    // wallet or card
	Due            time.Time // when a day of it has passed, or all of it; zero: never
	Created        time.Time
	Activated      time.Time // zero: not paid yet
	Ended          time.Time
}

// Over says that it is good for nothing any more: nothing of its price may be left in it.
func (p Pass) Over() bool { return !p.Ended.IsZero() }

// AddPass sells a pass by its product's terms; it is open until it is paid.
func (tx *Tx) AddPass(ctx context.Context, id, product, rider uuid.UUID, paidWith string) (Pass, error) {
	err := tx.q.PassAdd(ctx, sqlc.PassAddParams{TenantID: tx.tenant.UUID(), ID: id, ProductID: product, RiderID: rider, PaidWith: paidWith})
	if err != nil {
		return Pass{}, fmt.Errorf("store: sell a pass: %w", err)
	}
	return tx.Pass(ctx, id)
}

// Pass is one pass.
func (r *Reader) Pass(ctx context.Context, id uuid.UUID) (Pass, error) {
	row, err := r.q.PassGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Pass{}, fmt.Errorf("store: read pass %s: %w", id, err)
	}
	return passOf(&row), nil
}

// LockPass is one pass, which nobody else changes until the transaction ends.
func (tx *Tx) LockPass(ctx context.Context, id uuid.UUID) (Pass, error) {
	row, err := tx.q.PassLock(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return Pass{}, fmt.Errorf("store: lock pass %s: %w", id, err)
	}
	return passOf(&row), nil
}

// SavePass keeps how a pass stands. Lock it first.
func (tx *Tx) SavePass(ctx context.Context, p Pass) error {
	err := tx.q.PassSave(ctx, sqlc.PassSaveParams{TenantID: tx.tenant.UUID(), ID: p.ID, State: string(p.State), FirstDay: dayOrNull(p.First), LastDay: dayOrNull(p.Last),
		Used: int16(p.Used), Spent: p.Spent, DueAt: instantOrNull(p.Due), ActivatedAt: instantOrNull(p.Activated), EndedAt: instantOrNull(p.Ended)})
	if err != nil {
		return fmt.Errorf("store: save pass %s: %w", p.ID, err)
	}
	return nil
}

// Passes is a page of a rider's, newest first, of those before an id; what nobody paid is not there.
func (r *Reader) Passes(ctx context.Context, rider, before uuid.UUID, limit int) ([]Pass, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	rows, err := r.q.PassPage(ctx, r.tenant.UUID(), rider, before, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list passes: %w", err)
	}
	out := make([]Pass, len(rows))
	for i := range rows {
		out[i] = passOf(&rows[i])
	}
	return out, nil
}

// PassDue names a pass and whose it is.
type PassDue struct {
	Tenant tenant.ID
	Pass   uuid.UUID
}

// PassesDue finds passes, of whichever tenant, of which a day has passed, or the last: the longest due first.
func (s *System) PassesDue(ctx context.Context, limit int) ([]PassDue, error) {
	rows, err := s.q.PassesDue(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find due passes: %w", err)
	}
	out := make([]PassDue, len(rows))
	for i, r := range rows {
		out[i] = PassDue{tenant.ID(r.TenantID), r.ID}
	}
	return out, nil
}

func passOf(p *sqlc.Pass) Pass {
	out := Pass{Product: p.ProductID, Rider: p.RiderID, Name: p.Name, PaidWith: p.PaidWith, Due: orZero(p.DueAt), Created: p.CreatedAt, Activated: orZero(p.ActivatedAt), Ended: orZero(p.EndedAt),
		Pass: pass.Pass{ID: p.ID, State: pass.State(p.State), Used: int(p.Used), Spent: p.Spent, Terms: pass.Terms{Rides: int(orZero(p.Rides)), Days: int(p.Days), PerDay: int(orZero(p.PerDay)),
			Price: p.Price, Currency: p.Currency, Lines: p.Lines, Stops: p.Stops, RefundIn: int(p.RefundDays)}}}
	if p.FirstDay != nil && p.LastDay != nil {
		out.First, out.Last = dateOf(*p.FirstDay), dateOf(*p.LastDay)
	}
	return out
}

func dayOrNull(d servicedate.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	t := d.Midnight()
	return &t
}

func instantOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
