package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Record writes one journal in a transaction that it shares with those of other callers. A refusal is a fault, as of
// store.Tx.Record; a repeat hears the first answer. Money that moves with something else is recorded in that one's
// transaction instead.
func (s *Service) Record(ctx context.Context, t tenant.ID, j ledger.Journal) (store.Recorded, error) {
	if err := j.Check(); err != nil { // nobody waits for what makes no sense
		return store.Recorded{}, err
	}
	return s.desk.submit(ctx, &request{tenant: t, journal: j})
}

// longest bounds a batch: accounts are not kept locked longer, whoever waits for them.
const longest = 10 * time.Second

// perform answers every journal of a batch, together if that works, else in ever smaller parts, so that one that the
// database itself throws out ends up alone.
func (s *Service) perform(ctx context.Context, t tenant.ID, batch []*request) {
	replies := make([]reply, len(batch))
	s.attempt(ctx, t, batch, replies)
	for i, r := range batch {
		r.done <- replies[i]
	}
}

func (s *Service) attempt(ctx context.Context, t tenant.ID, batch []*request, replies []reply) {
	err := s.together(ctx, t, batch, replies)
	if err == nil {
		return
	}
	s.log.Warn("billing: a batch of journals failed", "tenant", t, "journals", len(batch), "error", err)
	if len(batch) > 1 && !store.Broken(err) {
		half := len(batch) / 2
		s.attempt(ctx, t, batch[:half], replies[:half])
		s.attempt(ctx, t, batch[half:], replies[half:])
		return
	}
	// The connection broke, perhaps during COMMIT: each has a key, so trying again finds what was written.
	if store.Broken(err) {
		if err = s.together(ctx, t, batch, replies); err == nil {
			return
		}
	}
	for i := range batch {
		replies[i] = reply{err: later(err)}
	}
}

// later turns a connection that broke into a failure that says when to try again.
func later(err error) error {
	if store.Broken(err) {
		return fault.New("unavailable").After(time.Second).Because(err)
	}
	return err
}

// together is the transaction of a batch. replies are filled only if it commits. Its context is its own: the callers' end
// when their callers go away, and the batch is everybody's.
func (s *Service) together(ctx context.Context, t tenant.ID, batch []*request, replies []reply) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("billing: panic in a batch: %v", p)
		}
	}()
	journals := make([]ledger.Journal, len(batch))
	for i, r := range batch {
		journals[i] = r.journal
	}
	var out []store.Recorded
	if err := s.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		out, err = tx.RecordLast(ctx, journals...)
		return err
	}); err != nil {
		return err
	}
	for i, r := range out {
		replies[i] = reply{r, r.Err}
	}
	return nil
}
