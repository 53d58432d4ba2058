package billing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// TurnPasses earns the days of periods that have passed, and ends passes whose last day is over: what nobody rode of them is
// earned then. All tenants, each by its own clock; nodes that find the same pass wait for each other at its row.
func (s *Service) TurnPasses(ctx context.Context) error {
	for {
		found, err := s.db.System().PassesDue(ctx, bite)
		if err != nil {
			return err
		}
		var failed error
		for _, d := range found { // one that fails holds up nobody else's
			if err := s.turnPass(ctx, d.Tenant, d.Pass); err != nil {
				failed = errors.Join(failed, fmt.Errorf("billing: turn pass %s: %w", d.Pass, err))
			}
		}
		if failed != nil || len(found) < bite {
			return failed
		}
	}
}

func (s *Service) turnPass(ctx context.Context, t tenant.ID, id uuid.UUID) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		x, err := tx.LockPass(ctx, id)
		if err != nil {
			return err
		}
		now, loc, err := wallOf(ctx, tx)
		if err != nil || x.Due.IsZero() || now.Before(x.Due) { // another node was faster
			return err
		}
		journals := earnedDays(&x, now, loc)
		x.Due = x.Pass.Due(now, loc)
		if over := !now.Before(x.Ends(loc)); over {
			if left := x.Price - x.Spent; left > 0 {
				journals = append(journals, passEarned(x, "breakage", "pass_breakage", ledger.Revenue("breakage", ledger.Currency(x.Currency)), left))
				x.Spent = x.Price
			}
			x.Due, x.Ended = time.Time{}, now
			if x.State == pass.Active {
				x.State = pass.Expired
			}
		}
		if err := tx.SavePass(ctx, x); err != nil {
			return err
		}
		return recordAll(ctx, tx, journals)
	})
}

// earnedDays is a journal for each day of a period that has passed and was not earned yet, dated by its last second.
func earnedDays(x *store.Pass, now time.Time, loc *time.Location) (all []ledger.Journal) {
	today := servicedate.On(now, loc)
	for d := x.First.AddDays(1); d <= today && d <= x.Last.AddDays(1); d = d.AddDays(1) {
		if more := x.Earned(d) - x.Spent; more > 0 {
			j := passEarned(*x, "earned:"+d.AddDays(-1).String(), "pass_earned", ledger.Revenue("passes", ledger.Currency(x.Currency)), more)
			all = append(all, j.On(d.At(0, loc).Add(-time.Second)))
			x.Spent += more
		}
	}
	return all
}

func passEarned(x store.Pass, event, kind string, to ledger.Account, amount int64) ledger.Journal {
	c := ledger.Currency(x.Currency)
	return ledger.Post("pass:"+x.ID.String()+":"+event, kind, ledger.Debit(ledger.Pass(x.ID, c), ledger.Of(amount, c)), ledger.Credit(to, ledger.Of(amount, c))).About("pass/" + x.ID.String())
}

func recordAll(ctx context.Context, tx *store.Tx, journals []ledger.Journal) error {
	written, err := tx.Record(ctx, journals...)
	if err != nil {
		return err
	}
	for _, w := range written {
		if w.Err != nil {
			return fmt.Errorf("billing: journal %s: %w", w.Key, fault.As(w.Err))
		}
	}
	return nil
}
