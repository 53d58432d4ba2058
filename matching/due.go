package matching

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

const (
	tick = 400 * time.Millisecond // an offer that is due is decided at most a second late
	bite = 500                    // how many at a time
)

// Run keeps the clockwork going until ctx ends: offers that are due are decided, and experts are rung in queues that this node owns.
// Every node runs it; two that find the same offer wait for each other at its request, and the second finds it done.
func (s *Service) Run(ctx context.Context) error {
	var ringing sync.WaitGroup
	defer ringing.Wait()
	ringing.Go(func() { s.matcher.run(ctx) })
	ringing.Go(func() { s.attend.run(ctx, s) })
	t := time.NewTicker(tick + rand.N(tick/8))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if err := s.SettleDue(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("matching: clockwork", "error", err) // PostgreSQL is away for a moment; the next tick finds the same work
		}
	}
}

// SettleDue decides what nobody waits for any more, of all tenants: offers whose time is over, those of experts who are
// gone, clients who did not come when they were called; lets those in whose booked time has come; and shows which experts can be reached otherwise than
// they could, since a lease runs out without a word. PostgreSQL decides whether it is so; what somebody else decided meanwhile is refused here, and right. None of
// these waits for another.
func (s *Service) SettleDue(ctx context.Context) error {
	return errors.Join(s.settleOffers(ctx), s.dropDue(ctx), s.admitDue(ctx), s.tellLapsed(ctx))
}

func (s *Service) settleOffers(ctx context.Context) error {
	for {
		due, err := s.db.System().DueOffers(ctx, bite)
		if err != nil {
			return err
		}
		for _, o := range due {
			if _, err := s.decide(ctx, o.Tenant, store.OfferDeed{Verb: o.Verb, Offer: o.ID}); err != nil && fault.As(err).Kind != fault.Conflict {
				return err
			}
		}
		if len(due) < bite {
			return nil
		}
	}
}

func (s *Service) dropDue(ctx context.Context) error {
	uncalled, err := s.db.System().Uncalled(ctx, bite)
	for _, r := range uncalled {
		err = errors.Join(err, s.dropUncalled(ctx, r.Tenant, r.ID))
	}
	return err
}

func (s *Service) admitDue(ctx context.Context) error {
	due, err := s.db.System().DueAppointments(ctx, fundGrace, bite)
	for _, a := range due {
		err = errors.Join(err, s.enter(ctx, a.Tenant, a.ID))
	}
	return err
}

func (s *Service) tellLapsed(ctx context.Context) error {
	lapsed, err := s.db.System().Lapsed(ctx, bite)
	for t, experts := range lapsed {
		err = errors.Join(err, s.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.TellLapsed(ctx, experts...) }))
	}
	return err
}

// Orphans finds queues in which somebody waits and that nobody owns.
func (s *Service) Orphans(ctx context.Context) ([]store.QueueOf, error) {
	return s.db.System().OrphanedQueues(ctx, bite)
}
