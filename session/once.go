package session

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// once is a turn of somebody who takes part, done once under its key.
func (s *Service) once(ctx context.Context, by By, claim idem.Claim, id uuid.UUID, say func(*store.Tx, *store.Session, *store.SessionParty, time.Time) ([]meter.Sign, error)) error {
	return s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, http.StatusOK, func() (any, error) {
			return struct{}{}, s.turn(ctx, tx, id, func(x *store.Session, at time.Time) ([]meter.Sign, error) {
				p, err := taking(x, by.User)
				if err != nil {
					return nil, err
				}
				return say(tx, x, p, at)
			})
		})
		return err
	})
}

// talker refuses those who only listen.
func talker(p *store.SessionParty) error {
	if _, talks := sideOf(p.Role); !talks {
		return fault.New("session_not_found")
	}
	return nil
}
