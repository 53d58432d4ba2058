package session

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// Fund says how long the money of a conversation lasts now. Never less than before: what a bank let go is short at the end.
func (s *Service) Fund(ctx context.Context, t tenant.ID, id uuid.UUID, until time.Duration) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		return s.turn(ctx, tx, id, func(x *store.Session, at time.Time) ([]meter.Sign, error) {
			return x.Meter.Fund(&x.Policy, int64(until/time.Second), at), nil
		})
	})
}
