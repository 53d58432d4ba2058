package session

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// BringIn asks for a second expert, who speaks with both beside the first. A request of the client's follows the conversation, for at most what they pay now, and nobody sets anything
// aside: the client pays for the conversation as before, the operator for the second's minutes. Whether the caller may is asked by whoever calls.
func (s *Service) BringIn(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, who HandOver) error {
	x, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	room, err := s.plays(ctx, by.Tenant, &x, store.RoleSecond, true)
	if err != nil {
		return err
	}
	return s.word(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, _ time.Time) error {
		h, err := summon(ctx, tx, x, by, who)
		if err == nil && heads(x) >= room {
			err = fault.New("session_crowded")
		}
		if err != nil {
			return err
		}
		x.Second = &store.Second{Summons: h}
		if err := tx.Audit(store.Audit{Actor: by.User, Action: "session.second", Target: "session/" + id.String(), Detail: called(h)}); err != nil {
			return err
		}
		return beside(ctx, tx, x, uuid.Nil)
	})
}

// CallOffSecond takes back who was asked for, or sends them away.
func (s *Service) CallOffSecond(ctx context.Context, by By, claim idem.Claim, id uuid.UUID) error {
	return s.word(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, at time.Time) error {
		return dismiss(ctx, tx, x, by.User, offSaid, at)
	})
}

// RefuseSecond is that nobody comes of a request: it could not be placed, or was cancelled. What has become of it meanwhile stays.
func (s *Service) RefuseSecond(ctx context.Context, t tenant.ID, id, second uuid.UUID, why string) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		return s.turn(ctx, tx, id, func(x *store.Session, at time.Time) ([]meter.Sign, error) {
			if x.Second == nil || x.Second.ID != second || x.Second.State != store.TransferAsked {
				return nil, nil
			}
			return nil, dismiss(ctx, tx, x, uuid.Nil, why, at)
		})
	})
}

// Besides is a conversation with the second who was asked for last, and false where that is another by now, or nobody waits for them.
func (s *Service) Besides(ctx context.Context, t tenant.ID, id, second uuid.UUID) (store.Session, bool, error) {
	x, err := s.db.Read(t).Session(ctx, id)
	return x, err == nil && x.Second != nil && x.Second.ID == second && x.Second.State == store.TransferAsked, err
}

// FreeSecond gives the slot of a second back who was let go, once.
func (s *Service) FreeSecond(ctx context.Context, t tenant.ID, offer uuid.UUID) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, err := tx.DecideOffer(ctx, store.OfferDone, offer, uuid.Nil)
		return err
	})
}

// seat gives the expert who accepted a part in the conversation, once, or their slot back: nobody asks for them any more. It is behind the conversation's lock.
func (s *Service) seat(ctx context.Context, tx *store.Tx, g store.SessionGround, x *store.Session, at time.Time) error {
	h := x.Second
	if h != nil && h.Offer == g.Offer {
		return nil
	}
	if h == nil || h.ID != g.Request || h.State != store.TransferAsked || x.Ended() {
		e := errand.SessionClose{Session: g.Offer}
		return tx.AddJob(ctx, e, e.Key())
	}
	paid, err := tx.Metered(ctx, x.Funds)
	if err == nil {
		err = tx.OpenAccounts(ctx, advice.Accounts(g.Expert, x.Price.Currency)...)
	}
	if err == nil {
		err = tx.SeatSecond(ctx, x, g.Expert, at)
	}
	if err != nil {
		return err
	}
	h.State, h.Offer, h.Who, h.From = store.TransferTaken, g.Offer, g.Expert, x.Meter.Meter.Seconds()
	h.Terms = advice.Terms{Price: x.Price, FeeBP: paid.Terms.FeeBP}
	h.Terms.Price.Amount = min(x.Price.Amount, g.Price.Amount)
	h.Meter = meter.Meter{}
	h.Meter.Pass(at)
	x.Tell()
	if err := tx.Audit(store.Audit{Actor: g.Expert, Action: "session.second_taken", Target: "session/" + x.ID.String(), Detail: map[string]any{"request": h.ID, "offer": g.Offer}}); err != nil {
		return err
	}
	return arrange(ctx, tx, x)
}

// came is a second expert who joins: they are there from now on, by their heartbeats.
func came(ctx context.Context, tx *store.Tx, x *store.Session, p *store.SessionParty, at time.Time) error {
	if p.Role != store.RoleSecond {
		return nil
	}
	x.Second.State, p.SeenAt = store.TransferHere, at
	return tx.SeenSupervising(ctx, []uuid.UUID{x.ID}, []uuid.UUID{p.User}, at)
}

// stays says that a second expert is there, or may still come.
func stays(x *store.Session, p *store.SessionParty, at time.Time) bool {
	patience := absent
	if x.Second.State == store.TransferTaken {
		patience = x.Policy.Connect
	}
	return !x.Ended() && at.Sub(p.SeenAt) < patience
}

// missed is a second expert who did not come, or whose page is gone. Whoever was asked for among others waits no longer, the others are rung again.
func (s *Service) missed(ctx context.Context, tx *store.Tx, x *store.Session, at time.Time) error {
	h := x.Second
	if h.State == store.TransferHere || x.Ended() {
		return dismiss(ctx, tx, x, uuid.Nil, whyGone, at)
	}
	if h.Expert == uuid.Nil {
		d, err := tx.DecideOffer(ctx, store.OfferRequeue, h.Offer, uuid.Nil)
		if err != nil {
			return err
		}
		if d.Refused == "" {
			p, _ := x.Party(h.Who)
			h.State, h.Offer = store.TransferAsked, uuid.Nil
			return release(ctx, tx, x, *p, uuid.Nil, offNoShow, at)
		}
	}
	return dismiss(ctx, tx, x, uuid.Nil, offNoShow, at)
}

// dismiss takes back who was asked for, or lets them go: their part ends, what they earned is kept, and a job gives their slot back and pays them. Of whoever nobody has asked for,
// or who has gone, it changes nothing.
func dismiss(ctx context.Context, tx *store.Tx, x *store.Session, by uuid.UUID, why string, at time.Time) error {
	h := x.Second
	if !h.Open() {
		return nil
	}
	was := h.State
	h.State, h.Reason = store.TransferOff, why
	if was == store.TransferHere {
		h.State = store.TransferDone
	}
	x.Tell()
	if p, there := x.Party(h.Who); there && was != store.TransferAsked {
		if err := release(ctx, tx, x, *p, by, why, at); err != nil {
			return err
		}
		if n := h.Seconds(x.Meter.Meter.Seconds()); n > 0 {
			if err := tx.AddSecondEarned(ctx, x, n); err != nil {
				return err
			}
		}
	}
	return beside(ctx, tx, x, h.Offer)
}

// beside asks for what follows: somebody is rung, or nobody any more; who has accepted is let go.
func beside(ctx context.Context, tx *store.Tx, x *store.Session, offer uuid.UUID) error {
	e := errand.SessionSecond{Session: x.ID, Second: x.Second.ID, Offer: offer, State: string(x.Second.State)}
	return tx.AddJob(ctx, e, e.Key())
}
