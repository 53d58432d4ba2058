package billing

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// TakeCash declares that an agent took cash from a rider, whose wallet has it at once. The agent's shift opens if it is the
// first. A repeat under the same key hears the first answer.
func (c *Cash) TakeCash(ctx context.Context, t tenant.ID, agent uuid.UUID, claim idem.Claim, rider uuid.UUID, amount int64) (store.Taking, error) {
	var taking store.Taking
	err := c.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) { return takeCash(ctx, tx, agent, rider, amount) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &taking)
	})
	return taking, err
}

func takeCash(ctx context.Context, tx *store.Tx, agent, rider uuid.UUID, amount int64) (store.Taking, error) {
	row, err := tx.Terms(ctx)
	if err != nil {
		return store.Taking{}, err
	}
	terms, err := readCashTerms(row)
	if err != nil {
		return store.Taking{}, err
	}
	money := ledger.Of(amount, terms.currency)
	if err := money.Check(); err != nil {
		return store.Taking{}, fault.As(err).At("/amount")
	}
	if amount > terms.most {
		return store.Taking{}, fault.New("cash_too_much", fault.Params{"max": ledger.Of(terms.most, terms.currency).String()}).At("/amount")
	}
	if rider == agent {
		return store.Taking{}, fault.New("cash_for_oneself").At("/rider")
	}
	who, err := tx.Rider(ctx, rider)
	if store.IsNotFound(err) {
		return store.Taking{}, fault.New("not_found").At("/rider")
	}
	if err != nil {
		return store.Taking{}, err
	}
	shift, _, err := tx.OpenShift(ctx, agent, string(terms.currency))
	if err != nil {
		return store.Taking{}, err
	}
	float, wallet := ledger.Float(agent, terms.currency), ledger.Wallet(rider, terms.currency)
	if err := tx.OpenAccounts(ctx, float, wallet); err != nil {
		return store.Taking{}, err
	}
	books, err := tx.Books(ctx, float, wallet)
	if err != nil {
		return store.Taking{}, err
	}
	if books[float.Ref()].Posted > terms.mostHeld-amount {
		return store.Taking{}, fault.New("cash_float_full", fault.Params{"max": ledger.Of(terms.mostHeld, terms.currency).String()}).At("/amount")
	}
	k := store.Taking{ID: ident.New(), Shift: shift.ID, Rider: rider, RiderName: who.Name, Amount: amount, Currency: string(terms.currency)}
	if k.At, err = tx.AddTaking(ctx, k); err != nil {
		return k, err
	}
	_, err = tx.RecordOne(ctx, ledger.Post("cash:"+k.ID.String()+":taken", "cash_taken", ledger.Debit(float, money), ledger.Credit(wallet, money)).About("cash/"+k.ID.String()))
	if err != nil {
		return k, err
	}
	return k, tx.Audit(store.Audit{Actor: agent, Action: "cash.take", Target: "cash/" + k.ID.String(),
		Detail: map[string]any{"rider": rider, "amount": amount, "currency": k.Currency, "shift": shift.ID}})
}
