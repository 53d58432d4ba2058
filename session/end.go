package session

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// End is the word of one of the two that it is over. What is over stays as it ended. A client who hangs up goes to nobody else either.
func (s *Service) End(ctx context.Context, by By, claim idem.Claim, id uuid.UUID) error {
	return s.once(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, p *store.SessionParty, at time.Time) ([]meter.Sign, error) {
		if err := talker(p); err != nil {
			return nil, err
		}
		signs := x.Meter.End(&x.Policy, at)
		if p.Role != store.RoleClient {
			return signs, nil
		}
		return signs, callOff(ctx, tx, x, offEnded)
	})
}

// Done ends the wrap-up: the expert is ready for the next.
func (s *Service) Done(ctx context.Context, by By, claim idem.Claim, id uuid.UUID) error {
	return s.once(ctx, by, claim, id, func(_ *store.Tx, x *store.Session, p *store.SessionParty, at time.Time) ([]meter.Sign, error) {
		switch {
		case p.Role != store.RoleExpert:
			return nil, fault.New("session_not_yours")
		case !x.Ended():
			return nil, fault.New("session_goes_on")
		}
		return x.Meter.Done(at), nil
	})
}

// Interrupt is a phone call that came in: they are waited for longer than after a drop. Who hears the other again goes on.
func (s *Service) Interrupt(ctx context.Context, by By, claim idem.Claim, id uuid.UUID) error {
	return s.once(ctx, by, claim, id, func(_ *store.Tx, x *store.Session, p *store.SessionParty, at time.Time) ([]meter.Sign, error) {
		if err := talker(p); err != nil {
			return nil, err
		}
		if x.Ended() {
			return nil, fault.New("session_over")
		}
		return x.Meter.Interrupt(&x.Policy, at), nil
	})
}
