package session

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// stand is what a conversation's document says of its meter: when it differs after a word, those who watch are told.
type stand struct {
	state  meter.State
	funded int64
	warned bool
}

func standOf(x *store.Session) stand {
	return stand{x.Meter.State, x.Meter.Funded, x.Meter.Told == meter.Warn}
}

// turn is one word about one conversation: behind its lock, by PostgreSQL's clock, with all that it asks for.
func (s *Service) turn(ctx context.Context, tx *store.Tx, id uuid.UUID, say func(x *store.Session, at time.Time) ([]meter.Sign, error)) error {
	return s.turns(ctx, tx, []uuid.UUID{id}, func(all []*store.Session, at time.Time) ([][]meter.Sign, error) {
		signs, err := say(all[0], at)
		return [][]meter.Sign{signs}, err
	})
}

// turns is one word about several conversations, in whichever order they are named.
func (s *Service) turns(ctx context.Context, tx *store.Tx, ids []uuid.UUID, say func(all []*store.Session, at time.Time) ([][]meter.Sign, error)) error {
	locked, pg, err := tx.LockSessions(ctx, ids...)
	if err != nil {
		return err
	}
	if len(locked) != len(ids) {
		return fault.New("session_not_found")
	}
	all, was, signs := make([]*store.Session, len(ids)), make([]stand, len(ids)), make([][]meter.Sign, len(ids))
	for i := range locked {
		all[slices.Index(ids, locked[i].ID)], was[i] = &locked[i], standOf(&locked[i])
	}
	said, err := say(all, s.clock(pg))
	if err != nil {
		return err
	}
	for i := range locked {
		signs[i] = said[slices.Index(ids, locked[i].ID)]
	}
	return s.save(ctx, tx, pg, locked, was, signs)
}

// save writes what words have made of conversations, and asks for what follows.
func (s *Service) save(ctx context.Context, tx *store.Tx, pg time.Time, all []store.Session, was []stand, signs [][]meter.Sign) error {
	for i := range all {
		x := &all[i]
		if standOf(x) != was[i] {
			x.Tell()
		}
		if (slices.Contains(signs[i], meter.Ended) || slices.Contains(signs[i], meter.Closed)) && !x.Ended() {
			if err := charge(x); err != nil {
				return err
			}
			if err := dismiss(ctx, tx, x, uuid.Nil, offEnded, s.clock(pg)); err != nil {
				return err
			}
		}
		if err := s.ask(ctx, tx, x, signs[i]); err != nil {
			return err
		}
	}
	return tx.SaveSessions(ctx, pg, all)
}

// charge decides, once, what a conversation costs that has ended.
func charge(x *store.Session) error {
	seconds := x.Meter.Charged(&x.Policy)
	cost, err := x.CostOf(seconds)
	x.Charged, x.Cost = &seconds, &cost
	return err
}

// ask adds the jobs that a conversation's signs ask for.
func (s *Service) ask(ctx context.Context, tx *store.Tx, x *store.Session, signs []meter.Sign) error {
	for _, sign := range signs {
		var err error
		switch sign {
		case meter.Extend:
			more := errand.SessionExtend{Session: x.ID, Funded: x.Meter.Funded}
			err = tx.AddJob(ctx, more, more.Key())
		case meter.Ended:
			if err = settle(ctx, tx, x.ID); err == nil {
				err = hangUp(ctx, tx, x)
			}
		case meter.Closed:
			closing := errand.SessionClose{Session: x.ID}
			if err = tx.AddJob(ctx, closing, closing.Key()); err == nil && x.Meter.State != meter.Completed && !again(x) {
				err = settle(ctx, tx, x.ID)
			}
			if err == nil {
				err = hangUp(ctx, tx, x)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func settle(ctx context.Context, tx *store.Tx, id uuid.UUID) error {
	e := errand.SessionSettle{Session: id}
	return tx.AddJob(ctx, e, e.Key())
}

// hangUp asks for the end of its media, once.
func hangUp(ctx context.Context, tx *store.Tx, x *store.Session) error {
	if !carried(x) {
		return nil
	}
	e := errand.SessionMedia{Session: x.ID}
	return tx.AddJob(ctx, e, e.Key())
}

// again says that the client, who was there, waits again in their place, with the same money: the expert did not come, or
// no media did.
func again(x *store.Session) bool {
	return x.Meter.State == meter.ConnectFailed || x.Meter.State == meter.NoShow && x.Meter.Reason == meter.NoExpert
}
