package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Offer rings experts for a request of a queue that this node owns. Each is answered by itself; asked again with the same
// ids, as it was the first time. ErrNotOwner: the queue is somebody else's by now.
func (s *Service) Offer(ctx context.Context, o store.Owned, request uuid.UUID, ring int, who []store.OfferAsk) (made []store.OfferMade, err error) {
	var outcome string
	err = s.db.InTx(ctx, o.Tenant, func(tx *store.Tx) (err error) {
		outcome, made, err = tx.MakeOffers(ctx, o, request, ring, who)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case outcome == store.OwnerLost:
		return nil, ErrNotOwner
	case outcome != store.OffersDecided:
		return nil, fault.New(outcome)
	}
	for _, m := range made {
		if m.Refused == "" && !m.Repeated {
			s.counts.made.Add(1)
		}
	}
	return made, nil
}
