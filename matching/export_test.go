package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// Decide is what the sweep asks for.
func (s *Service) Decide(ctx context.Context, t tenant.ID, verb store.OfferVerb, offer uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, t, verb, offer, uuid.Nil)
}
