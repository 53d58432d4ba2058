package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// PassTerms is what a pass is good for.
type PassTerms struct {
	Rides      int         `json:"rides,omitempty" example:"10" doc:"So many; absent: a period"`
	Days       int         `json:"days" example:"30" doc:"How long it is good, the first day included"`
	PerDay     int         `json:"per_day,omitempty" example:"2" doc:"Of a period: so many rides a day; absent: as many as one likes"`
	Price      Money       `json:"price"`
	Lines      []uuid.UUID `json:"lines" doc:"None: all"`
	Stops      []uuid.UUID `json:"stops" doc:"None: all; else where the ride begins or ends"`
	RefundDays int         `json:"refund_days" example:"14" doc:"So long an unused one is taken back"`
}

// PassProduct is a pass that is sold.
type PassProduct struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Name string    `json:"name" example:"Carnet 10 trajets"`
	PassTerms
	OnSale bool `json:"on_sale" example:"true"`
}

// Pass is a rider's pass.
type Pass struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Name string    `json:"name" example:"Carnet 10 trajets"`
	PassTerms
	State      string     `json:"state" enum:"open,active,used_up,expired,refunded,abandoned" example:"active"`
	PaidWith   string     `json:"paid_with" enum:"wallet,card" example:"wallet"`
	Used       int        `json:"used" example:"3" doc:"Rides, those that came back not counted"`
	Left       *int       `json:"left,omitempty" example:"7" doc:"Of a pass of rides"`
	First      string     `json:"first,omitempty" format:"date" example:"2026-11-23" doc:"Once it is paid"`
	Last       string     `json:"last,omitempty" format:"date" example:"2026-12-22"`
	BoughtAt   time.Time  `json:"bought_at"`
	Refundable bool       `json:"refundable" doc:"It could be given back now"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
	Uses       []PassUse  `json:"uses,omitempty" doc:"Where one pass is asked for: the latest hundred"`
}

// PassUse is a booking that was paid with a pass.
type PassUse struct {
	Booking  uuid.UUID `json:"booking" format:"uuid"`
	Date     string    `json:"date" format:"date" example:"2026-11-23"`
	Time     string    `json:"time" example:"07:10"`
	Line     string    `json:"line" example:"L1 Sidi Maarouf – Casa Port"`
	From     string    `json:"from" example:"Sidi Maarouf"`
	To       string    `json:"to" example:"Casa Port"`
	Rides    int       `json:"rides" example:"1"`
	Returned bool      `json:"returned" doc:"The ride came back"`
	State    string    `json:"state" example:"confirmed" doc:"Of the booking"`
}

// PassBought is a pass that was bought, and by card the payment that is left to make (me.payment).
type PassBought struct {
	Pass    uuid.UUID  `json:"pass" format:"uuid"`
	Payment *uuid.UUID `json:"payment,omitempty" format:"uuid"`
}

type askProducts struct {
	Cursor string `query:"cursor" format:"uuid"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type addProduct struct {
	Body struct {
		Name       string      `json:"name" minLength:"1" maxLength:"80" example:"Carnet 10 trajets"`
		Rides      int         `json:"rides,omitempty" minimum:"1" maximum:"1000" example:"10"`
		Days       int         `json:"days" minimum:"1" maximum:"400" example:"30"`
		PerDay     int         `json:"per_day,omitempty" minimum:"1" maximum:"100"`
		Price      int64       `json:"price" example:"10000" doc:"In the minor unit of the operator's currency"`
		Lines      []uuid.UUID `json:"lines,omitempty" maxItems:"100"`
		Stops      []uuid.UUID `json:"stops,omitempty" maxItems:"100"`
		RefundDays int         `json:"refund_days,omitempty" minimum:"0" maximum:"400" example:"14"`
	}
}

type changeProduct struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Name   *string `json:"name,omitempty" minLength:"1" maxLength:"80"`
		Price  *int64  `json:"price,omitempty"`
		OnSale *bool   `json:"on_sale,omitempty"`
	}
}

type askBuyPass struct {
	Body struct {
		Product uuid.UUID `json:"product" format:"uuid"`
		Pay     string    `json:"pay" enum:"wallet,card" example:"wallet"`
		WithCard
	}
}

type kiosk struct{ p *billing.Payments }

// Passes is rides that are paid before they are taken.
func Passes(p *billing.Payments) func(*rest.API) {
	k := kiosk{p}
	return func(a *rest.API) {
		rest.Handle(a, "passProducts.list", rest.Doc{Summary: "See which passes are sold", About: "Newest first."}, k.products(false))
		rest.Handle(a, "passProducts.all", rest.Doc{Summary: "See all passes", About: "Those that are not sold any more too."}, k.products(true))
		rest.Handle(a, "passProducts.create", rest.Doc{Summary: "Put a pass on sale", Status: http.StatusCreated}, k.add)
		rest.Handle(a, "passProducts.update", rest.Doc{Summary: "Change what is sold from now on", About: "Passes that were sold stay as they were."}, k.change)
		rest.Handle(a, "passes.list", rest.Doc{Summary: "See my passes", About: "Newest first."}, k.list)
		rest.Handle(a, "passes.get", rest.Doc{Summary: "See a pass and what it was used for"}, k.get)
		rest.Handle(a, "passes.buy", rest.Doc{Summary: "Buy a pass", Status: http.StatusCreated, About: "From the wallet it is good at once, by card when the payment is made."}, k.buy)
		rest.Handle(a, "passes.refund", rest.Doc{Summary: "Give an unused pass back", About: "All of its price goes back where it came from."}, k.refund)
	}
}

func termsOf(t pass.Terms) PassTerms {
	return PassTerms{Rides: t.Rides, Days: t.Days, PerDay: t.PerDay, Price: Money{t.Price, t.Currency}, Lines: t.Lines, Stops: t.Stops, RefundDays: t.RefundIn}
}

func productOf(p store.PassProduct) PassProduct {
	return PassProduct{ID: p.ID, Name: p.Name, PassTerms: termsOf(p.Terms), OnSale: p.OnSale}
}

func passOf(p store.Pass) Pass {
	out := Pass{ID: p.ID, Name: p.Name, PassTerms: termsOf(p.Terms), State: string(p.State), PaidWith: p.PaidWith, Used: p.Used, BoughtAt: p.Created,
		Refundable: p.Refundable(p.Activated, time.Now()), EndedAt: some(p.Ended)}
	if !p.First.IsZero() {
		out.First, out.Last = p.First.String(), p.Last.String()
	}
	if !p.Period() {
		left := p.Rides - p.Used
		out.Left = &left
	}
	return out
}

func (k kiosk) products(withdrawn bool) func(context.Context, *askProducts) (*rest.Answer[rest.Page[PassProduct]], error) {
	return func(ctx context.Context, in *askProducts) (*rest.Answer[rest.Page[PassProduct]], error) {
		found, err := k.p.PassProducts(ctx, byOf(ctx).Tenant, withdrawn, cursorOf(in.Cursor), in.Limit)
		if err != nil {
			return nil, err
		}
		page := rest.Page[PassProduct]{Items: make([]PassProduct, len(found))}
		for i, p := range found {
			page.Items[i] = productOf(p)
		}
		if len(found) == in.Limit {
			page.Next = found[len(found)-1].ID.String()
		}
		return rest.Say(page), nil
	}
}

func (k kiosk) add(ctx context.Context, in *addProduct) (*rest.Answer[PassProduct], error) {
	by, b := byOf(ctx), in.Body
	p, err := k.p.AddPassProduct(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), store.PassProduct{Name: b.Name, Terms: pass.Terms{Rides: b.Rides, Days: b.Days, PerDay: b.PerDay,
		Price: b.Price, Lines: b.Lines, Stops: b.Stops, RefundIn: b.RefundDays}})
	return rest.Say(productOf(p)), err
}

func (k kiosk) change(ctx context.Context, in *changeProduct) (*rest.Answer[PassProduct], error) {
	by := byOf(ctx)
	if err := policy.Can(ctx, policy.PassProductWrite, policy.Resource{Tenant: by.Tenant, Kind: "pass_product", ID: in.ID}); err != nil {
		return nil, err
	}
	p, err := k.p.ChangePassProduct(ctx, by.Tenant, by.User, in.ID, billing.PassProductChange(in.Body))
	return rest.Say(productOf(p)), err
}

func (k kiosk) list(ctx context.Context, in *askProducts) (*rest.Answer[rest.Page[Pass]], error) {
	by := byOf(ctx)
	found, err := k.p.Passes(ctx, by.Tenant, by.User, cursorOf(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	page := rest.Page[Pass]{Items: make([]Pass, len(found))}
	for i, p := range found {
		page.Items[i] = passOf(p)
	}
	if len(found) == in.Limit {
		page.Next = found[len(found)-1].ID.String()
	}
	return rest.Say(page), nil
}

func (k kiosk) get(ctx context.Context, in *thingID) (*rest.Answer[Pass], error) {
	by := byOf(ctx)
	p, uses, err := k.p.Pass(ctx, by.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	if err := policy.Can(ctx, policy.PassRead, policy.Resource{Tenant: by.Tenant, Kind: "pass", ID: in.ID, Owner: p.Rider}); err != nil {
		return nil, err
	}
	out := passOf(p)
	out.Uses = make([]PassUse, len(uses))
	for i, u := range uses {
		out.Uses[i] = PassUse{Booking: u.Booking, Date: u.Date.String(), Time: u.AtClock, Line: u.LineName, From: u.FromName, To: u.ToName, Rides: u.Rides,
			Returned: u.ReturnedTo == "pass" || u.ReturnedTo == "wallet", State: u.State}
	}
	return rest.Say(out), nil
}

func (k kiosk) buy(ctx context.Context, in *askBuyPass) (*rest.Answer[PassBought], error) {
	by := byOf(ctx)
	b, err := k.p.BuyPass(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.Body.Product, in.Body.Pay, in.Body.with())
	out := PassBought{Pass: b.Pass}
	if b.Payment != uuid.Nil {
		out.Payment = &b.Payment
	}
	return rest.Say(out), err
}

func (k kiosk) refund(ctx context.Context, in *thingID) (*rest.Answer[Pass], error) {
	by := byOf(ctx)
	p, _, err := k.p.Pass(ctx, by.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	if err := policy.Can(ctx, policy.PassBuy, policy.Resource{Tenant: by.Tenant, Kind: "pass", ID: in.ID, Owner: p.Rider}); err != nil {
		return nil, err
	}
	if err := k.p.RefundPass(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID); err != nil {
		return nil, err
	}
	if p, _, err = k.p.Pass(ctx, by.Tenant, in.ID); err != nil {
		return nil, fault.As(err)
	}
	return rest.Say(passOf(p)), nil
}
