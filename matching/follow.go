package matching

import (
	"context"
	"math"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// handedOver is the priority of a client for whom another expert is asked in the middle of a conversation: two wait for who comes.
const handedOver = 9

// Follow lets the client of a conversation wait for the expert to whom it is handed, once: their request has the handover's id, and its money. Who is in the middle of it finds no queue full.
// A handover that was taken back meanwhile lets its money go.
func (s *Service) Follow(ctx context.Context, t tenant.ID, x *store.Session) error {
	return s.follow(ctx, t, x, x.Transfer.Summons, store.FundingOf(x.Transfer.ID))
}

// Join lets them wait for a second expert beside theirs, in the same way; nobody sets anything aside for it.
func (s *Service) Join(ctx context.Context, t tenant.ID, x *store.Session) error {
	return s.follow(ctx, t, x, x.Second.Summons, store.BesideOf(x.Second.ID))
}

func (s *Service) follow(ctx context.Context, t tenant.ID, x *store.Session, h store.Summons, funding string) error {
	placed := false
	err := s.db.InTx(ctx, t, func(tx *store.Tx) error {
		placed = false
		wanted, err := tx.SessionAsks(ctx, x.ID, h.ID)
		if err != nil || !wanted {
			if err == nil {
				funds, _ := store.FundsOf(funding)
				err = letFundsGo(ctx, tx, funds, "off")
			}
			return err
		}
		if _, err := tx.Request(ctx, h.ID); err == nil || !store.IsNotFound(err) {
			return err // it waits
		}
		first, err := tx.Request(ctx, x.Request)
		if err != nil {
			return err
		}
		p := placing{by: By{Tenant: t, User: x.Client}, Ask: Ask{Queue: h.Queue, Languages: first.Languages, Organisation: first.Organisation, Modality: x.Modality, Ceiling: x.Price, Priority: handedOver,
			Funding: funding, About: h.Note}}
		g, err := tx.PlaceGround(ctx, asked([]placing{p}))
		if err != nil {
			return err
		}
		if q := g.Queues[h.Queue]; q != nil {
			q.Most, g.Waiting[x.Client] = math.MaxInt, 0
		}
		r, err := place(&g, &p)
		if err != nil {
			return err
		}
		r.ID, r.Follows, r.Only, placed = h.ID, x.ID, h.Expert, true
		return tx.AddRequests(ctx, r)
	})
	if err == nil && placed {
		s.matcher.placed(t, h.Queue)
	}
	return err
}

// Withdraw lets such a request wait no longer: nobody asks for it any more. Who has taken it is told by the conversation.
func (s *Service) Withdraw(ctx context.Context, t tenant.ID, request uuid.UUID) error {
	_, err := s.decide(ctx, t, store.OfferDeed{Verb: store.RequestCancel, Request: request})
	if fault.Is(err, "request_not_found") || fault.Is(err, "request_matched") {
		err = nil
	}
	return err
}
