package billing

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// UndoCash takes back what an agent declared by mistake: their own, within minutes, before the shift is closed, and only
// while the rider's wallet still has it.
func (c *Cash) UndoCash(ctx context.Context, t tenant.ID, agent uuid.UUID, claim idem.Claim, id uuid.UUID) (store.Taking, error) {
	var taking store.Taking
	err := c.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) { return undoCash(ctx, tx, agent, id) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &taking)
	})
	return taking, err
}

func undoCash(ctx context.Context, tx *store.Tx, agent, id uuid.UUID) (store.Taking, error) {
	k, err := tx.LockTaking(ctx, id)
	if store.IsNotFound(err) || err == nil && k.Holder != agent {
		return store.Taking{}, fault.New("not_found")
	}
	if err != nil {
		return store.Taking{}, err
	}
	row, err := tx.Terms(ctx)
	if err != nil {
		return store.Taking{}, err
	}
	terms, err := readCashTerms(row)
	if err != nil {
		return store.Taking{}, err
	}
	switch {
	case !k.Undone.IsZero():
		return store.Taking{}, fault.New("cash_undone")
	case k.Closed || !k.Now.Before(k.At.Add(terms.undo)):
		return store.Taking{}, fault.New("cash_undo_late")
	}
	c := ledger.Currency(k.Currency)
	money := ledger.Of(k.Amount, c)
	_, err = tx.RecordOne(ctx, ledger.Post("cash:"+id.String()+":undone", "cash_undone",
		ledger.Debit(ledger.Wallet(k.Rider, c), money), ledger.Credit(ledger.Float(agent, c), money)).About("cash/"+id.String()))
	if fault.Is(err, "insufficient_funds") {
		return store.Taking{}, fault.New("cash_spent")
	}
	if err != nil {
		return store.Taking{}, err
	}
	if k.Taking.Undone, err = tx.UndoTaking(ctx, id); err != nil {
		return store.Taking{}, err
	}
	return k.Taking, tx.Audit(store.Audit{Actor: agent, Action: "cash.undo", Target: "cash/" + id.String(),
		Detail: map[string]any{"rider": k.Rider, "amount": k.Amount, "currency": k.Currency}})
}
