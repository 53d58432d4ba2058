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

// Why somebody who is none of the two has no part in a conversation any more.
const (
	whyLeft    = "left"
	whyOver    = "over"    // the conversation is
	whyRevoked = "revoked" // they may not any more
	whyGone    = "gone"    // their page is
)

// Withdraw is a supervisor, or a second expert, who leaves a conversation for good.
func (s *Service) Withdraw(ctx context.Context, by By, claim idem.Claim, id uuid.UUID) error {
	return s.once(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, p *store.SessionParty, at time.Time) ([]meter.Sign, error) {
		switch {
		case p.Role == store.RoleSecond:
			return nil, dismiss(ctx, tx, x, by.User, whyLeft, at)
		case !supervises(p.Role):
			return nil, fault.New("session_own")
		}
		return nil, release(ctx, tx, x, *p, by.User, whyLeft, at)
	})
}

// release ends the part of somebody who is none of the two: the others see it, their own connections are asked again what they may see, their media ends.
func release(ctx context.Context, tx *store.Tx, x *store.Session, p store.SessionParty, actor uuid.UUID, why string, at time.Time) error {
	ended, err := tx.EndPart(ctx, x, p.User, at)
	if err != nil || !ended {
		return err
	}
	x.Tell()
	action := "session.supervised"
	if p.Role == store.RoleSecond {
		action = "session.second_over"
	}
	if err := tx.Audit(store.Audit{Actor: actor, Action: action, Target: "session/" + x.ID.String(), Detail: map[string]any{"user": p.User, "role": p.Role, "why": why}}); err != nil {
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
