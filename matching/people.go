package matching

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

const (
	mostBlocks     = 500
	mostFavourites = 50
)

// Block lets two never be matched again, whoever of them is the expert; what rings between them stops in the same transaction. Who the other is says the conversation
// that they had: the caller has asked for that. Twice is once.
func (s *Service) Block(ctx context.Context, by By, other uuid.UUID) error {
	var freed []uuid.UUID
	err := s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) (err error) {
		freed, err = block(ctx, tx, by.User, other)
		return err
	})
	if err == nil {
		s.matcher.stir(by.Tenant, freed...)
	}
	return err
}

func block(ctx context.Context, tx *store.Tx, by, other uuid.UUID) (freed []uuid.UUID, err error) {
	if n, err := tx.BlocksOf(ctx, by); err != nil || n >= mostBlocks {
		if err == nil {
			err = fault.New("blocks_too_many")
		}
		return nil, err
	}
	ringing, err := tx.BlockPerson(ctx, by, other)
	if err != nil {
		return nil, err
	}
	for _, offer := range ringing {
		d, err := tx.DecideOffer(ctx, store.OfferRescind, offer, uuid.Nil)
		if err != nil {
			return nil, err
		}
		freed = append(freed, d.Freed...)
	}
	return freed, nil
}

// Unblock takes one's own block back. What the other said stands.
func (s *Service) Unblock(ctx context.Context, by By, other uuid.UUID) error {
	err := s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error { return tx.UnblockPerson(ctx, by.User, other) })
	s.matcher.stir(by.Tenant)
	return err
}

// Blocked are those whom somebody blocked.
func (s *Service) Blocked(ctx context.Context, by By) ([]store.Blocked, error) {
	return s.db.Read(by.Tenant).BlockedBy(ctx, by.User)
}

// Favour keeps an expert as one whom a client would talk to again: they count like somebody whom the client has just talked to. Twice is once.
func (s *Service) Favour(ctx context.Context, by By, expert uuid.UUID) error {
	err := s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		n, blocked, err := tx.FavouritesOf(ctx, by.User, expert)
		switch {
		case err != nil:
			return err
		case blocked:
			return fault.New("expert_blocked")
		case n >= mostFavourites:
			return fault.New("favourites_too_many")
		}
		return tx.AddFavourite(ctx, by.User, expert)
	})
	if err == nil {
		s.matcher.stir(by.Tenant)
	}
	return err
}

// Disfavour forgets a favourite.
func (s *Service) Disfavour(ctx context.Context, by By, expert uuid.UUID) error {
	return s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error { return tx.RemoveFavourite(ctx, by.User, expert) })
}

// Favourites are a client's, the latest first.
func (s *Service) Favourites(ctx context.Context, t tenant.ID, client uuid.UUID) ([]store.Favourite, error) {
	return s.db.Read(t).Favourites(ctx, client)
}
