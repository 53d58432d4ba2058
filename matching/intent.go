package matching

import (
	"context"
	"errors"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Intent is what an expert wants.
type Intent string

// Intents.
const (
	Available Intent = "available" // also the answer to "are you there?"
	Break     Intent = "break"     // nothing new; what rings may be answered
	Off       Intent = "off"       // what rings goes on to somebody else
)

// Intend keeps what an expert wants. What rings for somebody who is off is dropped one by one, each with its request, so that
// locks keep their order; if this dies in between, the rest runs out by itself.
func (s *Service) Intend(ctx context.Context, by By, i Intent) error {
	if i != Available && i != Break && i != Off {
		return fault.New("bad_value").At("/intent")
	}
	err := s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		known, err := tx.ExpertIntent(ctx, by.User, string(i))
		if err == nil && !known {
			return fault.New("expert_not_found")
		}
		return err
	})
	s.matcher.stir(by.Tenant, by.User)
	if err != nil || i != Off {
		return err
	}
	open, err := s.db.Read(by.Tenant).OpenOffersOf(ctx, by.User)
	for _, offer := range open {
		if _, derr := s.decide(ctx, by.Tenant, store.OfferDeed{Verb: store.OfferDrop, Offer: offer}); fault.As(derr) != nil && fault.As(derr).Kind != fault.Conflict {
			err = errors.Join(err, derr)
		}
	}
	return err
}
