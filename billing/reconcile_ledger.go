package billing

import (
	"context"
	"errors"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// Ledgers is every tenant: each has one.
func (r *Reconciler) Ledgers(ctx context.Context) ([]tenant.ID, error) {
	all, err := r.db.System().Tenants(ctx)
	out := make([]tenant.ID, len(all))
	for i, t := range all {
		out[i] = t.ID
	}
	return out, err
}

// Ledger derives everything that a tenant's ledger says from its entries, as `waymeet ledger verify` does. The first difference is a
// finding; it resolves when there is none any more.
func (r *Reconciler) Ledger(ctx context.Context, t tenant.ID) error {
	_, err := r.db.VerifyLedger(ctx, t)
	if d := new(store.LedgerDifference); errors.As(err, &d) {
		return r.find(ctx, t, FindingLedger, "ledger", store.Serious, map[string]string{"where": d.Where, "what": d.What, "expected": d.Expected, "found": d.Found})
	}
	if err != nil {
		return err
	}
	return r.passed(ctx, t, "ledger", FindingLedger)
}
