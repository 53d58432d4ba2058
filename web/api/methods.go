package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// WithCard is which card a payment is made with.
type WithCard struct {
	Method uuid.UUID `json:"method,omitempty" format:"uuid" example:"019ab1b0-8c40-7abc-8def-0123456789ab" doc:"One of the payer's saved cards (me.methods); absent: a card is typed"`
	Keep   bool      `json:"keep,omitempty" doc:"Keep the card that is typed for the next time"`
}

func (c WithCard) with() store.With {
	return store.With{Method: c.Method, Keep: c.Keep && c.Method == uuid.Nil}
}

// Method is a saved card: what may be shown of it.
type Method struct {
	ID        uuid.UUID `json:"id" format:"uuid"`
	Brand     string    `json:"brand" example:"visa"`
	Last4     string    `json:"last4" example:"4242"`
	ExpMonth  int       `json:"exp_month" example:"12"`
	ExpYear   int       `json:"exp_year" example:"2034"`
	Preferred bool      `json:"preferred" doc:"It is offered first"`
	AddedAt   time.Time `json:"added_at"`
}

// Methods is what a user keeps.
type Methods struct {
	Items []Method `json:"items" doc:"The preferred one first, then the latest; all of them"`
	Keeps bool     `json:"keeps" doc:"The operator's acquirer keeps cards: one may be saved"`
	// Before anything is begun, so that a payer knows whom they pay.
	Merchant string `json:"merchant,omitempty" example:"Atlas Navettes SARL" doc:"Who sells, as the payer's bank statement will say; absent: no card can be taken"`
}

// MethodSetup is a card on its way to being saved.
type MethodSetup struct {
	ID     uuid.UUID  `json:"id" format:"uuid"`
	State  string     `json:"state" enum:"open,done,cancelled" example:"open"`
	Method *uuid.UUID `json:"method,omitempty" format:"uuid" doc:"The saved card, once it is done"`
	Next   *NextStep  `json:"next,omitempty" doc:"Absent when nothing is left to do"`
}

type cards struct{ p *billing.Payments }

// Cards is what a user pays with again.
func Cards(p *billing.Payments) func(*rest.API) {
	c := cards{p}
	return func(a *rest.API) {
		rest.Handle(a, "me.methods", rest.Doc{Summary: "See my saved cards"}, c.list)
		rest.Handle(a, "me.saveMethod", rest.Doc{Summary: "Begin to save a card", Status: http.StatusCreated,
			About: "The card is typed into the acquirer's form; its number never comes here. It is saved when the acquirer says so. methods_full when ten are kept."}, c.save)
		rest.Handle(a, "me.methodSetup", rest.Doc{Summary: "Go on with saving a card", About: "What came of it, and what is left to do."}, c.setup)
		rest.Handle(a, "me.preferMethod", rest.Doc{Summary: "Have a saved card offered first"}, c.prefer)
		rest.Handle(a, "me.removeMethod", rest.Doc{Summary: "Remove a saved card", About: "It cannot be chosen any more at once; the acquirer forgets it right after."}, c.remove)
	}
}

func (c cards) list(ctx context.Context, _ *struct{}) (*rest.Answer[Methods], error) {
	by := byOf(ctx)
	all, keeps, err := c.p.Methods(ctx, by.Tenant, by.User)
	if err != nil {
		return nil, err
	}
	seller, err := c.p.Merchant(ctx, by.Tenant, uuid.Nil)
	if err != nil {
		return nil, err
	}
	out := Methods{Items: make([]Method, len(all)), Keeps: keeps, Merchant: seller}
	for i, m := range all {
		out.Items[i] = Method{ID: m.ID, Brand: m.Card.Brand, Last4: m.Card.Last4, ExpMonth: m.Card.ExpMonth, ExpYear: m.Card.ExpYear, Preferred: m.Preferred, AddedAt: m.AddedAt.UTC()}
	}
	return rest.Say(out), nil
}

func (c cards) save(ctx context.Context, _ *struct{}) (*rest.Answer[MethodSetup], error) {
	by := byOf(ctx)
	s, err := c.p.SaveMethod(ctx, by.Tenant, by.User, rest.ClaimOf(ctx))
	if err != nil {
		return nil, err
	}
	return rest.Say(setupOf(s)), nil
}

func (c cards) setup(ctx context.Context, in *thingID) (*rest.Answer[MethodSetup], error) {
	by := byOf(ctx)
	owner, err := c.p.SetupOwner(ctx, by.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	if err := policy.Can(ctx, policy.SelfRead, policy.Resource{Tenant: by.Tenant, Kind: "method", ID: in.ID, Owner: owner}); err != nil {
		return nil, err
	}
	s, err := c.p.Setup(ctx, by.Tenant, by.User, in.ID)
	if err != nil {
		return nil, err
	}
	return rest.Say(setupOf(s)), nil
}

func (c cards) prefer(ctx context.Context, in *thingID) (*rest.Answer[Methods], error) {
	return c.change(ctx, in.ID, c.p.PreferMethod)
}

func (c cards) remove(ctx context.Context, in *thingID) (*rest.Answer[Methods], error) {
	return c.change(ctx, in.ID, c.p.RemoveMethod)
}

// change does something to a saved card of the caller's own, and shows what they keep then.
func (c cards) change(ctx context.Context, id uuid.UUID, do func(context.Context, tenant.ID, uuid.UUID, idem.Claim, uuid.UUID) error) (*rest.Answer[Methods], error) {
	by := byOf(ctx)
	owner, err := c.p.MethodOwner(ctx, by.Tenant, id)
	if err != nil {
		return nil, err
	}
	if err := policy.Can(ctx, policy.SelfWrite, policy.Resource{Tenant: by.Tenant, Kind: "method", ID: id, Owner: owner}); err != nil {
		return nil, err
	}
	if err := do(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), id); err != nil {
		return nil, err
	}
	return c.list(ctx, nil)
}

func setupOf(s billing.SetupStep) MethodSetup {
	out := MethodSetup{ID: s.Setup.ID, State: string(s.Setup.State)}
	if s.Setup.Method != uuid.Nil {
		out.Method = &s.Setup.Method
	}
	if s.Setup.State == store.SetupOpen {
		out.Next = nextOf(s.Next, s.Form)
	}
	return out
}
