package billing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
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

// SettleRequest ends a refund that was refused: the gateway is asked again, or the money goes into the payer's wallet.
func (p *Payments) SettleRequest(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, of uuid.UUID, as string) error {
	var asked *store.Operation
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		asked = nil // the closure may run twice
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			pay, r, err := lockRequest(ctx, tx, of)
			if err != nil {
				return nil, err
			}
			if r.State != store.RefundRefused {
				return nil, fault.New("refund_under_way")
			}
			if err := tx.Audit(store.Audit{Actor: by, Action: "case.refund_" + as, Target: store.RefundCause(of), Detail: map[string]any{"amount": r.Amount}}); err != nil {
				return nil, err
			}
			if as == RefundToWallet {
				return struct{}{}, p.requestToWallet(ctx, tx, pay, r)
			}
			o, err := p.refund(ctx, tx, by, Refund{Payment: pay.ID, Amount: r.Amount, Why: store.RefundCause(of), Cause: store.RefundCause(of)})
			if err != nil {
				return nil, err
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

// lockRequest locks the payment before its request, as carrying a refund does.
func lockRequest(ctx context.Context, tx *store.Tx, of uuid.UUID) (pay store.Payment, r store.RefundRequest, err error) {
	if r, err = tx.RefundRequest(ctx, of); err != nil {
		if store.IsNotFound(err) {
			err = fault.New("not_found")
		}
		return pay, r, err
	}
	all, err := tx.PaymentsOf(ctx, r.Subject)
	if err != nil {
		return pay, r, err
	}
	for _, one := range all {
		if one.Status == payment.Paid {
			pay = one
		}
	}
	if pay.ID == uuid.Nil { // into the wallet, at once
		return pay, r, fault.New("refund_under_way")
	}
	if pay, err = tx.LockPayment(ctx, pay.ID); err == nil {
		r, err = tx.LockRefundRequest(ctx, of)
	}
	return pay, r, err
}

// requestToWallet gives back what the card's bank would not take. What of the payment has gone back meanwhile does not twice.
func (p *Payments) requestToWallet(ctx context.Context, tx *store.Tx, pay store.Payment, r store.RefundRequest) error {
	if left := pay.Left(); r.Amount > left {
		return fault.New("refund_too_much", fault.Params{"left": max(left, 0)})
	}
	c := ledger.Currency(pay.Currency)
	wallet, amount := ledger.Wallet(pay.Payer, c), ledger.Of(r.Amount, c)
	if err := tx.OpenAccounts(ctx, wallet); err != nil {
		return err
	}
	if err := tx.RecordAll(ctx, ledger.Post("case:"+r.Case.String()+":refunded", "refund_to_wallet",
		ledger.Debit(ledger.Revenue("seats", c), amount), ledger.Credit(wallet, amount)).About(r.Subject)); err != nil {
		return err
	}
	return tx.SettleRefundRequest(ctx, r.Case, store.RefundDone)
}
