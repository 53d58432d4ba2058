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
		var watched, watchers []uuid.UUID
		all, pg, err := tx.LockSessions(ctx, ids...)
		if err != nil {
			return err
		}
		now := s.now() // what PostgreSQL's clock was read at
		heard := make([]bool, len(all))
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
			p, _ := all[i].Party(w.user)
			if code != "" {
				refused = append(refused, refusal{w.connection, w.Epoch, code})
			} else if _, talks := sideOf(p.Role); !talks && s.clock(pg).Sub(p.SeenAt) > reseen {
				p.SeenAt = s.clock(pg)
				watched, watchers = append(watched, w.session), append(watchers, w.user)
			}
			heard[i] = heard[i] || code != "" || !supervises(p.Role)
		}
		// A conversation of which only supervisors have said a word is as it was: its time is passed by whoever finds it quiet.
		n := 0
		for i := range all {
			if heard[i] {
				all[n], was[n], signs[n] = all[i], was[i], signs[i]
				n++
			}
		}
		if err := tx.SeenSupervising(ctx, watched, watchers, s.clock(pg)); err != nil {
			return err
		}
		return s.save(ctx, tx, pg, all[:n], was[:n], signs[:n])
	})
	return refused, err
}

// hear counts one word, as of when it came in; or says why it does not count.
func hear(x *store.Session, w word, at time.Time) ([]meter.Sign, string) {
	p, found := x.Party(w.user)
	switch {
	case !found:
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
	x.Second.Hears(p, w.Beat, at)
	side, talks := sideOf(p.Role)
	switch {
	case p.Role == store.RoleSecond: // who keeps no meter running but their own; the time of the two passes
		return x.Meter.Tick(&x.Policy, at), ""
	case !talks:
		return nil, ""
	}
	signs, heard := x.Meter.Beat(&x.Policy, side, w.Beat, at)
	if !heard {
		return nil, "session_over" // it has ended with a word of this window
	}
	return signs, ""
}
