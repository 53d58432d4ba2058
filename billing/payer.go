package billing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// payerAt is what a gateway calls a user: one customer there, made when they first need one. That they need one is committed
// before the gateway is asked; whoever comes next asks under the same key.
func (p *Payments) payerAt(ctx context.Context, t tenant.ID, g gateway.Gateway, account, user uuid.UUID) (string, error) {
	who, err := p.db.Read(t).Payer(ctx, account, user)
	if store.IsNotFound(err) {
		who, err = p.newPayer(ctx, t, account, user)
	}
	if err != nil || who.Ref != "" {
		return who.Ref, err
	}
	// Nothing of theirs is sent along: the same order has the same body for ever.
	find := func(ctx context.Context) (gateway.Customer, error) {
		return g.LookUpCustomer(ctx, gateway.Lookup{Key: gateway.Attempts(user.String(), "customer"), Since: who.CreatedAt.Add(-time.Minute)})
	}
	c, err := gateway.Once(ctx, who.CreatedAt, p.now(), find, func(ctx context.Context) (gateway.Customer, error) {
		return g.Customer(ctx, gateway.CustomerOrder{Key: gateway.Key(user.String(), "customer", who.N), User: user.String()})
	})
	if err != nil {
		var verdict gateway.Verdict
		c, verdict, err = gateway.Judge(ctx, err, find)
		if verdict == gateway.NextKey {
			if again := p.db.InTx(context.WithoutCancel(ctx), t, func(tx *store.Tx) error { return tx.PayerAgain(ctx, who) }); again != nil {
				return "", again
			}
		}
	}
	if err != nil {
		return "", err
	}
	ctx = context.WithoutCancel(ctx)
	if err := p.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.MadePayer(ctx, who, c.ID) }); err != nil {
		return "", err
	}
	who, err = p.db.Read(t).Payer(ctx, account, user) // the first answer stays
	return who.Ref, err
}

// newPayer notes that a user needs a customer, or that a session has made one.
func (p *Payments) newPayer(ctx context.Context, t tenant.ID, account, user uuid.UUID) (store.Payer, error) {
	known, err := p.db.Read(t).CustomerAt(ctx, account, user)
	if err != nil && !store.IsNotFound(err) {
		return store.Payer{}, err
	}
	if err := p.db.InTx(ctx, t, func(tx *store.Tx) error { return tx.AddPayer(ctx, account, user, known) }); err != nil {
		return store.Payer{}, err
	}
	return p.db.Read(t).Payer(ctx, account, user)
}

// askToPay asks for the money: of a card that the payer keeps, at once; or of one that they will type, and may want kept.
func (p *Payments) askToPay(ctx context.Context, t tenant.ID, g gateway.Gateway, pay store.Payment, o store.Operation) (gateway.Payment, error) {
	order := gateway.PayOrder{Key: gateway.Key(pay.ID.String(), o.Op, o.N), Payment: pay.ID.String(), Amount: gateway.Amount{Minor: o.Amount, Currency: pay.Currency}, Group: pay.Subject}
	if g.Profile().Can(gateway.HostedPage) {
		order.CallbackURL = p.inbox.public + p.inbox.Address(Hook{Tenant: t, Account: pay.Account})
		order.ReturnURL = order.CallbackURL + back
		who, err := p.db.Read(t).UserByID(ctx, pay.Payer)
		if err != nil {
			return gateway.Payment{}, err
		}
		order.Language = who.Locale
	}
	switch {
	case pay.With.Method != uuid.Nil:
		m, err := p.db.Read(t).Method(ctx, pay.With.Method)
		if err != nil {
			return gateway.Payment{}, err
		}
		order.Customer, order.Method = m.Customer, m.Ref // one that is gone by now the gateway refuses
	case pay.With.Keep:
		customer, err := p.payerAt(ctx, t, g, pay.Account, pay.Payer)
		if err != nil {
			return gateway.Payment{}, err
		}
		order.Customer, order.Keep = customer, true
	}
	return g.Pay(ctx, order)
}

// MayKeep refuses to keep the card of a payment where the operator's gateway keeps none. Whether the payer may pay with a card that is
// kept, or keep one more, is decided in the transaction that opens the payment.
func (p *Payments) MayKeep(ctx context.Context, t tenant.ID, with store.With) error {
	if !with.Keep {
		return nil
	}
	_, err := p.keepsAt(ctx, t)
	return err
}
