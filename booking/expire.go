package booking

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

const (
	tick   = 400 * time.Millisecond // a hold is released at most a second late, the transaction included
	slow   = time.Minute            // trips that ended are settled, old keys swept
	bite   = 500                    // how much is taken at a time
	atOnce = 64                     // trips a transaction
)

// Run keeps the clockwork going until ctx ends: holds that are due are released, trips that ended are settled, keys of
// yesterday forgotten. Every node runs it; two that find the same work wait for each other at the trip's row, and the
// second finds it done. Takers never wait for it: they release what is due themselves.
func (s *Service) Run(ctx context.Context) error {
	fast, rare := time.NewTicker(tick+rand.N(tick/8)), time.NewTicker(slow+rand.N(slow/8))
	defer fast.Stop()
	defer rare.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-fast.C:
			err = s.ReleaseDue(ctx)
		case <-rare.C:
			err = errors.Join(s.SettleEnded(ctx), s.sweep(ctx))
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("booking: clockwork", "error", err) // PostgreSQL is away for a moment; the next tick finds the same work
		}
	}
}

// ReleaseDue frees the seats of holds that are due, of all tenants.
func (s *Service) ReleaseDue(ctx context.Context) error {
	for {
		found, err := s.db.System().TripsWithDueHolds(ctx, bite)
		if err != nil {
			return err
		}
		for t, trips := range byTenant(found) {
			for len(trips) > 0 {
				n := min(atOnce, len(trips))
				if err := s.touch(ctx, t, trips[:n]); err != nil {
					return err
				}
				trips = trips[n:]
			}
		}
		if len(found) < bite {
			return nil
		}
	}
}

// touch locks trips and releases what is due on them: what a batch does before it decides anything.
func (s *Service) touch(ctx context.Context, t tenant.ID, trips []*request) error {
	return s.together(ctx, t, trips, make([]reply, len(trips)))
}

// byTenant makes a request that asks for nothing of each trip.
func byTenant(found []store.TripOf) map[tenant.ID][]*request {
	m := map[tenant.ID][]*request{}
	for _, f := range found {
		m[f.Tenant] = append(m[f.Tenant], &request{tenant: f.Tenant, trip: f.Trip, decide: func(*scene) (Result, error) { return Result{}, nil }})
	}
	return m
}

func (s *Service) sweep(ctx context.Context) error {
	for {
		n, err := s.db.System().SweepIdempotency(ctx, 5000)
		if err != nil {
			return fmt.Errorf("booking: forget old keys: %w", err)
		}
		if n < 5000 {
			return nil
		}
	}
}
