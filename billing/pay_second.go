package billing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// PaySecond credits a second expert with their minutes, once: the operator bears them, no client's money moves. Who has none is owed nothing.
func (p *Payments) PaySecond(ctx context.Context, t tenant.ID, offer uuid.UUID) error {
	e, err := p.db.Read(t).SecondEarned(ctx, offer)
	if store.IsNotFound(err) || err == nil && e.Part() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	c := e.Price.Currency
	part := ledger.Of(e.Part(), c)
	return p.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, err := tx.RecordOne(ctx, ledger.Post("second:"+offer.String(), "second_earned", ledger.Debit(ledger.Fees("second-expert", c), part), ledger.Credit(ledger.Payable(e.Expert, c), part)).
			About(sessionSubject(e.Funds)))
		return err
	})
}
