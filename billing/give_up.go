package billing

import (
	"context"
	"strings"

	"github.com/google/uuid"

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
// A seat's payment belongs to its booking (payment_not_supported): another way to pay, or letting the seat go, calls it off there.
func (p *Payments) GiveUp(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, id uuid.UUID) (store.Payment, error) {
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
			if asked = pay.Status == payment.Open; !asked {
				return id, nil
			}
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
