package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/store"
)

// Cancel lets a request wait no longer, and whoever is rung for it stop.
func (s *Service) Cancel(ctx context.Context, by By, request uuid.UUID) (d store.Decision, err error) {
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) (err error) {
		if d, err = tx.CancelRequest(ctx, request, by.User); err != nil || d.Refused != "" {
			return err
		}
		return letGo(ctx, tx, request)
	})
	return s.decided(by.Tenant, d, err)
}

// letGo asks for the end of the money that it waited with, in the same transaction: whoever cancels it may be gone a moment later.
func letGo(ctx context.Context, tx *store.Tx, request uuid.UUID) error {
	r, err := tx.Request(ctx, request)
	if err != nil {
		return err
	}
	funds, named := store.FundsOf(r.Funding)
	if !named {
		return nil
	}
	e := errand.FundsUnused{Session: funds, Why: "cancelled/" + request.String()}
	return tx.AddJob(ctx, e, e.Key())
}
