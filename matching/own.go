package matching

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// ErrNotOwner is for a node that does not make the offers of a queue, or no longer.
var ErrNotOwner = errors.New("matching: the queue is another node's")

// Take makes this node the owner of a queue, if nobody is. It waits for what the owner before is just writing.
func (s *Service) Take(ctx context.Context, t tenant.ID, queue uuid.UUID) (o store.Owned, err error) {
	taken := false
	err = s.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		o, taken, err = tx.TakeQueue(ctx, queue, s.node, s.lease)
		return err
	})
	if err == nil && !taken {
		err = ErrNotOwner
	}
	return o, err
}

// Renew keeps a queue for another lease.
func (s *Service) Renew(ctx context.Context, o store.Owned) error {
	return s.db.InTx(ctx, o.Tenant, func(tx *store.Tx) error {
		kept, err := tx.RenewQueue(ctx, o, s.node, s.lease)
		if err == nil && !kept {
			return ErrNotOwner
		}
		return err
	})
}

// GiveUp lets the next owner have it at once.
func (s *Service) GiveUp(ctx context.Context, o store.Owned) error {
	return s.db.InTx(ctx, o.Tenant, func(tx *store.Tx) error { return tx.GiveUpQueue(ctx, o, s.node) })
}
