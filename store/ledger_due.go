package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
)

// HoldOf names a hold and whose it is.
type HoldOf struct {
	Tenant tenant.ID
	Hold   uuid.UUID
}

// HoldsDue finds holds of money, of whichever tenant, whose time is over: the longest due first. They are voided in InTx.
func (s *System) HoldsDue(ctx context.Context, limit int) ([]HoldOf, error) {
	rows, err := s.q.LedgerDue(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: find due holds of money: %w", err)
	}
	out := make([]HoldOf, len(rows))
	for i, r := range rows {
		out[i] = HoldOf{tenant.ID(r.TenantID), r.JournalID}
	}
	return out, nil
}
