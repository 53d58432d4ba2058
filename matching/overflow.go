package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/store"
)

// overflow lets a request that nobody took wait on in its queue's overflow, in its place.
func (s *Service) overflow(ctx context.Context, o store.Owned, request uuid.UUID) error {
	var refused string
	err := s.db.InTx(ctx, o.Tenant, func(tx *store.Tx) (err error) {
		refused, err = tx.MoveRequest(ctx, o, request)
		return err
	})
	switch {
	case err != nil:
		return err
	case refused == store.OwnerLost:
		return ErrNotOwner
	case refused != "": // answered, cancelled or moved meanwhile
		return nil
	}
	s.matcher.placed(o.Tenant, uuid.Nil) // its next owner may be nobody yet
	return nil
}
