package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Offer rings experts for a request of a queue that this node owns. Each is answered by itself; asked again with the same
// ids, as it was the first time. ErrNotOwner: the queue is somebody else's by now.
func (s *Service) Offer(ctx context.Context, o store.Owned, request uuid.UUID, ring int, who []store.OfferAsk) ([]store.OfferMade, error) {
	made, err := s.offers(ctx, o.Tenant, store.OffersAsk{Owned: o, Request: request, Ring: ring, Who: who})
	switch {
	case err != nil:
		return nil, err
	case made[0][0].Refused == store.OwnerLost:
		return nil, ErrNotOwner
	case made[0][0].Refused == store.RequestNotFound:
		return nil, fault.New(store.RequestNotFound)
	}
	return made[0], nil
}

// offers rings for all of a round, in one transaction.
func (s *Service) offers(ctx context.Context, t tenant.ID, asks ...store.OffersAsk) (made [][]store.OfferMade, err error) {
	err = s.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		made, err = tx.MakeOffers(ctx, asks...)
		return err
	})
	for _, of := range made {
		for _, m := range of {
			if err == nil && m.Refused == "" && !m.Repeated {
				s.counts.made.Add(1)
			}
		}
	}
	return made, err
}
