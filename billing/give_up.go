package billing

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// GiveUp calls off a payment that its payer does not want to finish, so that another one can begin. One that is over stays as
// it is. If the gateway took the money at that moment the payment is paid, and the answer says so; if nobody knows yet it is
// still open, and the job finds out.
//
// A seat's payment belongs to its booking (payment_not_supported): another way to pay, or letting the seat go, calls it off there. So
// is one whose gateway can neither call it off nor say how it stands: nothing is asked of it.
func (p *Payments) GiveUp(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID) (store.Payment, error) {
	unable := p.canEnd(ctx, t, id)
	var asked bool
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		asked = false // the closure may run twice
		_, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			pay, err := tx.LockPayment(ctx, id)
			if store.IsNotFound(err) {
				return nil, fault.New("payment_not_found")
			}
			if err != nil {
				return nil, err
			}
			if of, _, _ := strings.Cut(pay.Subject, "/"); of != "wallet" && of != "pass" {
				return nil, fault.New("payment_not_supported")
			}
			if pay.Status != payment.Open {
				return id, nil
			}
			if unable != nil {
				return nil, unable
			}
			asked = true
			if err := tx.Hasten(ctx, store.Operation{Payment: id, Op: OpCancel, N: 1}); err != nil {
				return nil, err
			}
			return id, tx.Audit(store.Audit{Actor: by, Action: "payment.give_up", Target: "payment/" + id.String()})
		})
		return err
	})
	if err != nil {
		return store.Payment{}, err
	}
	if asked {
		if _, _, err := p.Carry(ctx, t, id, OpCancel, 1); err != nil { // it is committed: the job goes on
			p.log.WarnContext(ctx, "billing: a payment that was given up waits for its gateway", "payment", id, "cause", err)
		}
	}
	return p.Get(ctx, t, id)
}

// canEnd refuses where a payment's gateway can neither call it off nor say how it stands.
func (p *Payments) canEnd(ctx context.Context, t tenant.ID, id uuid.UUID) error {
	pay, err := p.db.Read(t).Payment(ctx, id)
	if err != nil {
		return err
	}
	g, err := p.accounts.Open(ctx, t, pay.Account)
	if err != nil {
		return err
	}
	if can := g.Profile(); !can.Can(gateway.PreAuthorise) && !can.Can(gateway.StatusQuery) {
		return fault.New("payment_not_supported")
	}
	return nil
}
