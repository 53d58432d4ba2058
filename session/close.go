package session

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// Close gives the expert's slot back when a conversation is over. Who never met waits again, in their place; where that cannot be
// any more, their money is let go.
func (s *Service) Close(ctx context.Context, t tenant.ID, id uuid.UUID) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		x, err := tx.Session(ctx, id)
		if err != nil && !store.IsNotFound(err) {
			return err
		}
		verb := store.OfferDone
		if err == nil && again(&x) {
			verb = store.OfferRequeue
		}
		if err == nil {
			if err := s.uncome(ctx, tx, &x); err != nil {
				return err
			}
		}
		d, err := tx.DecideOffer(ctx, verb, id, uuid.Nil)
		if err != nil || d.Refused == "" || verb != store.OfferRequeue {
			return err // decided before, or by somebody else: it is free
		}
		return settle(ctx, tx, id)
	})
}
