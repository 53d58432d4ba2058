package session

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
)

// Bill is what a conversation cost, and of what it is to be taken; false: it has not ended.
func (s *Service) Bill(ctx context.Context, t tenant.ID, id uuid.UUID) (funds uuid.UUID, cost ledger.Money, ended bool, err error) {
	x, err := s.db.Read(t).Session(ctx, id)
	if err != nil || !x.Ended() {
		return x.Funds, cost, false, err
	}
	return x.Funds, ledger.Of(*x.Cost, x.Price.Currency), true, nil
}
