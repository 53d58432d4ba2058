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
	return s.decide(ctx, by.Tenant, store.OfferDeed{Verb: store.OfferAccept, Offer: offer, By: by.User})
}

// Decline leaves a request to others.
func (s *Service) Decline(ctx context.Context, by By, offer uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, by.Tenant, store.OfferDeed{Verb: store.OfferDecline, Offer: offer, By: by.User})
}

// Cancel lets a request wait no longer, and whoever is rung for it stop.
func (s *Service) Cancel(ctx context.Context, by By, request uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, by.Tenant, store.OfferDeed{Verb: store.RequestCancel, Request: request, By: by.User})
}

// Done gives the slot of an accepted offer back: they have talked.
func (s *Service) Done(ctx context.Context, t tenant.ID, offer uuid.UUID) (store.Decision, error) {
	return s.decide(ctx, t, store.OfferDeed{Verb: store.OfferDone, Offer: offer})
}

// decide has one deed decided, with those that come at the same time.
func (s *Service) decide(ctx context.Context, t tenant.ID, deed store.OfferDeed) (store.Decision, error) {
	d, err := s.answers.submit(ctx, t, deed)
	return s.decided(t, d, err)
}

// answerAll commits also what is refused: what was due meanwhile was settled on the way.
func (s *Service) answerAll(ctx context.Context, t tenant.ID, deeds []store.OfferDeed) (all []store.Decision, err error) {
	err = s.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		if all, err = tx.DecideOffers(ctx, deeds); err != nil {
			return err
		}
		var left []uuid.UUID // by whoever was rung
		for i, d := range all {
			if d.Refused != "" {
				continue
			}
			if d.State == "declined" || d.State == "missed" {
				left = append(left, d.Request)
			}
			switch deeds[i].Verb {
			case store.OfferAccept: // the conversation is somebody else's to open: once, though an accept is repeated
				open := errand.SessionOpen{Tenant: t.UUID(), Request: d.Request, Offer: d.Offer}
				err = tx.AddJob(ctx, open, open.Key())
			case store.RequestCancel:
				err = letGo(ctx, tx, d.Request)
			}
			if err != nil {
				return err
			}
		}
		return leaveOne(ctx, tx, left)
	})
	return all, err
}

// leaveOne cancels those of some requests that wait for the one expert alone who has left them.
func leaveOne(ctx context.Context, tx *store.Tx, left []uuid.UUID) error {
	if len(left) == 0 {
		return nil
	}
	ones, err := tx.ForOne(ctx, left)
	for _, id := range ones {
		if err != nil {
			return err
		}
		if _, err = tx.DecideOffers(ctx, []store.OfferDeed{{Verb: store.RequestCancel, Request: id}}); err == nil {
			err = letGo(ctx, tx, id)
		}
	}
	return err
}

// letGo asks for the end of the money that a request waited with, in the same transaction: whoever cancels it may be gone a moment later. Of one for a second expert
// their conversation hears.
func letGo(ctx context.Context, tx *store.Tx, request uuid.UUID) error {
	r, err := tx.Request(ctx, request)
	if err != nil {
		return err
	}
	if store.Beside(r.Funding) {
		e := errand.SessionSecond{Session: r.Follows, Second: request, State: string(store.RequestCancelled)}
		return tx.AddJob(ctx, e, e.Key())
	}
	funds, _ := store.FundsOf(r.Funding)
	return letFundsGo(ctx, tx, funds, "cancelled/"+request.String())
}
