package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// RefundPass takes back a rider's own pass that was not used, in the days that its product gave: all of its price goes back
// where it came from, days that were earned meanwhile included.
func (p *Payments) RefundPass(ctx context.Context, t tenant.ID, rider uuid.UUID, claim idem.Claim, id uuid.UUID) error {
	var asked *store.Operation
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) { return p.refundPass(ctx, tx, rider, id) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &asked)
	})
	if err != nil || asked == nil {
		return err
	}
	if _, _, err := p.Carry(ctx, t, asked.Payment, OpRefund, asked.N); err != nil { // it is committed: the job goes on
		p.log.WarnContext(ctx, "billing: a refund waits for its gateway", "payment", asked.Payment, "cause", err)
	}
	return nil
}

func (p *Payments) refundPass(ctx context.Context, tx *store.Tx, rider, id uuid.UUID) (*store.Operation, error) {
	var paid *store.Payment
	all, err := tx.PaymentsOf(ctx, "pass/"+id.String())
	if err != nil {
		return nil, err
	}
	for _, pay := range all {
		if pay.Status == payment.Paid {
			locked, err := tx.LockPayment(ctx, pay.ID) // before the pass, as drawing it does
			if err != nil {
				return nil, err
			}
			paid = &locked
		}
	}
	x, err := tx.LockPass(ctx, id)
	if store.IsNotFound(err) || err == nil && x.Rider != rider {
		return nil, fault.New("not_found")
	}
	if err != nil {
		return nil, err
	}
	now, _, err := wallOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	if !x.Refundable(x.Activated, now) {
		return nil, fault.New("pass_not_refundable")
	}
	earned := x.Spent
	x.State, x.Spent, x.Due, x.Ended = pass.Refunded, 0, time.Time{}, now
	if err := tx.SavePass(ctx, x); err != nil {
		return nil, err
	}
	if err := tx.Audit(store.Audit{Actor: rider, Action: "pass.refund", Target: "pass/" + id.String(), Detail: map[string]any{"amount": x.Price, "currency": x.Currency}}); err != nil {
		return nil, err
	}
	c := ledger.Currency(x.Currency)
	var entries []ledger.Entry
	if earned > 0 {
		entries = append(entries, ledger.Debit(ledger.Revenue("passes", c), ledger.Of(earned, c)))
	}
	if x.PaidWith == FromWallet {
		if rest := x.Price - earned; rest > 0 {
			entries = append(entries, ledger.Debit(ledger.Pass(id, c), ledger.Of(rest, c)))
		}
		entries = append(entries, ledger.Credit(ledger.Wallet(rider, c), ledger.Of(x.Price, c)))
		_, err = tx.RecordOne(ctx, ledger.Post("pass:"+id.String()+":refunded", "pass_refunded", entries...).About("pass/"+id.String()))
		return nil, err
	}
	if paid == nil {
		return nil, fmt.Errorf("billing: pass %s was paid by card and has no payment", id)
	}
	if earned > 0 { // the whole price leaves from the pass
		entries = append(entries, ledger.Credit(ledger.Pass(id, c), ledger.Of(earned, c)))
		if _, err := tx.RecordOne(ctx, ledger.Post("pass:"+id.String()+":unearned", "pass_unearned", entries...).About("pass/"+id.String())); err != nil {
			return nil, err
		}
	}
	o, err := p.refund(ctx, tx, rider, Refund{Payment: paid.ID, Amount: x.Price, Why: "pass given back", Cause: "pass/" + id.String()})
	if o.N == 0 { // less than a card can be given
		return nil, err
	}
	return &o, err
}
