package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

// Wallet is a user's own money with the operator.
type Wallet struct {
	Balance   Money        `json:"balance"`
	Available Money        `json:"available" doc:"Less what is set aside"`
	Lines     []WalletLine `json:"lines" doc:"What moved it in the last 90 days, the newest first, 200 at most"`
}

// WalletLine is one movement.
type WalletLine struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind" example:"payment_captured"`
	Subject string    `json:"subject,omitempty" example:"booking/019ab1b0-8c40-7abc-8def-0123456789ab"`
	Amount  Money     `json:"amount" doc:"Negative: it went out"`
	After   Money     `json:"after" doc:"What was there then"`
}

type askTopUp struct {
	Body struct {
		Amount Money `json:"amount" doc:"In the operator's currency"`
		WithCard
	}
}

type listPayments struct {
	Cursor string `query:"cursor" format:"uuid" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type paymentID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type purse struct {
	p      *billing.Payments
	people *identity.Service
}

// Purse is what a user has, owes and paid.
func Purse(p *billing.Payments, people *identity.Service) func(*rest.API) {
	w := purse{p, people}
	return func(a *rest.API) {
		rest.Handle(a, "me.wallet", rest.Doc{Summary: "See my wallet"}, w.wallet)
		rest.Handle(a, "me.topUp", rest.Doc{Summary: "Top up my wallet", Status: http.StatusCreated,
			About: "Asks for money. It is in the wallet when the acquirer has it, not before. payment_at_work while another one is open."}, w.topUp)
		rest.Handle(a, "me.payments", rest.Doc{Summary: "See my payments", About: "Newest first."}, w.list)
		rest.Handle(a, "me.payment", rest.Doc{Summary: "Go on with a payment of mine", About: "What came of it, and what is left to do."}, w.get)
		rest.Handle(a, "me.giveUpPayment", rest.Doc{Summary: "Call off a payment of mine",
			About: "For a wallet or a pass, while it is open; one that is over stays as it is, which the answer says. A seat's payment is called off with its booking."}, w.giveUp)
	}
}

func (w purse) wallet(ctx context.Context, _ *struct{}) (*rest.Answer[Wallet], error) {
	me, err := w.people.Me(ctx)
	if err != nil {
		return nil, err
	}
	c := ledger.Currency(me.Tenant.Currency)
	have, err := w.p.Wallet(ctx, me.Tenant.ID, me.User, c)
	if err != nil {
		return nil, err
	}
	out := Wallet{Balance: moneyOf(have.Balance), Available: moneyOf(have.Available), Lines: make([]WalletLine, len(have.Lines))}
	for i, l := range have.Lines {
		out.Lines[i] = WalletLine{At: l.At.UTC(), Kind: l.Kind, Subject: l.Subject, Amount: Money{l.Credit - l.Debit, string(c)}, After: Money{-l.Balance, string(c)}}
	}
	return rest.Say(out), nil
}

func (w purse) topUp(ctx context.Context, in *askTopUp) (*rest.Answer[PaymentStep], error) {
	me, err := w.people.Me(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body.Amount.Currency != me.Tenant.Currency {
		return nil, fault.New("currency_mismatch").At("/amount/currency")
	}
	o, err := w.p.TopUp(ctx, me.Tenant.ID, me.User, rest.ClaimOf(ctx), ledger.Of(in.Body.Amount.Amount, ledger.Currency(in.Body.Amount.Currency)), in.Body.with())
	if err != nil {
		return nil, err
	}
	s, err := w.p.Step(ctx, me.Tenant.ID, o.Payment.ID)
	return rest.Say(stepOf(s)), err
}

func (w purse) list(ctx context.Context, in *listPayments) (*rest.Answer[rest.Page[Payment]], error) {
	by := byOf(ctx)
	before := uuid.Nil
	if in.Cursor != "" {
		before = uuid.MustParse(in.Cursor) // its format was checked
	}
	all, err := w.p.Mine(ctx, by.Tenant, by.User, before, in.Limit)
	if err != nil {
		return nil, err
	}
	page := rest.Page[Payment]{Items: make([]Payment, len(all))}
	sellers := map[uuid.UUID]string{}
	for i, p := range all {
		if _, known := sellers[p.Account]; !known {
			if sellers[p.Account], err = w.p.Merchant(ctx, by.Tenant, p.Account); err != nil {
				return nil, err
			}
		}
		page.Items[i] = paymentOf(p)
		page.Items[i].Merchant = sellers[p.Account]
	}
	if len(all) == in.Limit {
		page.Next = all[len(all)-1].ID.String()
	}
	return rest.Say(page), nil
}

func (w purse) get(ctx context.Context, in *paymentID) (*rest.Answer[PaymentStep], error) {
	if err := w.mine(ctx, policy.SelfRead, in.ID); err != nil {
		return nil, err
	}
	s, err := w.p.Step(ctx, byOf(ctx).Tenant, in.ID)
	return rest.Say(stepOf(s)), err
}

func (w purse) giveUp(ctx context.Context, in *paymentID) (*rest.Answer[Payment], error) {
	if err := w.mine(ctx, policy.SelfWrite, in.ID); err != nil {
		return nil, err
	}
	by := byOf(ctx)
	p, err := w.p.GiveUp(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := paymentOf(p)
	out.Merchant, err = w.p.Merchant(ctx, by.Tenant, p.Account)
	return rest.Say(out), err
}

// mine says who may do this with a payment: its payer.
func (w purse) mine(ctx context.Context, act policy.Action, id uuid.UUID) error {
	by := byOf(ctx)
	p, err := w.p.Get(ctx, by.Tenant, id)
	if err != nil {
		return err
	}
	err = policy.Can(ctx, act, policy.Resource{Tenant: by.Tenant, Kind: "payment", ID: p.ID, Owner: p.Payer})
	if fault.Is(err, "not_found") {
		err = fault.New("payment_not_found") // as of one that nobody made
	}
	return err
}

func moneyOf(m ledger.Money) Money { return Money{m.Amount, string(m.Currency)} }
