package billing

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Refund is money that somebody decided to give back.
type Refund struct {
	Payment uuid.UUID
	Amount  int64  // 0: all that is left
	Why     string // who decided and why, for people
	Cause   string // what it is for: one cause gives back once; empty: the claim alone says so
}

// Refund commits to giving back, of a pass all that is left of it: the amount is set aside in the books at once, so that it cannot be spent or given back
// twice, and the gateway is asked. Refused are what was not taken (refund_not_possible), more than is left of it (refund_too_much), a part of
// a pass (pass_refunded_whole), what no card can be given (amount_not_chargeable), and what the gateway will not give back (refund_refused). If the gateway does not answer, the job
// goes on: the operation is waiting then.
func (p *Payments) Refund(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, r Refund) (store.Operation, error) {
	var o store.Operation
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) { return p.refund(ctx, tx, by, r) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &o)
	})
	if err != nil {
		return o, err
	}
	if _, _, err := p.Carry(ctx, t, o.Payment, OpRefund, o.N); err != nil { // it is committed: the job goes on
		p.log.WarnContext(ctx, "billing: a refund waits for its gateway", "payment", o.Payment, "n", o.N, "cause", err)
	}
	now, err := p.db.Read(t).Operation(context.WithoutCancel(ctx), o.Payment, OpRefund, o.N)
	if err != nil {
		return o, err
	}
	if now.State == store.OperationRefused {
		return now, fault.New("refund_refused")
	}
	return now, nil
}

// RefundFor is Refund for the job of whoever owes the money; the cause makes its repeats harmless.
func (p *Payments) RefundFor(ctx context.Context, t tenant.ID, r Refund) error {
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		if asked, err := stillAsked(ctx, tx, r); err != nil || !asked {
			return err
		}
		if _, err := p.refund(ctx, tx, uuid.Nil, r); err != nil {
			return err
		}
		return lostOf(ctx, tx, r)
	})
	if errors.Is(err, errDisputed) {
		p.log.InfoContext(ctx, "billing: what is owed of a seat waits for its dispute", "payment", r.Payment)
		return nil
	}
	if !fault.Is(err, "refund_not_possible") { // somebody gave it back before us, or the payer's bank did
		return err
	}
	p.log.WarnContext(ctx, "billing: nothing is left to give back", "payment", r.Payment, "for", r.Cause)
	return p.db.InTx(ctx, t, func(tx *store.Tx) error {
		if err := lostOf(ctx, tx, r); err != nil {
			return err
		}
		return requestSettled(ctx, tx, r.Cause, store.RefundRefused)
	})
}

func (p *Payments) refund(ctx context.Context, tx *store.Tx, by uuid.UUID, r Refund) (store.Operation, error) {
	none := store.Operation{}
	pay, err := tx.LockPayment(ctx, r.Payment)
	if store.IsNotFound(err) {
		return none, fault.New("payment_not_found")
	}
	if err != nil {
		return none, err
	}
	if r.Cause != "" {
		if before, err := tx.OperationFor(ctx, pay.ID, OpRefund, r.Cause); !store.IsNotFound(err) {
			return before, err
		}
	}
	if owedAnyway(pay, r.Cause) {
		gone, err := tx.Posted(ctx, toWallet(pay.ID))
		if err != nil {
			return none, err
		}
		if len(gone) > 0 {
			return none, fault.New("refund_not_possible")
		}
	}
	if underDispute(pay) && r.Cause == pay.Subject {
		return none, errDisputed
	}
	left, err := tx.StillLeft(ctx, pay)
	if err != nil {
		return none, err
	}
	if err := p.givesWhole(ctx, tx, pay, &r, left); err != nil {
		return none, err
	}
	if r.Cause != "" && (r.Amount == 0 || r.Amount > left) { // what is under way may be refused, and is left again then
		waits, err := refundWaits(ctx, tx, pay.ID)
		if err == nil && waits {
			err = fault.New("refund_under_way")
		}
		if err != nil {
			return none, err
		}
	}
	typed := r.Cause == "" && r.Amount != 0
	if r.Amount == 0 {
		r.Amount = left
	}
	switch {
	case pay.Status != payment.Paid || left <= 0:
		return none, fault.New("refund_not_possible")
	case r.Amount < 0:
		return none, fault.New("amount_invalid", fault.Params{"max": left}).At("/amount")
	case r.Amount > left && r.Cause != "": // what is left is all that we have
		r.Amount = left
	case r.Amount > left:
		return none, fault.New("refund_too_much", fault.Params{"left": left}).At("/amount")
	}
	card, below := ledger.Currency(pay.Currency).ByCard(r.Amount)
	if below > 0 && typed {
		return none, fault.New("amount_not_chargeable").At("/amount")
	}
	if card == 0 && r.Cause == "" {
		return none, fault.New("refund_not_possible")
	}
	n, err := tx.NextOperation(ctx, pay.ID, OpRefund)
	if err != nil {
		return none, err
	}
	if err := belowStep(ctx, tx, pay, r, below, n); err != nil || card == 0 {
		return none, err
	}
	r.Amount = card
	j, err := setAside(ctx, tx, pay, strconv.Itoa(n), r.Amount, 0)
	if err != nil {
		return none, err
	}
	pay.Refunding += r.Amount
	if err := tx.SavePayment(ctx, pay); err != nil {
		return none, err
	}
	o := store.Operation{Payment: pay.ID, Op: OpRefund, N: n, Amount: r.Amount, Why: r.Why, Cause: r.Cause, State: store.OperationWaiting}
	if _, err := tx.Ask(ctx, o, p.now()); err != nil {
		return none, err
	}
	if err := tx.Audit(store.Audit{Actor: by, Action: "payment.refund", Target: "payment/" + pay.ID.String(), Detail: map[string]any{"amount": r.Amount, "why": r.Why}}); err != nil {
		return none, err
	}
	_, err = tx.RecordOne(ctx, j)
	return o, err
}
