package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/store"
)

// debtor is a payer whose bank took back what they had been given already: money in a wallet, rides of a pass.
type debtor struct {
	pay                        store.Payment
	c                          ledger.Currency
	wallet, recovery, disputes ledger.Account
	has, owes                  int64
	over                       int64 // what of the dispute's end is theirs, not the operator's: as much as was taken when it opened
}

// drawDebts records a payment's journals, and what they mean for a payer who has what they paid for. A dispute takes the wallet's
// money as far as it is there; the rest they owe. Won, it is theirs again; lost, nobody has it. What ends unused of a pass is not
// owed. Money that comes into a wallet pays its owner's debts first, unless it came too late and goes back.
func (p *Payments) drawDebts(ctx context.Context, tx *store.Tx, kind gateway.Kind, pay store.Payment, moves []payment.Move, journals []ledger.Journal, late bool) error {
	c := ledger.Currency(pay.Currency)
	d := debtor{pay: pay, c: c, wallet: ledger.Wallet(pay.Payer, c), recovery: ledger.Recovery(pay.Payer, c), disputes: ledger.Dispute(string(kind), c)}
	wallet, sold := strings.HasPrefix(pay.Subject, "wallet/"), strings.HasPrefix(pay.Subject, "pass/")
	if !wallet && !sold || len(moves) == 0 {
		return tx.RecordAll(ctx, journals...)
	}
	if slices.ContainsFunc(moves, func(m payment.Move) bool { return m.Kind == payment.MoveDisputed || m.Kind == payment.MoveLost }) {
		if err := tx.OpenAccounts(ctx, d.recovery); err != nil {
			return err
		}
	}
	if _, err := tx.Books(ctx, d.wallet, d.recovery); err != nil { // locked in one order with what is recorded first
		return err
	}
	if err := tx.RecordAll(ctx, journals...); err != nil {
		return err
	}
	if err := d.look(ctx, tx); err != nil {
		return err
	}
	for _, m := range moves {
		var j []ledger.Entry
		key := string(m.Kind)
		switch {
		case wallet && m.Kind == payment.MoveDisputed:
			key, j = "dispute_taken", d.taken(m.Amount)
		case wallet && m.Kind == payment.MoveWon:
			key, j = "dispute_restored", d.restored(min(m.Amount, d.over))
		case wallet && m.Kind == payment.MoveLost:
			kept := d.of(min(m.Amount, d.over))
			key, j = "dispute_kept", []ledger.Entry{ledger.Debit(d.disputes, kept), ledger.Credit(ledger.Loss("dispute", c), kept)}
		case wallet && !late && (m.Kind == payment.MoveCaptured || m.Kind == payment.MoveReturned):
			key, j = "recovered:"+key, d.recovered()
		case sold && m.Kind == payment.MoveLost:
			var err error
			if j, err = p.passLost(ctx, tx, &d, m.Amount); err != nil {
				return err
			}
			key = "pass_lost"
		}
		if j = some(j...); len(j) < 2 {
			continue
		}
		name, _, _ := strings.Cut(key, ":")
		post := ledger.Post(fmt.Sprintf("payment:%s:%s:%d", pay.ID, key, m.Total), name, j...).About("payment/" + pay.ID.String())
		if err := tx.RecordAll(ctx, post); err != nil {
			return err
		}
		if err := d.look(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (d *debtor) of(n int64) ledger.Money { return ledger.Of(n, d.c) }

func (d *debtor) look(ctx context.Context, tx *store.Tx) error {
	books, err := tx.Books(ctx, d.wallet, d.recovery)
	if err != nil {
		return err
	}
	d.has, d.owes = 0, 0
	if b := books[d.wallet.Ref()]; b != nil {
		d.has = max(b.Available(d.wallet.Class()), 0)
	}
	if b := books[d.recovery.Ref()]; b != nil {
		d.owes = max(b.Available(d.recovery.Class()), 0)
	}
	net, err := tx.PostedAbout(ctx, d.disputes.Ref(), "payment/"+d.pay.ID.String())
	d.over = max(-net, 0)
	return err
}

func (d *debtor) taken(n int64) []ledger.Entry {
	there := min(d.has, n)
	return []ledger.Entry{ledger.Debit(d.wallet, d.of(there)), ledger.Debit(d.recovery, d.of(n-there)), ledger.Credit(d.disputes, d.of(n))}
}

func (d *debtor) restored(n int64) []ledger.Entry {
	forgiven := min(d.owes, n)
	return []ledger.Entry{ledger.Debit(d.disputes, d.of(n)), ledger.Credit(d.recovery, d.of(forgiven)), ledger.Credit(d.wallet, d.of(n-forgiven))}
}

func (d *debtor) recovered() []ledger.Entry {
	n := min(d.has, d.owes)
	return []ledger.Entry{ledger.Debit(d.wallet, d.of(n)), ledger.Credit(d.recovery, d.of(n))}
}

// passLost ends a pass whose price its buyer's bank took back for good, or a part of it. What is left of it goes to the bank first; what was ridden
// or is booked is owed, so that a booked ride that is given up afterwards pays that.
func (p *Payments) passLost(ctx context.Context, tx *store.Tx, d *debtor, n int64) ([]ledger.Entry, error) {
	x, _, err := lockPassOf(ctx, tx, d.pay)
	if err != nil {
		return nil, err
	}
	if err := p.endPass(ctx, tx, x); err != nil {
		return nil, err
	}
	parts, err := partsOfPass(ctx, tx, d.pay, n, 0)
	return []ledger.Entry{ledger.Debit(ledger.Pass(x.ID, d.c), d.of(parts.left)), ledger.Debit(d.wallet, d.of(parts.wallet)), ledger.Debit(d.recovery, d.of(parts.owed+parts.used)),
		ledger.Credit(ledger.Loss("dispute", d.c), d.of(n))}, err
}
