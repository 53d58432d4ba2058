package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/store"
)

// Accept takes a request for the expert who is rung. Repeated, it is answered as the first time; too late, it is refused.
func (s *Service) Accept(ctx context.Context, by By, offer uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, by.Tenant, store.OfferAccept, offer, by.User)
}

// Decline leaves a request to others.
func (s *Service) Decline(ctx context.Context, by By, offer uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, by.Tenant, store.OfferDecline, offer, by.User)
}

// Rescind takes an offer back that nobody answered.
func (s *Service) Rescind(ctx context.Context, t tenant.ID, offer uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, t, store.OfferRescind, offer, uuid.Nil)
}

// Done gives the slot of an accepted offer back: they have talked.
func (s *Service) Done(ctx context.Context, t tenant.ID, offer uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, t, store.OfferDone, offer, uuid.Nil)
}

// Requeue lets the request of an accepted offer wait again, in its place: they never met.
func (s *Service) Requeue(ctx context.Context, t tenant.ID, offer uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, t, store.OfferRequeue, offer, uuid.Nil)
}

// decide commits also what is refused: what was due meanwhile was settled on the way.
func (s *Service) decide(ctx context.Context, t tenant.ID, verb store.OfferVerb, offer, by uuid.UUID) (d store.Decision, err error) {
	err = s.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		d, err = tx.DecideOffer(ctx, verb, offer, by)
		if err != nil || verb != store.OfferAccept || d.Refused != "" {
			return err
		}
		// The conversation is somebody else's to open: once, though an accept is repeated.
		open := errand.SessionOpen{Tenant: t.UUID(), Request: d.Request, Offer: d.Offer}
		return tx.AddJob(ctx, open, open.Key())
	})
	return s.decided(t, d, err)
}
