package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// carryShare brings a transfer to an expert, or its reversal, to the gateway. The books have set it aside already: done, the
// gateway's own accounts follow; refused, it is where it was.
func (p *Payments) carryShare(ctx context.Context, t tenant.ID, g gateway.Gateway, pay store.Payment, o store.Operation) error {
	if o.State != store.OperationWaiting {
		return nil
	}
	err := p.db.InTx(ctx, t, func(tx *store.Tx) (err error) {
		o.Tries, err = tx.TryOperation(ctx, o)
		return err
	})
	if err != nil {
		return err
	}
	if waits, err := p.afterReversal(ctx, t, o); err != nil {
		return err
	} else if waits {
		return p.later(ctx, t, o, fault.New("unavailable"))
	}
	find := func(ctx context.Context) (string, error) { return p.findShare(ctx, t, g, pay, o) }
	ref, err := gateway.Once(ctx, o.CreatedAt, p.now(), find, func(ctx context.Context) (string, error) { return p.askToShare(ctx, t, g, pay, o) })
	verdict := gateway.Found
	if err != nil {
		var found string
		found, verdict, err = gateway.Judge(ctx, err, find)
		if verdict == gateway.Found {
			ref = found
		}
		if verdict == gateway.Final && keysChanged(o, err) {
			verdict = gateway.Later
		}
	}
	if verdict == gateway.SameKey || verdict == gateway.Later {
		return p.later(ctx, t, o, err)
	}
	ctx = context.WithoutCancel(ctx)
	refused := err
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		locked, err := tx.LockPayment(ctx, pay.ID)
		if err != nil {
			return err
		}
		s, err := p.sharingOf(ctx, tx, g.Profile().Kind, locked)
		if err != nil {
			return err
		}
		state, problem := store.OperationDone, ""
		if refused != nil {
			state, problem = store.OperationRefused, problemOf(refused)
		}
		settled, err := tx.SettleOperation(ctx, o, state, problem, ref)
		switch {
		case err != nil || !settled:
			return err
		case verdict == gateway.NextKey: // the books have it set aside for whichever attempt comes through
			return p.another(ctx, tx, o)
		}
		return tx.RecordAll(ctx, s.shareEnded(o, refused == nil))
	})
	if err == nil {
		err = refused
	}
	return err
}

// underWay says that a share was sent, or may have been.
func underWay(o store.Operation) bool { return o.Op == OpTransfer && o.State != store.OperationRefused }

// afterReversal says that a transfer has to wait: of a charge no more can be sent than it took, so what is to be taken back is
// taken back first.
func (p *Payments) afterReversal(ctx context.Context, t tenant.ID, o store.Operation) (bool, error) {
	if o.Op != OpTransfer {
		return false, nil
	}
	all, err := p.db.Read(t).Operations(ctx, o.Payment)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(all, func(r store.Operation) bool { return r.Op == OpReverse && r.State == store.OperationWaiting }), nil
}

// shareEnded is what an operation's end means for the books.
func (s *sharing) shareEnded(o store.Operation, done bool) ledger.Journal {
	n, there, here := s.of(o.Amount), connected(s.kind, s.c), ledger.Clearing(s.kind, s.c)
	key := fmt.Sprintf("%s:%d:", o.Op, o.N)
	switch {
	case done && o.Op == OpTransfer:
		return s.journal(key+"done", "share_sent", ledger.Debit(there, n), ledger.Credit(here, n))
	case done:
		return s.journal(key+"done", "share_reversed", ledger.Debit(here, n), ledger.Credit(there, n))
	case o.Op == OpTransfer:
		return s.journal(key+"refused", "share_refused", ledger.Debit(s.at, n), ledger.Credit(s.payable, n))
	}
	return s.journal(key+"refused", "reversal_refused", ledger.Debit(s.recovery, n), ledger.Credit(s.at, n))
}

func (p *Payments) askToShare(ctx context.Context, t tenant.ID, g gateway.Gateway, pay store.Payment, o store.Operation) (ref string, err error) {
	key, amount := gateway.Key(pay.ID.String(), o.Op, o.N), gateway.Amount{Minor: o.Amount, Currency: pay.Currency}
	if o.Op == OpReverse {
		transfer, err := p.transferOf(ctx, t, g, pay)
		if err != nil {
			return "", err
		}
		r, err := g.ReverseTransfer(ctx, gateway.ReverseOrder{Key: key, Transfer: transfer, Amount: amount})
		return r.ID, err
	}
	m, _, err := p.db.Read(t).MeteredPartOf(ctx, pay.ID)
	if err != nil {
		return "", err
	}
	c, err := p.db.Read(t).ConnectedOf(ctx, pay.Account, m.Expert)
	if err != nil {
		return "", err
	}
	seen, err := g.LookUp(ctx, gateway.Lookup{ID: pay.Ref})
	if err != nil {
		return "", err
	}
	tr, err := g.Transfer(ctx, gateway.TransferOrder{Key: key, Destination: c.Ref, Amount: amount, Source: seen.Charge, Group: pay.Subject})
	return tr.ID, err
}

func (p *Payments) findShare(ctx context.Context, t tenant.ID, g gateway.Gateway, pay store.Payment, o store.Operation) (string, error) {
	l := gateway.Lookup{Key: gateway.Key(pay.ID.String(), o.Op, o.N), Since: o.CreatedAt.Add(-time.Minute)} // clocks differ
	if o.Op == OpTransfer {
		tr, err := g.LookUpTransfer(ctx, l)
		return tr.ID, err
	}
	var err error
	if l.Transfer, err = p.transferOf(ctx, t, g, pay); err != nil {
		return "", err
	}
	r, err := g.LookUpReversal(ctx, l)
	return r.ID, err
}

// transferOf is the transfer that took an expert their share: our own, or the one that the charge made.
func (p *Payments) transferOf(ctx context.Context, t tenant.ID, g gateway.Gateway, pay store.Payment) (string, error) {
	all, err := p.db.Read(t).Operations(ctx, pay.ID)
	if err != nil {
		return "", err
	}
	for _, o := range all {
		if o.Op == OpTransfer && o.State == store.OperationDone && o.Ref != "" {
			return o.Ref, nil
		}
	}
	seen, err := g.LookUp(ctx, gateway.Lookup{ID: pay.Ref})
	if err == nil && seen.Transfer == "" {
		err = &gateway.NotFound{What: "transfer of this payment", ID: pay.Ref}
	}
	return seen.Transfer, err
}

// sendOwed sends an expert what they earned while their account could not receive it.
func (p *Payments) sendOwed(ctx context.Context, t tenant.ID, g gateway.Gateway, c store.Connected) error {
	const bite = 50
	for {
		owed, err := p.db.Read(t).SharesOwed(ctx, c.Account, c.User, bite)
		if err != nil {
			return err
		}
		sent := 0
		for _, id := range owed {
			err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
				pay, err := tx.LockPayment(ctx, id)
				if err != nil {
					return err
				}
				asked, err := tx.Operations(ctx, id)
				if err != nil || slices.ContainsFunc(asked, underWay) {
					return err // somebody who saw it owed as well was faster
				}
				last, err := tx.NextOperation(ctx, id, OpTransfer)
				if err != nil {
					return err
				}
				s, err := p.sharingOf(ctx, tx, g.Profile().Kind, pay)
				if err != nil {
					return err
				}
				_, away := s.taken(pay.Captured).Of(pay.Disputed - pay.Won + pay.Refunded)
				if err := p.send(ctx, tx, &s, s.taken(pay.Captured).Share()-away); err != nil {
					return err
				}
				if next, err := tx.NextOperation(ctx, id, OpTransfer); err != nil || next == last {
					return err
				}
				sent++
				return nil
			})
			if err != nil && !fault.Is(err, "insufficient_funds") {
				return err
			}
		}
		if len(owed) < bite || sent == 0 {
			return nil
		}
	}
}
