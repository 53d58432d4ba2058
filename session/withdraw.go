package session

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// Why somebody is no supervisor of a conversation any more.
const (
	whyLeft    = "left"
	whyOver    = "over"    // the conversation is
	whyRevoked = "revoked" // they may not any more
	whyGone    = "gone"    // their page is
)

// Withdraw is a supervisor who leaves a conversation.
func (s *Service) Withdraw(ctx context.Context, by By, claim idem.Claim, id uuid.UUID) error {
	return s.once(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, p *store.SessionParty, at time.Time) ([]meter.Sign, error) {
		if !supervises(p.Role) {
			return nil, fault.New("session_own")
		}
		return nil, s.release(ctx, tx, x, *p, whyLeft, at)
	})
}

// release ends somebody's part as a supervisor: the others see it, their own connections are asked again what they may see, their media ends.
func (s *Service) release(ctx context.Context, tx *store.Tx, x *store.Session, p store.SessionParty, why string, at time.Time) error {
	ended, err := tx.EndSupervision(ctx, x, p.User, at)
	if err != nil || !ended {
		return err
	}
	x.Tell()
	actor := p.User
	if why != whyLeft {
		actor = uuid.Nil
	}
	if err := tx.Audit(store.Audit{Actor: actor, Action: "session.supervised", Target: "session/" + x.ID.String(), Detail: map[string]any{"user": p.User, "role": p.Role, "why": why}}); err != nil {
		return err
	}
	if err := tx.Emit(event.Access{User: p.User}.Change()); err != nil {
		return err
	}
	if x.Ended() {
		return nil // its media ends with it
	}
	return arrange(ctx, tx, x, p.User)
}
