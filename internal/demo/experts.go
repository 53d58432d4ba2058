package demo

import (
	"context"
	"errors"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// expert is somebody whom an operator of the demonstration owes money for advice from before this system.
type expert struct {
	email, name string
	owed        int64
	number      string // where a bank brings it; empty: nobody has said yet
}

// consult gives the operator people to pay, once: what is owed to each is taken over from before, and all but one have said where
// it goes. Whoever wants to see a payout makes one as finance, and lets admin approve it.
func (d *Demo) consult(ctx context.Context, t tenant.ID, o *operator) error {
	people := make([]identity.NewUser, len(o.experts))
	for i, e := range o.experts {
		people[i] = identity.NewUser{Email: o.email(e.email), Name: e.name, Roles: []string{"rider"}}
	}
	if err := d.enrol(ctx, t, people); err != nil {
		return err
	}
	c := ledger.Currency(o.tenant.Currency)
	return d.DB.InTx(ctx, t, func(tx *store.Tx) error {
		for _, e := range o.experts {
			u, _, err := tx.UserByEmail(ctx, o.email(e.email))
			if err != nil {
				return err
			}
			if _, err := tx.Beneficiary(ctx, u.ID); store.IsNotFound(err) && e.number != "" {
				_, err = tx.SaveBeneficiary(ctx, store.Beneficiary{User: u.ID, Holder: e.name, Number: e.number})
				if err != nil {
					return err
				}
			} else if err != nil && !store.IsNotFound(err) {
				return err
			}
			owed, from := ledger.Of(e.owed, c), ledger.Payable(u.ID, c)
			if err := tx.OpenAccounts(ctx, from, ledger.Opening(c)); err != nil {
				return err
			}
			done, err := tx.Record(ctx, ledger.Post("demo:payable:"+u.ID.String(), "opening_balance", ledger.Debit(ledger.Opening(c), owed), ledger.Credit(from, owed)))
			if err != nil {
				return err
			}
			for _, r := range done {
				err = errors.Join(err, r.Err)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
