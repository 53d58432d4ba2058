package billing

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Settle ends a session's money: the metered amount is taken across its chain in order, the last link partly, and links that
// were not needed are let go. What to take of which link, with whose fee, is committed before a gateway is asked. Asked again
// with the same amount it says how far that has come; with another amount it is session_ended.
func (p *Payments) Settle(ctx context.Context, t tenant.ID, session uuid.UUID, billed ledger.Money) (Funds, error) {
	if billed.Amount < 0 || billed.Amount > billed.Currency.Max() {
		return Funds{}, fault.New("amount_invalid", fault.Params{"max": ledger.Of(billed.Currency.Max(), billed.Currency).String()})
	}
	var asked []store.Operation
	err := p.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		asked, err = p.settle(ctx, tx, session, billed)
		return err
	})
	if err != nil {
		return Funds{}, err
	}
	p.carryAll(ctx, t, session, asked)
	return p.Funds(ctx, t, session)
}

// carryAll brings the end of a session to its gateway; where that does not answer, jobs go on.
func (p *Payments) carryAll(ctx context.Context, t tenant.ID, session uuid.UUID, asked []store.Operation) {
	for _, o := range asked {
		if _, _, err := p.Carry(ctx, t, o.Payment, o.Op, o.N); err != nil {
			p.log.WarnContext(ctx, "billing: the end of a session waits for its gateway", "session", session, "payment", o.Payment, "op", o.Op, "cause", err)
		}
	}
}

// Release lets all of it go: nobody talked.
func (p *Payments) Release(ctx context.Context, t tenant.ID, session uuid.UUID) (Funds, error) {
	m, err := p.db.Read(t).Metered(ctx, session)
	if store.IsNotFound(err) {
		return Funds{}, fault.New("not_found")
	}
	if err != nil {
		return Funds{}, err
	}
	return p.Settle(ctx, t, session, ledger.Of(0, m.Terms.Price.Currency))
}

func (p *Payments) settle(ctx context.Context, tx *store.Tx, session uuid.UUID, billed ledger.Money) (asked []store.Operation, err error) {
	m, err := tx.LockMetered(ctx, session)
	switch {
	case store.IsNotFound(err):
		return nil, fault.New("not_found")
	case err != nil:
		return nil, err
	case m.Terms.Price.Currency != billed.Currency:
		return nil, fault.New("currency_mismatch")
	case m.Ended && m.Billed != billed.Amount:
		return nil, fault.New("session_ended")
	case m.Ended:
		return nil, nil
	}
	parts, err := tx.MeteredParts(ctx, session)
	if err != nil {
		return nil, err
	}
	links := make([]int64, len(parts))
	for i, l := range parts {
		links[i] = l.Live()
	}
	taken, _, err := m.Terms.Take(links, billed.Amount)
	if err != nil {
		return nil, err
	}
	if err := tx.EndMetered(ctx, session, billed.Amount); err != nil {
		return nil, err
	}
	if m.Account == uuid.Nil {
		if err := p.settleWallet(ctx, tx, m, parts, taken); err != nil {
			return nil, err
		}
		return nil, p.lacks(ctx, tx, session)
	}
	for i, l := range parts {
		if err := tx.TakeMeteredPart(ctx, session, l.N, taken[i]); err != nil {
			return nil, err
		}
		if l.Status.Over() {
			continue
		}
		o := store.Operation{Payment: l.Payment, Op: OpCapture, N: 1, Amount: taken[i].Amount}
		if taken[i].Amount == 0 {
			if o, err = p.letGo(ctx, tx, l.Payment); err != nil {
				return nil, err
			}
		}
		if _, err := tx.Ask(ctx, o, p.now().Add(carryAfter)); err != nil {
			return nil, err
		}
		asked = append(asked, o)
	}
	return asked, p.lacks(ctx, tx, session)
}

// settleWallet posts and voids holds: nobody else is asked.
func (p *Payments) settleWallet(ctx context.Context, tx *store.Tx, m store.Metered, parts []store.MeteredPart, taken []advice.Taken) error {
	c := m.Terms.Price.Currency
	journals := make([]ledger.Journal, len(parts))
	for i, l := range parts {
		key := fmt.Sprintf("session:%s:hold:%d", m.Session, l.N)
		if taken[i].Amount == 0 {
			journals[i] = ledger.Void(key+":void", "session_released", l.Hold)
		} else {
			journals[i] = ledger.PostHold(key+":post", "session_paid", l.Hold, some(
				ledger.Debit(ledger.Wallet(m.Client, c), ledger.Of(taken[i].Amount, c)),
				ledger.Credit(platformFee(c), ledger.Of(taken[i].Fee, c)),
				ledger.Credit(ledger.Payable(m.Expert, c), ledger.Of(taken[i].Share(), c)))...)
		}
		journals[i] = journals[i].About(sessionSubject(m.Session))
	}
	written, err := tx.Record(ctx, journals...)
	if err != nil {
		return err
	}
	for i, w := range written {
		switch {
		case w.Err == nil:
		case fault.Is(w.Err, "already_resolved"), fault.Is(w.Err, "funds_hold_expired"):
			taken[i] = advice.Taken{} // its time was over: that much is short
		default:
			return w.Err
		}
		if err := tx.TakeMeteredPart(ctx, m.Session, parts[i].N, taken[i]); err != nil {
			return err
		}
	}
	return nil
}

// some is the entries that move something.
func some(entries ...ledger.Entry) (out []ledger.Entry) {
	for _, e := range entries {
		if !e.Money.IsZero() {
			out = append(out, e)
		}
	}
	return out
}

func platformFee(c ledger.Currency) ledger.Account { return ledger.Revenue("platform-fee", c) }
