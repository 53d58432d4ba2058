package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Second is an expert who is asked for to be in a conversation beside the first, and what is known of them once there is one.
type Second struct {
	Summons
	Offer uuid.UUID    `json:"offer,omitzero"` // that they accepted; nil: nobody has
	Who   uuid.UUID    `json:"who,omitzero"`   // the last who did
	Terms advice.Terms `json:"terms,omitzero"` // of their minutes, which the operator pays
	From  int64        `json:"from,omitempty"` // seconds that were billed before they had a part
	Meter meter.Meter  `json:"meter,omitzero"` // of them and the client
}

// Open says that they are asked for, or there.
func (h *Second) Open() bool { return h != nil && h.State.Open() }

// Seconds is how many of theirs are paid, of a conversation with so many: none that it has not.
func (h *Second) Seconds(billed int64) int64 { return min(h.Meter.Seconds(), max(billed-h.From, 0)) }

// Hears counts a heartbeat of theirs or of the client, whose media is the first expert's. Others do not matter to it.
func (h *Second) Hears(p *SessionParty, b meter.Beat, at time.Time) {
	if side, theirs := h.side(p); theirs {
		h.Meter.Hear(side, b, at)
	}
}

func (h *Second) side(p *SessionParty) (meter.Party, bool) {
	switch {
	case !h.Open() || h.State != TransferHere:
		return 0, false
	case p.Role == RoleSecond:
		return meter.Expert, true
	}
	return meter.Client, p.Role == RoleClient
}

func (h *Second) event() *event.SessionSecond {
	if h == nil {
		return nil
	}
	return &event.SessionSecond{ID: h.ID, State: string(h.State), Queue: h.Queue, Who: h.Who, Reason: h.Reason}
}

const besides = "second/"

// BesideOf is what a request for a second expert names as its funding: nobody pays for it but the operator.
func BesideOf(request uuid.UUID) string { return besides + request.String() }

// Beside says that a request's funding is a second expert's.
func Beside(funding string) bool { return strings.HasPrefix(funding, besides) }

// SeatSecond gives an expert the part beside the first, in a conversation that is locked.
func (tx *Tx) SeatSecond(ctx context.Context, s *Session, user uuid.UUID, at time.Time) error {
	row, err := tx.q.SessionSeatSecond(ctx, tx.tenant.UUID(), s.ID, user, at)
	if err != nil {
		return fmt.Errorf("store: give the second expert of session %s a part: %w", s.ID, err)
	}
	for i := range s.Parties {
		if s.Parties[i].User == user { // they supervised it
			s.Parties = append(s.Parties[:i], s.Parties[i+1:]...)
			break
		}
	}
	s.Parties = append(s.Parties, SessionParty{User: user, Role: RoleSecond, Epoch: row.Epoch, Name: row.Name, Notice: true, SeenAt: at})
	return nil
}

// SecondEarned is what a second expert's minutes came to.
type SecondEarned struct {
	Offer, Session, Funds, Expert uuid.UUID // funds: the conversation's, which pay nothing of it
	Seconds                       int64
	Price, Cost, Fee              ledger.Money
}

// Part is what of it is theirs.
func (e SecondEarned) Part() int64 { return e.Cost.Amount - e.Fee.Amount }

// AddSecondEarned keeps it, once for their offer.
func (tx *Tx) AddSecondEarned(ctx context.Context, s *Session, seconds int64) error {
	h := s.Second
	cost, err := h.Terms.Cost(seconds)
	if err != nil {
		return err
	}
	err = tx.q.SessionSecondAdd(ctx, sqlc.SessionSecondAddParams{TenantID: tx.tenant.UUID(), OfferID: h.Offer, SessionID: s.ID, ExpertID: h.Who, Price: h.Terms.Price.Amount,
		Currency: string(h.Terms.Price.Currency), Seconds: seconds, Cost: cost, Fee: h.Terms.Whose(cost).Fee})
	if err != nil {
		return fmt.Errorf("store: keep what the second expert of session %s earned: %w", s.ID, err)
	}
	return nil
}

// SecondEarned is of the offer that they accepted.
func (r *Reader) SecondEarned(ctx context.Context, offer uuid.UUID) (SecondEarned, error) {
	x, err := r.q.SessionSecondGet(ctx, r.tenant.UUID(), offer)
	if err != nil {
		return SecondEarned{}, fmt.Errorf("store: read what the second expert of offer %s earned: %w", offer, err)
	}
	c := ledger.Currency(x.Currency)
	return SecondEarned{x.OfferID, x.SessionID, x.FundsID, x.ExpertID, x.Seconds, ledger.Of(x.Price, c), ledger.Of(x.Cost, c), ledger.Of(x.Fee, c)}, nil
}
