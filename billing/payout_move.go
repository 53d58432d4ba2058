package billing

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payout"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// States of runs and of their lines.
const (
	payoutDraft, payoutApproved, payoutSent, payoutClosed, payoutDiscarded = "draft", "approved", "sent", "closed", "discarded"
	lineSent, lineConfirmed, lineReturned, lineDropped                     = "sent", "confirmed", "returned", "dropped"
)

// ApprovePayout is a second person's yes. The table itself knows no run that its maker approved. Nor does anybody approve who said since the last
// time where money of it goes: an account number is seen by two as well.
func (p *Payments) ApprovePayout(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, run uuid.UUID) error {
	return p.movePayout(ctx, t, by, claim, run, "payout.approve", func(tx *store.Tx, r store.PayoutRun) error {
		switch {
		case r.MadeBy == by:
			return fault.New("payout_own")
		case r.State == payoutApproved && r.ApprovedBy == by:
			return errSame
		case r.State != payoutDraft:
			return fault.New("payout_not_so_far")
		}
		news, err := tx.PayoutNews(ctx, run)
		if err != nil {
			return err
		}
		for _, line := range news {
			for _, set := range line.Sets {
				if set.By == by {
					return fault.New("payout_number_own")
				}
			}
		}
		return tx.MovePayoutRun(ctx, run, payoutApproved, by)
	})
}

// DiscardPayout forgets a run that was not sent.
func (p *Payments) DiscardPayout(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, run uuid.UUID) error {
	return p.movePayout(ctx, t, by, claim, run, "payout.discard", func(tx *store.Tx, r store.PayoutRun) error {
		switch r.State {
		case payoutDiscarded:
			return errSame
		case payoutDraft, payoutApproved:
			return tx.MovePayoutRun(ctx, run, payoutDiscarded, uuid.Nil)
		}
		return fault.New("payout_not_so_far")
	})
}

// SendPayout takes the money out of experts' accounts, onto its way. A line whose money is not there any more is dropped;
// what a gateway carries is committed with its jobs.
func (p *Payments) SendPayout(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, run uuid.UUID) error {
	return p.movePayout(ctx, t, by, claim, run, "payout.send", func(tx *store.Tx, r store.PayoutRun) error {
		switch r.State {
		case payoutSent, payoutClosed:
			return errSame
		case payoutApproved:
		default:
			return fault.New("payout_not_so_far")
		}
		lines, err := tx.PayoutLines(ctx, run)
		if err != nil {
			return err
		}
		journals := make([]ledger.Journal, len(lines))
		for i, l := range lines {
			journals[i] = payoutJournal(r, l, "sent")
		}
		if err := tx.MovePayoutRun(ctx, run, payoutSent, uuid.Nil); err != nil {
			return err
		}
		written, err := tx.Record(ctx, journals...)
		if err != nil {
			return err
		}
		for i, w := range written {
			l := lines[i]
			switch {
			case fault.Is(w.Err, "insufficient_funds"):
				err = tx.MovePayoutLine(ctx, l.ID, lineDropped, "insufficient_funds", "")
			case w.Err != nil:
				err = w.Err
			default:
				if err = tx.MovePayoutLine(ctx, l.ID, lineSent, "", ""); err == nil && l.Account != uuid.Nil {
					err = p.queuePayout(ctx, tx, l, 0)
				}
			}
			if err != nil {
				return err
			}
		}
		return p.closeIfDone(ctx, tx, run)
	})
}

// EndPayoutLine says what became of a line that a bank carried: it arrived, or it came back. A gateway says so itself.
func (p *Payments) EndPayoutLine(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, line uuid.UUID, returned bool, why string) (run uuid.UUID, err error) {
	l, err := p.db.Read(t).PayoutLine(ctx, line)
	if store.IsNotFound(err) {
		return uuid.Nil, fault.New("not_found")
	}
	if err != nil {
		return uuid.Nil, err
	}
	if l.Account != uuid.Nil {
		return uuid.Nil, fault.New("payout_not_so_far")
	}
	state := lineConfirmed
	if returned {
		state = lineReturned
	}
	return l.Run, p.endLine(ctx, t, by, claim, l.Run, line, state, why, "")
}

// endLine is idempotent: a line ends once each way, and what arrived may still come back.
func (p *Payments) endLine(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, run, line uuid.UUID, state, why, ref string) error {
	return p.movePayout(ctx, t, by, claim, run, "payout."+state, func(tx *store.Tx, r store.PayoutRun) error {
		l, err := tx.LockPayoutLine(ctx, line)
		if err != nil {
			return err
		}
		what := state
		switch {
		case l.State == state, l.State == lineReturned && by == uuid.Nil:
			return errSame
		case l.State == lineConfirmed && state == lineReturned:
			what = "came_back"
		case l.State != lineSent:
			return fault.New("payout_not_so_far")
		}
		if err := tx.MovePayoutLine(ctx, line, state, why, ref); err != nil {
			return err
		}
		if err := tx.RecordAll(ctx, payoutJournal(r, l, what)); err != nil {
			return err
		}
		return p.closeIfDone(ctx, tx, run)
	})
}

func (p *Payments) closeIfDone(ctx context.Context, tx *store.Tx, run uuid.UUID) error {
	open, err := tx.PayoutsOpen(ctx, run)
	if err != nil || open > 0 {
		return err
	}
	return tx.MovePayoutRun(ctx, run, payoutClosed, uuid.Nil)
}

// payoutJournal is what a line's step means for the books.
func payoutJournal(r store.PayoutRun, l store.PayoutLine, what string) ledger.Journal {
	c, over := ledger.Currency(r.Currency), rails[r.Rail]
	out := ledger.Of(l.Amount, c)
	transit, from, left := ledger.Transit(r.Rail, c), over.from(l.Expert, c), over.leaves(c)
	var entries []ledger.Entry
	switch what {
	case lineSent:
		entries = some(ledger.Debit(from, ledger.Of(l.Owed, c)), ledger.Credit(ledger.Recovery(l.Expert, c), ledger.Of(l.Recovered, c)), ledger.Credit(transit, out))
	case lineConfirmed:
		entries = some(ledger.Debit(transit, out), ledger.Credit(left, out))
	case lineReturned:
		entries = some(ledger.Debit(transit, out), ledger.Credit(from, out))
	default: // it had arrived
		entries = some(ledger.Debit(left, out), ledger.Credit(from, out))
	}
	return ledger.Post(fmt.Sprintf("payout:%s:%s", l.ID, what), "payout_"+what, entries...).About("payout/" + r.ID.String())
}

// errSame says that what is asked for was done before.
var errSame = errors.New("billing: it is so already")

// movePayout does one step of a run behind its lock, audited, once.
func (p *Payments) movePayout(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, run uuid.UUID, act string, step func(tx *store.Tx, r store.PayoutRun) error) error {
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			r, err := tx.LockPayoutRun(ctx, run)
			if err != nil {
				return nil, err
			}
			if err := step(tx, r); err != nil {
				return nil, err
			}
			return run, tx.Audit(store.Audit{Actor: by, Action: act, Target: "payout/" + run.String()})
		})
		return err
	})
	switch {
	case errors.Is(err, errSame):
		return nil
	case store.IsNotFound(err):
		return fault.New("not_found")
	}
	return err
}

// PayoutFile is what the bank reads. It is there once the run is sent, and always the same.
func (p *Payments) PayoutFile(ctx context.Context, t tenant.ID, run uuid.UUID) ([]byte, error) {
	r, err := p.PayoutRun(ctx, t, run)
	if err != nil {
		return nil, err
	}
	if r.Rail != RailBankFile || r.SentAt.IsZero() {
		return nil, fault.New("payout_not_so_far")
	}
	var orders []payout.Order
	for _, l := range r.Lines {
		if l.State != lineDropped {
			orders = append(orders, payout.Order{Reference: l.ID.String(), Holder: l.Holder, Number: l.Number, Amount: l.Amount})
		}
	}
	return payout.File(ledger.Currency(r.Currency), "payout "+r.ID.String(), orders)
}
