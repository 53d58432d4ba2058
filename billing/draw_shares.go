package billing

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/store"
)

// sharing is who shares in a payment of a session, and the accounts that say so.
type sharing struct {
	m    store.Metered
	link store.MeteredPart
	pay  store.Payment
	c    ledger.Currency
	kind string // the gateway's

	payable, at, recovery ledger.Account // the expert's: here, at the gateway, and owed back
	books                 ledger.Books   // how they stand, locked
}

func (p *Payments) sharingOf(ctx context.Context, tx *store.Tx, kind gateway.Kind, pay store.Payment) (s sharing, err error) {
	s = sharing{pay: pay, c: ledger.Currency(pay.Currency), kind: string(kind)}
	if s.m, s.link, err = tx.MeteredPartOf(ctx, pay.ID); err != nil {
		return s, err
	}
	s.payable, s.at, s.recovery = ledger.Payable(s.m.Expert, s.c), ledger.PayableAt(s.m.Expert, s.kind, s.c), ledger.Recovery(s.m.Expert, s.c)
	return s, s.look(ctx, tx)
}

func (s *sharing) look(ctx context.Context, tx *store.Tx) (err error) {
	s.books, err = tx.Books(ctx, s.payable, s.at, s.recovery)
	return err
}

func (s *sharing) has(a ledger.Account) int64 {
	b := s.books[a.Ref()]
	if b == nil {
		return 0
	}
	return b.Available(a.Class())
}

// taken is how a captured total is shared: as it was decided, or by the terms when somebody captured elsewhere.
func (s *sharing) taken(captured int64) advice.Taken {
	if s.link.Decided && s.link.Taken.Amount == captured {
		return s.link.Taken
	}
	return s.m.Terms.Whose(captured)
}

func (s *sharing) journal(key, kind string, entries ...ledger.Entry) ledger.Journal {
	return ledger.Post("payment:"+s.pay.ID.String()+":"+key, kind, entries...).About("payment/" + s.pay.ID.String())
}

func (s *sharing) of(n int64) ledger.Money { return ledger.Of(n, s.c) }

// drawShares records what moves of a session's payment mean for its expert, behind the journals that any payment has. What
// comes back to the client or their bank is borne in the proportion of fee and share.
func (p *Payments) drawShares(ctx context.Context, tx *store.Tx, kind gateway.Kind, before payment.Known, pay store.Payment, moves []payment.Move, journals []ledger.Journal) error {
	if len(moves) == 0 {
		return tx.RecordAll(ctx, journals...)
	}
	s, err := p.sharingOf(ctx, tx, kind, pay)
	if err != nil {
		return err
	}
	whole := s.taken(pay.Captured)
	part := func(was, now int64) (operators, experts int64) {
		o0, e0 := whole.Of(was)
		o1, e1 := whole.Of(now)
		return o1 - o0, e1 - e0
	}
	disputes := ledger.Dispute(s.kind, s.c)
	var send, recover int64
	owes := s.has(s.recovery)
	add := func(key, kind string, entries ...ledger.Entry) {
		if entries = some(entries...); len(entries) > 1 {
			journals = append(journals, s.journal(key, kind, entries...))
		}
	}
	// restore gives the expert what a dispute had put on them: what they still owe of it is forgiven, the rest is theirs again.
	restore := func(key, kind string, n int64) {
		forgiven := min(max(owes, 0), n)
		owes -= forgiven
		add(key, kind, ledger.Debit(disputes, s.of(n)), ledger.Credit(s.recovery, s.of(forgiven)), ledger.Credit(s.payable, s.of(n-forgiven)))
		send += n - forgiven
	}
	for _, m := range moves {
		total := fmt.Sprint(":", m.Total)
		switch m.Kind {
		case payment.MoveCaptured:
			add("shared"+total, "session_shared", ledger.Debit(ledger.Deferred("sessions", s.c), s.of(whole.Amount)),
				ledger.Credit(platformFee(s.c), s.of(whole.Fee)), ledger.Credit(s.payable, s.of(whole.Share())))
			if s.link.Destination == "" {
				send += whole.Share()
				continue
			}
			recover += whole.Share()
			add("sent"+total, "share_sent", ledger.Debit(s.payable, s.of(whole.Share())), ledger.Credit(s.at, s.of(whole.Share())),
				ledger.Debit(connected(s.kind, s.c), s.of(whole.Share())), ledger.Credit(ledger.Clearing(s.kind, s.c), s.of(whole.Share())))
		case payment.MoveRefunded:
			o, e := part(before.Refunded, pay.Refunded)
			add("unshared"+total, "session_unshared", ledger.Debit(platformFee(s.c), s.of(o)), ledger.Debit(s.recovery, s.of(e)),
				ledger.Credit(ledger.Deferred("sessions", s.c), s.of(m.Amount)))
			owes, recover = owes+e, recover+e
		case payment.MoveDisputed:
			_, e := part(before.Disputed, pay.Disputed)
			add("dispute_shared"+total, "dispute_shared", ledger.Debit(s.recovery, s.of(e)), ledger.Credit(disputes, s.of(e)))
			owes, recover = owes+e, recover+e
		case payment.MoveWon:
			_, e := part(before.Won, pay.Won)
			restore("dispute_restored"+total, "dispute_restored", e)
		case payment.MoveLost:
			_, e := part(before.Lost, pay.Lost)
			if s.m.LostBy == LostByOperator {
				restore("dispute_borne"+total, "dispute_borne", e)
				continue
			}
			add("dispute_kept"+total, "dispute_kept", ledger.Debit(disputes, s.of(e)), ledger.Credit(ledger.Loss("dispute", s.c), s.of(e)))
		}
	}
	if err := tx.RecordAll(ctx, journals...); err != nil {
		return err
	}
	if err := s.look(ctx, tx); err != nil {
		return err
	}
	if err := p.recover(ctx, tx, &s, recover); err != nil {
		return err
	}
	return p.send(ctx, tx, &s, send)
}

// connected is what a gateway keeps in experts' own accounts.
func connected(kind string, c ledger.Currency) ledger.Account {
	return ledger.Clearing(kind+"-connected", c)
}

// send commits to sending an expert so much of a payment, less what they owe, if their account may receive it. It leaves what
// is payable here in the same transaction, so that no payout pays it as well.
func (p *Payments) send(ctx context.Context, tx *store.Tx, s *sharing, n int64) error {
	c, err := tx.ConnectedOf(ctx, s.pay.Account, s.m.Expert)
	if store.IsNotFound(err) || err == nil && !mayReceive(c) {
		return nil // a liability, until the account is active or a bank pays it
	}
	if err != nil {
		return err
	}
	n, _ = s.c.ByCard(min(n, s.has(s.payable)))
	if n <= 0 {
		return nil
	}
	back, _ := s.c.ByCard(min(max(s.has(s.recovery), 0), n))
	no, err := tx.NextOperation(ctx, s.pay.ID, OpTransfer)
	if err != nil {
		return err
	}
	var journals []ledger.Journal
	if back > 0 {
		journals = append(journals, s.journal(fmt.Sprint("netted:", no), "share_netted", ledger.Debit(s.payable, s.of(back)), ledger.Credit(s.recovery, s.of(back))))
	}
	o := store.Operation{Payment: s.pay.ID, Op: OpTransfer, N: no, Amount: n - back}
	if n == back { // all of it: there is nothing to ask the gateway for
		if _, err := tx.AddOperation(ctx, o); err != nil {
			return err
		}
		if _, err := tx.SettleOperation(ctx, o, store.OperationDone, "", ""); err != nil {
			return err
		}
		return tx.RecordAll(ctx, journals...)
	}
	journals = append(journals, s.journal(fmt.Sprint("transfer:", no), "share_asked", ledger.Debit(s.payable, s.of(n-back)), ledger.Credit(s.at, s.of(n-back))))
	if _, err := tx.Ask(ctx, o, p.now()); err != nil {
		return err
	}
	return tx.RecordAll(ctx, journals...)
}

// recover commits to taking back so much of what an expert was sent of this payment, as far as they owe it and it still
// lies at the gateway. What is gone is netted from what they earn next.
func (p *Payments) recover(ctx context.Context, tx *store.Tx, s *sharing, n int64) error {
	if n = min(n, s.has(s.recovery), s.has(s.at)); n <= 0 {
		return nil
	}
	asked, err := tx.Operations(ctx, s.pay.ID)
	if err != nil {
		return err
	}
	left := int64(0)
	if s.link.Destination != "" {
		left = s.taken(s.pay.Captured).Share()
	}
	for _, o := range asked {
		switch {
		case o.Op == OpTransfer && o.State == store.OperationDone && o.Ref != "":
			left += o.Amount
		case o.Op == OpReverse && o.State != store.OperationRefused:
			left -= o.Amount
		}
	}
	if n, _ = s.c.ByCard(min(n, left)); n <= 0 {
		return nil
	}
	no, err := tx.NextOperation(ctx, s.pay.ID, OpReverse)
	if err != nil {
		return err
	}
	if _, err := tx.Ask(ctx, store.Operation{Payment: s.pay.ID, Op: OpReverse, N: no, Amount: n}, p.now()); err != nil {
		return err
	}
	err = tx.RecordAll(ctx, s.journal(fmt.Sprint("reverse:", no), "reversal_asked", ledger.Debit(s.at, s.of(n)), ledger.Credit(s.recovery, s.of(n))))
	if err != nil {
		return err
	}
	return s.look(ctx, tx)
}

// accountOf is a gateway's account as it was last seen.
func accountOf(c store.Connected) (seen gateway.Account, err error) {
	err = json.Unmarshal(c.State, &seen)
	return seen, err
}
