package billing

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

const (
	tick = time.Second // how late a hold is voided; until then nobody can post it, and its money waits
	bite = 200         // holds at a time
)

// Run keeps the clockwork going until ctx ends. Every node runs it; two that find the same hold meet at its key, and the
// second one finds it done.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(tick + rand.N(tick/8))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := s.VoidDue(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("billing: clockwork", "error", err) // PostgreSQL is away for a moment; the next tick finds the same work
			}
			if err := s.TurnPasses(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("billing: clockwork of passes", "error", err)
			}
		}
	}
}

// VoidDue releases holds whose time is over, of all tenants.
func (s *Service) VoidDue(ctx context.Context) error {
	for {
		found, err := s.db.System().HoldsDue(ctx, bite)
		if err != nil {
			return err
		}
		byTenant := map[tenant.ID][]ledger.Journal{}
		for _, h := range found {
			byTenant[h.Tenant] = append(byTenant[h.Tenant], expired(h.Hold))
		}
		for t, voids := range byTenant {
			if err := s.void(ctx, t, voids); err != nil {
				return err
			}
		}
		if len(found) < bite {
			return nil
		}
	}
}

func expired(hold uuid.UUID) ledger.Journal {
	return ledger.Void("hold:"+hold.String()+":expired", "hold_expired", hold)
}

func (s *Service) void(ctx context.Context, t tenant.ID, voids []ledger.Journal) error {
	var out []store.Recorded
	if err := s.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		out, err = tx.RecordLast(ctx, voids...)
		return err
	}); err != nil {
		return fmt.Errorf("billing: void %d due holds: %w", len(voids), err)
	}
	for _, r := range out {
		if r.Err != nil && !fault.Is(r.Err, "already_resolved") { // somebody else was quicker
			return fmt.Errorf("billing: void a due hold: %w", r.Err)
		}
	}
	return nil
}
