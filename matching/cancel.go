package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/store"
)

// Cancel lets a request wait no longer, and whoever is rung for it stop.
func (s *Service) Cancel(ctx context.Context, by By, request uuid.UUID) (d store.Decision, err error) {
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) (err error) {
		d, err = tx.CancelRequest(ctx, request, by.User)
		return err
	})
	return s.decided(by.Tenant, d, err)
}
