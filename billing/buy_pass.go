package billing

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Ways to pay for a pass.
const (
	FromWallet = "wallet"
	ByCard     = "card"
)

// Bought is a pass that was bought; Payment is what is left to pay it, by card.
type Bought struct {
	Pass    uuid.UUID
	Payment uuid.UUID // nil: it was paid from the wallet
}

// BuyPass sells a pass to a rider. From the wallet it is active at once; by card it is open until the gateway has the money, and
// abandoned if that never comes. A repeat under the same key is the same pass.
func (p *Payments) BuyPass(ctx context.Context, t tenant.ID, rider uuid.UUID, claim idem.Claim, product uuid.UUID, with string, card store.With) (Bought, error) {
	var account uuid.UUID
	switch with {
	case FromWallet:
	case ByCard:
		at, err := p.Account(ctx, t)
		if err != nil {
			return Bought{}, err
		}
		account = at
		if err := p.MayKeep(ctx, t, card); err != nil {
			return Bought{}, err
		}
	default:
		return Bought{}, fault.New("payment_not_taken").At("/pay")
	}
	var out Bought
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) { return p.sellPass(ctx, tx, rider, product, account, card) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &out)
	})
	if err != nil || out.Payment == uuid.Nil {
		return out, err
	}
	if _, _, err := p.Carry(ctx, t, out.Payment, OpPay, 1); err != nil { // it is committed: the job goes on
		p.log.WarnContext(ctx, "billing: a pass waits for its gateway", "payment", out.Payment, "cause", err)
	}
	return out, nil
}

func (p *Payments) sellPass(ctx context.Context, tx *store.Tx, rider, product, account uuid.UUID, card store.With) (Bought, error) {
	sold, err := tx.PassProduct(ctx, product)
	if store.IsNotFound(err) {
		return Bought{}, fault.New("not_found").At("/product")
	}
	if err != nil {
		return Bought{}, err
	}
	if !sold.OnSale {
		return Bought{}, fault.New("pass_not_on_sale")
	}
	with := FromWallet
	if account != uuid.Nil {
		with = ByCard
	}
	out := Bought{Pass: ident.New()}
	x, err := tx.AddPass(ctx, out.Pass, product, rider, with)
	if err != nil {
		return out, err
	}
	price := ledger.Of(x.Price, ledger.Currency(x.Currency))
	mine, wallet := ledger.Pass(x.ID, price.Currency), ledger.Wallet(rider, price.Currency)
	if err := tx.OpenAccounts(ctx, mine, wallet); err != nil {
		return out, err
	}
	if err := tx.Audit(store.Audit{Actor: rider, Action: "pass.buy", Target: "pass/" + x.ID.String(), Detail: map[string]any{"product": product, "amount": price.Amount, "currency": price.Currency, "pay": with}}); err != nil {
		return out, err
	}
	if with == FromWallet {
		if err := activatePass(ctx, tx, &x); err != nil {
			return out, err
		}
		_, err = tx.RecordOne(ctx, ledger.Post("pass:"+x.ID.String()+":bought", "pass_bought", ledger.Debit(wallet, price), ledger.Credit(mine, price)).About("pass/"+x.ID.String()))
		return out, err
	}
	if err := price.AskedOfCard(); err != nil {
		return out, err
	}
	pay := store.Payment{ID: ident.New(), Account: account, Payer: rider, Subject: "pass/" + x.ID.String(), With: card, Amount: price.Amount, Currency: x.Currency, ClosesAt: p.now().Add(openFor)}
	if err := tx.OpenPayment(ctx, pay, p.now().Add(carryAfter)); errors.Is(err, store.ErrTaken) {
		return out, fault.New("payment_at_work")
	} else if err != nil {
		return out, err
	}
	out.Payment = pay.ID
	return out, nil
}

// activatePass lets a pass begin on the day on which it was paid.
func activatePass(ctx context.Context, tx *store.Tx, x *store.Pass) error {
	now, loc, err := wallOf(ctx, tx)
	if err != nil {
		return err
	}
	x.State, x.Activated, x.First = pass.Active, now, servicedate.On(now, loc)
	x.Last = x.Terms.Last(x.First)
	x.Due = x.Pass.Due(now, loc)
	return tx.SavePass(ctx, *x)
}

func wallOf(ctx context.Context, tx *store.Tx) (time.Time, *time.Location, error) {
	row, err := tx.Terms(ctx)
	if err != nil {
		return time.Time{}, nil, err
	}
	loc, err := tenant.Tenant{TimeZone: row.TimeZone}.Location()
	return row.Now, loc, err
}

// passPaid brings what became of a payment to the pass that it is for, in the payment's own transaction: paid, it begins;
// called off, it never will; what was given back ends it. Any of it may come again, and all of it at once.
func (p *Payments) passPaid(ctx context.Context, tx *store.Tx, pay store.Payment) error {
	x, is, err := lockPassOf(ctx, tx, pay)
	if err != nil || !is {
		return err
	}
	switch {
	case x.State == pass.Open && pay.Status == payment.Paid:
		if err := activatePass(ctx, tx, &x); err != nil {
			return err
		}
	case x.State == pass.Open && pay.Status == payment.Cancelled:
		x.State, x.Ended = pass.Abandoned, p.now()
		return tx.SavePass(ctx, x)
	}
	if pay.Refunding+pay.Elsewhere == 0 {
		return nil
	}
	return p.endPass(ctx, tx, x)
}
