package session

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// Tick lets the time pass of conversations of which nobody has said a word for a second, of all tenants. Whichever node comes
// first does; the others find that somebody has.
func (s *Service) Tick(ctx context.Context) error {
	quiet, err := s.db.System().QuietSessions(ctx, bite)
	if err != nil {
		return err
	}
	of := map[tenant.ID][]uuid.UUID{}
	for _, q := range quiet {
		of[q.Tenant] = append(of[q.Tenant], q.ID)
	}
	for t, ids := range of {
		err = errors.Join(err, s.pass(ctx, t, ids))
	}
	return err
}

func (s *Service) pass(ctx context.Context, t tenant.ID, ids []uuid.UUID) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		all, pg, err := tx.LockQuiet(ctx, ids)
		if err != nil {
			return err
		}
		was, signs := make([]stand, len(all)), make([][]meter.Sign, len(all))
		for i := range all {
			was[i] = standOf(&all[i])
			signs[i] = all[i].Meter.Tick(&all[i].Policy, s.clock(pg))
		}
		return s.save(ctx, tx, pg, all, was, signs)
	})
}
