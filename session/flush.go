package session

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// refusal is a connection whose word does not count, and why.
type refusal struct {
	connection
	epoch int64
	code  string
}

// Flush writes down the heartbeats of this window: one transaction for each tenant, however many conversations.
func (s *Service) Flush(ctx context.Context) (err error) {
	for t, words := range s.ear.take(s.now()) {
		slices.SortStableFunc(words, func(a, b word) int { return cmp.Compare(a.at, b.at) })
		refused, failed := s.write(ctx, t, words)
		for _, r := range refused {
			s.ear.refuse(r.connection, r.epoch, r.code)
		}
		// Words of which nobody knows whether they were written are not written twice: they may be lost, to whom they
		// would have been charged.
		if failed != nil && !store.Unknown(failed) {
			s.ear.keep(words)
		}
		err = errors.Join(err, failed)
	}
	return err
}

func (s *Service) write(ctx context.Context, t tenant.ID, words []word) (refused []refusal, err error) {
	ids := make([]uuid.UUID, 0, len(words))
	for _, w := range words {
		ids = append(ids, w.session)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		refused = nil
		all, pg, err := tx.LockSessions(ctx, ids...)
		if err != nil {
			return err
		}
		now := s.now() // what PostgreSQL's clock was read at
		was, signs, place := make([]stand, len(all)), make([][]meter.Sign, len(all)), make(map[uuid.UUID]int, len(all))
		for i := range all {
			was[i], place[all[i].ID] = standOf(&all[i]), i
		}
		for _, w := range words {
			i, found := place[w.session]
			if !found {
				continue
			}
			said, code := hear(&all[i], w, s.clock(pg).Add(w.at-now))
			signs[i] = append(signs[i], said...)
			if code != "" {
				refused = append(refused, refusal{w.connection, w.Epoch, code})
			}
		}
		return s.save(ctx, tx, pg, all, was, signs)
	})
	return refused, err
}

// hear counts one word, as of when it came in; or says why it does not count.
func hear(x *store.Session, w word, at time.Time) ([]meter.Sign, string) {
	p, found := x.Party(w.user)
	side, talks := meter.Party(0), false
	if found {
		side, talks = sideOf(p.Role)
	}
	switch {
	case !talks:
		return nil, "session_not_found"
	case x.Ended():
		return nil, "session_over"
	case p.Epoch != w.Epoch || !p.Here():
		return nil, "session_superseded"
	}
	// Another node may have written a word of a moment later before this one: it is as of then.
	if late := x.Meter.Meter.At.Sub(at); late > 0 && late < time.Second {
		at = x.Meter.Meter.At
	}
	signs, heard := x.Meter.Beat(&x.Policy, side, w.Beat, at)
	if !heard {
		return nil, "session_over" // it has ended with a word of this window
	}
	return signs, ""
}
