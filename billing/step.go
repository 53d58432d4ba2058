package billing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Step is a payment with what its payer has to do next, if anything.
type Step struct {
	Payment  store.Payment
	Next     gateway.Next
	Form     gateway.Form
	Merchant string // of record: who sells, as the payer's bank knows them
}

// Step brings a payment that was opened to its gateway, if nobody has yet, and says what its payer goes on with.
func (p *Payments) Step(ctx context.Context, t tenant.ID, payment uuid.UUID) (Step, error) {
	op, err := p.makerOf(ctx, t, payment)
	if err != nil {
		return Step{}, err
	}
	pay, next, err := p.Carry(ctx, t, payment, op, 1)
	if err != nil {
		return Step{}, err
	}
	g, err := p.accounts.Open(ctx, t, pay.Account)
	if err != nil {
		return Step{}, err
	}
	return Step{Payment: pay, Next: next, Form: g.Profile().Form, Merchant: g.Profile().Merchant.Name}, nil
}

// makerOf is the operation that makes a payment.
func (p *Payments) makerOf(ctx context.Context, t tenant.ID, payment uuid.UUID) (string, error) {
	pay, err := p.Get(ctx, t, payment)
	if err != nil || !isSession(pay) {
		return OpPay, err
	}
	_, err = p.db.Read(t).Operation(ctx, payment, OpAuthorise, 1)
	if store.IsNotFound(err) { // it was set aside while they talked
		return OpExtend, nil
	}
	return OpAuthorise, err
}

// Account is the tenant's account that takes a payer's money in the browser, payment_not_set_up without one. Where a tenant
// has several, the one whose form stays in the page comes first.
func (p *Payments) Account(ctx context.Context, t tenant.ID) (uuid.UUID, error) {
	for _, kind := range []gateway.Kind{gateway.Stripe, gateway.Redirect} {
		account, err := p.db.Read(t).GatewayAccountOf(ctx, string(kind))
		if err == nil {
			return account.ID, nil
		}
		if !store.IsNotFound(err) {
			return uuid.Nil, err
		}
	}
	return uuid.Nil, fault.New("payment_not_set_up")
}
