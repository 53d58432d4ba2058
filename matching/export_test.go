package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// Offers is what a round asks for.
func (s *Service) Offers(ctx context.Context, t tenant.ID, asks ...store.OffersAsk) ([][]store.OfferMade, error) {
	return s.offers(ctx, t, asks...)
}

// Decide is what the sweep asks for.
func (s *Service) Decide(ctx context.Context, t tenant.ID, verb store.OfferVerb, offer uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, t, store.OfferDeed{Verb: verb, Offer: offer})
}

// CallClient is what a round asks for.
func (s *Service) CallClient(ctx context.Context, o store.Owned, request uuid.UUID) error {
	return s.call(ctx, o, request)
}
