package session

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// Open opens the conversation of an accepted offer, once: its id is the offer's. The money that was set aside for the request
// hears who takes it, and at which price: the expert's, and never above what the client agreed to. An offer that is not
// accepted any more opens nothing; one whose money is gone is cancelled at once, and its slot comes back. Who is asked for beside
// another expert has a part in their conversation instead.
func (s *Service) Open(ctx context.Context, t tenant.ID, request, offer uuid.UUID) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		if _, err := tx.Session(ctx, offer); err == nil || !store.IsNotFound(err) {
			return err // it was opened before
		}
		g, err := tx.SessionGround(ctx, request, offer)
		switch {
		case store.IsNotFound(err):
			return nil
		case err != nil:
			return err
		case !g.Taken:
			return nil
		}
		if g.Follows == uuid.Nil {
			return s.begin(ctx, tx, g, nil)
		}
		return s.turn(ctx, tx, g.Follows, func(first *store.Session, at time.Time) ([]meter.Sign, error) {
			if store.Beside(g.Funding) {
				return nil, s.seat(ctx, tx, g, first, at)
			}
			return nil, s.begin(ctx, tx, g, first)
		})
	})
}

// begin opens it; first is the conversation that its client is in, behind its lock, where it follows one.
func (s *Service) begin(ctx context.Context, tx *store.Tx, g store.SessionGround, first *store.Session) error {
	x, found, err := s.paidBy(ctx, tx, g, first)
	if err != nil {
		return err
	}
	closing := errand.SessionClose{Session: g.Offer}
	if !found {
		s.log.WarnContext(ctx, "session: an offer was accepted, and nothing pays for it", "offer", g.Offer, "request", g.Request)
		if err := tx.AddJob(ctx, closing, closing.Key()); err != nil || first == nil {
			return err
		}
		return callOff(ctx, tx, first, offFunds)
	}
	added, err := tx.AddSession(ctx, &x)
	if err != nil {
		return err
	}
	if !added { // its money is in another conversation
		s.log.WarnContext(ctx, "session: what pays for an accepted offer pays for another", "offer", g.Offer, "funds", x.Funds)
		return tx.AddJob(ctx, closing, closing.Key())
	}
	if !x.Ended() {
		taken(first, &x)
		return nil
	}
	return s.ask(ctx, tx, &x, []meter.Sign{meter.Closed})
}

// paidBy is the conversation with what pays for it; false: nothing does.
func (s *Service) paidBy(ctx context.Context, tx *store.Tx, g store.SessionGround, first *store.Session) (x store.Session, found bool, err error) {
	funds, named := store.FundsOf(g.Funding)
	if !named {
		return x, false, nil
	}
	m, err := tx.LockMetered(ctx, funds)
	if err != nil || m.Ended || m.Client != g.Client || m.Terms.Price.Currency != g.Price.Currency {
		if store.IsNotFound(err) {
			err = nil
		}
		return x, false, err
	}
	terms := m.Terms
	terms.Price.Amount = min(terms.Price.Amount, g.Price.Amount, g.Ceiling.Amount)
	if named, err = tx.NameMetered(ctx, funds, g.Expert, terms.Price.Amount); err != nil || !named {
		return x, false, err
	}
	if err := tx.OpenAccounts(ctx, advice.Accounts(g.Expert, terms.Price.Currency)...); err != nil {
		return x, false, err
	}
	parts, err := tx.MeteredParts(ctx, funds)
	if err != nil {
		return x, false, err
	}
	live := int64(0)
	for _, l := range parts {
		live += l.Live()
	}
	house, err := tx.Terms(ctx)
	if err != nil {
		return x, false, err
	}
	y, err := policyOf(house)
	if err != nil {
		return x, false, err
	}
	carried, err := tx.MediaSetting(ctx)
	if err != nil {
		return x, false, err
	}
	x = store.Session{ID: g.Offer, Request: g.Request, Funds: funds, Client: g.Client, Expert: g.Expert, Provider: carriedBy(carried), RelayOnly: carried.RelayOnly, Modality: g.Modality, Price: terms.Price, Policy: y,
		Meter: meter.New(int64(terms.Funded(live)/time.Second), s.clock(house.Now))}
	wanted := follow(&x, first)
	if x.Meter.Funded == 0 || !wanted { // the bank has let it go meanwhile, or nobody wants it any more
		x.Meter.End(&y, s.clock(house.Now))
		if wanted {
			x.Meter.Reason = meter.Funds
		}
		err = charge(&x)
	}
	return x, true, err
}
