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

// Leave is a connection that says goodbye: the meter pauses at once. Only the newest can.
func (s *Service) Leave(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, epoch int64) error {
	return s.once(ctx, by, claim, id, func(tx *store.Tx, x *store.Session, p *store.SessionParty, at time.Time) ([]meter.Sign, error) {
		if p.Epoch != epoch {
			return nil, fault.New("session_superseded")
		}
		if !p.LeftAt.IsZero() {
			return nil, nil
		}
		x.Tell()
		if err := tx.LeaveSession(ctx, x, p, at); err != nil {
			return nil, err
		}
		side, talks := sideOf(p.Role)
		if !talks {
			return nil, nil
		}
		return x.Meter.Leave(&x.Policy, side, epoch, at), nil
	})
}
