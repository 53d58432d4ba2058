package billing

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// openFor is how long a payer may take.
const openFor = 30 * time.Minute

// Opened is a payment that its payer can go on with.
type Opened struct {
	Payment  store.Payment
	Next     gateway.Next
	Repeated bool // it was opened before, under the same key
}

// TopUp asks a user for money for their own wallet. Their money is there when the gateway has it, not before. A repeat under
// the same key is the same payment, with what is left to do; a wallet has one payment under way at a time (payment_at_work).
func (p *Payments) TopUp(ctx context.Context, t tenant.ID, user uuid.UUID, claim idem.Claim, amount ledger.Money, with store.With) (Opened, error) {
	if err := amount.AskedOfCard(); err != nil {
		return Opened{}, err
	}
	account, err := p.Account(ctx, t)
	if err != nil {
		return Opened{}, err
	}
	if err := p.MayKeep(ctx, t, with); err != nil {
		return Opened{}, err
	}
	var id uuid.UUID
	var repeated bool
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, again, err := tx.Once(ctx, claim, 201, func() (any, error) {
			pay := store.Payment{ID: ident.New(), Account: account, Payer: user, Subject: "wallet/" + user.String(), With: with,
				Amount: amount.Amount, Currency: string(amount.Currency), ClosesAt: p.now().Add(openFor)}
			if err := tx.OpenPayment(ctx, pay, p.now().Add(carryAfter)); errors.Is(err, store.ErrTaken) {
				return nil, fault.New("payment_at_work")
			} else if err != nil {
				return nil, err
			}
			if err := tx.OpenAccounts(ctx, ledger.Wallet(user, amount.Currency)); err != nil {
				return nil, err
			}
			if err := tx.Audit(store.Audit{Actor: user, Action: "wallet.top_up", Target: "payment/" + pay.ID.String(), Detail: map[string]any{"amount": pay.Amount, "currency": pay.Currency}}); err != nil {
				return nil, err
			}
			return pay.ID, nil
		})
		if err != nil {
			return err
		}
		repeated = again
		return json.Unmarshal(answer, &id)
	})
	if err != nil {
		return Opened{}, err
	}
	pay, next, err := p.Carry(ctx, t, id, OpPay, 1)
	return Opened{Payment: pay, Next: next, Repeated: repeated}, err
}
