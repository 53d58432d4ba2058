package billing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// What finance does about a refund that its gateway will not make.
const (
	RefundAgain    = "again"
	RefundToWallet = "wallet"
)

// requestSettled says to the request behind a refund, if a case was its cause, what became of it.
func requestSettled(ctx context.Context, tx *store.Tx, cause string, state store.RefundState) error {
	of, ok := store.CaseOf(cause)
	if !ok {
		return nil
	}
	if err := tx.Audit(store.Audit{Action: "case.refund_" + string(state), Target: cause}); err != nil {
		return err
	}
	return tx.SettleRefundRequest(ctx, of, state)
}

// stillAsked says that a case's refund waits for its gateway. One that was refused is people's: a job that runs once more must not
// ask behind their backs, when they have put the money into the wallet.
func stillAsked(ctx context.Context, tx *store.Tx, r Refund) (bool, error) {
	of, ok := store.CaseOf(r.Cause)
	if !ok {
		return true, nil
	}
	if _, err := tx.LockPayment(ctx, r.Payment); err != nil {
		return false, err
	}
	q, err := tx.LockRefundRequest(ctx, of)
	return q.State == store.RefundRequested, err
}

func became(refused error) store.RefundState {
	if refused != nil {
		return store.RefundRefused
	}
	return store.RefundDone
}

// unaskedAfter is when people may settle a refund that its decision's job has not asked any gateway for.
const unaskedAfter = time.Hour

// unasked is a refund whose job is lost, or came from before it told what became of it: nothing waits at a gateway for it.
func unasked(r store.RefundRequest, now time.Time) bool {
	return r.State == store.RefundRequested && r.Payment == uuid.Nil && r.RequestedAt.Add(unaskedAfter).Before(now)
}

// SettleRequest ends a refund that was refused, or that nobody was asked for: the gateway is asked again, or the money goes into the payer's wallet.
func (p *Payments) SettleRequest(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, of uuid.UUID, as string) error {
	var asked *store.Operation
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		asked = nil // the closure may run twice
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			pay, r, err := lockRequest(ctx, tx, of)
			if err != nil {
				return nil, err
			}
			if r.State != store.RefundRefused && !unasked(r, p.now()) {
				return nil, fault.New("refund_under_way")
			}
			if as == RefundToWallet {
				return struct{}{}, requestToWallet(ctx, tx, by, pay, r)
			}
			if err := tx.Audit(store.Audit{Actor: by, Action: "case.refund_" + as, Target: store.RefundCause(of), Detail: map[string]any{"amount": r.Amount}}); err != nil {
				return nil, err
			}
			o, err := p.refund(ctx, tx, by, Refund{Payment: pay.ID, Amount: r.Amount, Why: store.RefundCause(of), Cause: store.RefundCause(of)})
			if err != nil || o.N == 0 { // all of it was less than a card can be given
				return struct{}{}, err
			}
			asked = &o
			return struct{}{}, tx.SettleRefundRequest(ctx, of, store.RefundRequested)
		})
		return err
	})
	if err != nil || asked == nil {
		return err
	}
	if _, _, err := p.Carry(ctx, t, asked.Payment, OpRefund, asked.N); err != nil { // it is committed: the job goes on
		p.log.WarnContext(ctx, "billing: a refund waits for its gateway", "payment", asked.Payment, "n", asked.N, "cause", err)
	}
	return nil
}

// lockRequest locks the payment that the seat was sold for before its request, as carrying a refund does.
func lockRequest(ctx context.Context, tx *store.Tx, of uuid.UUID) (pay store.Payment, r store.RefundRequest, err error) {
	if r, err = tx.RefundRequest(ctx, of); err != nil {
		if store.IsNotFound(err) {
			err = fault.New("not_found")
		}
		return pay, r, err
	}
	_, name, _ := strings.Cut(r.Subject, "/")
	id, err := uuid.Parse(name)
	if err != nil {
		return pay, r, fmt.Errorf("billing: refund of case %s is about %q: %w", of, r.Subject, err)
	}
	b, err := tx.Booking(ctx, id)
	if err != nil {
		return pay, r, err
	}
	if b.Pay != string(funding.Card) { // into the wallet, at once
		return pay, r, fault.New("refund_under_way")
	}
	if pay, err = tx.LockPayment(ctx, b.Payment); err == nil {
		r, err = tx.LockRefundRequest(ctx, of)
	}
	return pay, r, err
}

// requestToWallet gives back what the card's bank would not take, as far as it has not gone back meanwhile: what is left is all that
// we have. Of nothing left the request is over.
func requestToWallet(ctx context.Context, tx *store.Tx, by uuid.UUID, pay store.Payment, r store.RefundRequest) error {
	left, err := tx.StillLeft(ctx, pay)
	if err != nil {
		return err
	}
	amount := min(r.Amount, max(left, 0))
	if err := tx.Audit(store.Audit{Actor: by, Action: "case.refund_wallet", Target: store.RefundCause(r.Case), Detail: map[string]any{"amount": amount, "asked": r.Amount}}); err != nil {
		return err
	}
	if amount > 0 {
		c := ledger.Currency(pay.Currency)
		if err := tx.OpenAccounts(ctx, ledger.Wallet(pay.Payer, c)); err != nil {
			return err
		}
		from, err := paidFrom(ctx, tx, pay, amount, 0)
		if err != nil {
			return err
		}
		if err := tx.RecordAll(ctx, store.RefundedToWallet(r.Case, r.Subject, pay.Payer, ledger.Of(amount, c), from...)); err != nil {
			return err
		}
	}
	return tx.SettleRefundRequest(ctx, r.Case, store.RefundDone)
}
