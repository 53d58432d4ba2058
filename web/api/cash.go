package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// CashRider is whose wallet an agent may mean: enough to tell people apart, no more.
type CashRider struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Name string    `json:"name" example:"Amal Idrissi"`
	Hint string    `json:"hint" example:"a…l@atlas.example" doc:"Of the address or the phone"`
}

// Taking is cash that became a rider's money.
type Taking struct {
	ID       uuid.UUID  `json:"id" format:"uuid"`
	Rider    uuid.UUID  `json:"rider" format:"uuid"`
	Name     string     `json:"name,omitempty" example:"Amal Idrissi"`
	Amount   Money      `json:"amount"`
	At       time.Time  `json:"at"`
	UndoneAt *time.Time `json:"undone_at,omitempty"`
}

// MyShift is what somebody holds, and what they may do with it.
type MyShift struct {
	ID       *uuid.UUID `json:"id,omitempty" format:"uuid" doc:"Of the shift that is open; absent where none is"`
	OpenedAt *time.Time `json:"opened_at,omitempty"`
	Held     Money      `json:"held" doc:"Cash in hand by the books, fares collected on board included"`
	Taken    Money      `json:"taken" doc:"What the takings of this shift make"`
	Number   int64      `json:"number" example:"12" doc:"Of takings that stand"`
	Takings  []Taking   `json:"takings" doc:"The latest, at most 50"`
	Most     Money      `json:"most" doc:"At once"`
	MostHeld Money      `json:"most_held" doc:"In one hand"`
	UndoS    int        `json:"undo_s" example:"600" doc:"How long one's own taking may be undone"`
	Places   []string   `json:"places" example:"[\"safe\"]" doc:"Where cash is handed in"`
}

// Shift is what one person took in cash and handed in.
type Shift struct {
	ID          uuid.UUID  `json:"id" format:"uuid"`
	Holder      uuid.UUID  `json:"holder" format:"uuid"`
	HolderName  string     `json:"holder_name" example:"Hicham Alaoui"`
	State       string     `json:"state" enum:"open,closed,confirmed" example:"closed"`
	OpenedAt    time.Time  `json:"opened_at"`
	ClosedAt    *time.Time `json:"closed_at,omitempty"`
	Held        *Money     `json:"held,omitempty" doc:"Of an open one, in lists"`
	Expected    *Money     `json:"expected,omitempty" doc:"What the books had when it was closed"`
	Counted     *Money     `json:"counted,omitempty" doc:"What was counted and handed in"`
	Difference  *Money     `json:"difference,omitempty" doc:"Counted less expected"`
	Place       string     `json:"place,omitempty" example:"safe"`
	Note        string     `json:"note,omitempty"`
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	ConfirmedBy string     `json:"confirmed_by,omitempty" example:"Hind Berrada"`
	Received    *Money     `json:"received,omitempty" doc:"What was found there"`
}

type askRiders struct {
	Q string `query:"q" required:"true" minLength:"3" maxLength:"100" example:"amal" doc:"Beginning of the address, or part of the name or the phone"`
}

type askTaking struct {
	Body struct {
		Rider  uuid.UUID `json:"rider" format:"uuid"`
		Amount int64     `json:"amount" example:"10000" doc:"In the minor unit of the operator's currency"`
	}
}

type askClose struct {
	Body struct {
		Shift     uuid.UUID `json:"shift,omitempty" format:"uuid" doc:"The shift that was counted: shift_changed if another is open by now"`
		Counted   int64     `json:"counted" example:"125000" doc:"What was counted, in the minor unit"`
		Deposited int64     `json:"deposited" example:"125000" doc:"What was handed in: all that was counted"`
		Place     string    `json:"place" maxLength:"40" example:"safe"`
		Note      string    `json:"note,omitempty" maxLength:"300"`
		Alarmed   bool      `json:"alarmed,omitempty" example:"false" doc:"The count is far from what should be there (count_implausible), and that is meant"`
	}
}

type thingID struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type askShifts struct {
	State  string `query:"state" enum:"open,closed,confirmed" doc:"closed: not confirmed yet; all when absent"`
	Cursor string `query:"cursor" format:"uuid"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
}

type askShiftTakings struct {
	ID     uuid.UUID `path:"id" format:"uuid"`
	Cursor string    `query:"cursor" format:"uuid"`
	Limit  int       `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type askConfirmShift struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Received int64 `json:"received" example:"125000" doc:"What was found where it was handed in"`
	}
}

// till is the handlers of cash.
type till struct{ c *billing.Cash }

// Cash is cash in people's hands, from a rider to the operator's safe.
func Cash(c *billing.Cash) func(*rest.API) {
	d := till{c}
	return func(a *rest.API) {
		rest.Handle(a, "cash.riders", rest.Doc{Summary: "Find a rider", About: "At most eight; addresses and phones are shortened."}, d.riders)
		rest.Handle(a, "cash.take", rest.Doc{Summary: "Take cash for a rider's wallet", Status: http.StatusCreated,
			About: "Declared: the money is the rider's at once, and the agent holds it for the operator until the shift is closed. Opens a shift if none is open."}, d.take)
		rest.Handle(a, "cash.undo", rest.Doc{Summary: "Undo one's own taking", About: "Within minutes, before the shift is closed, while the rider's wallet still has it."}, d.undo)
		rest.Handle(a, "cash.shift", rest.Doc{Summary: "What I hold"}, d.mine)
		rest.Handle(a, "cash.open", rest.Doc{Summary: "Open a shift", About: "The first cash does too. One that is open stays."}, d.open)
		rest.Handle(a, "cash.close", rest.Doc{Summary: "Close a shift", About: "What was counted is handed in; what it lacks or has too much is booked as a difference. Somebody else confirms it."}, d.close)
		rest.Handle(a, "shifts.list", rest.Doc{Summary: "List shifts", About: "Newest first."}, d.list)
		rest.Handle(a, "shifts.takings", rest.Doc{Summary: "What was taken in a shift", About: "Newest first."}, d.takings)
		rest.Handle(a, "shifts.confirm", rest.Doc{Summary: "Confirm what was handed in", About: "Never one's own."}, d.confirm)
	}
}

func takingOf(k store.Taking) Taking {
	return Taking{ID: k.ID, Rider: k.Rider, Name: k.RiderName, Amount: Money{k.Amount, k.Currency}, At: k.At, UndoneAt: some(k.Undone)}
}

func shiftOf(s store.Shift) Shift {
	out := Shift{ID: s.ID, Holder: s.Holder, HolderName: s.HolderName, State: "open", OpenedAt: s.Opened, ClosedAt: some(s.Closed),
		Place: s.Place, Note: s.Note, ConfirmedAt: some(s.Confirmed), ConfirmedBy: s.ConfirmedName}
	m := func(n int64) *Money { return &Money{n, s.Currency} }
	if s.Closed.IsZero() {
		out.Held = m(s.Held)
		return out
	}
	out.State, out.Expected, out.Counted, out.Difference = "closed", m(s.Expected), m(s.Counted), m(s.Counted-s.Expected)
	if !s.Confirmed.IsZero() {
		out.State, out.Received = "confirmed", m(s.Received)
	}
	return out
}

// hintOf is so much of an address or a phone that whoever stands there can say whether it is theirs.
func hintOf(r store.Rider) string {
	if n := len(r.Phone); n > 4 {
		return "…" + r.Phone[n-4:]
	}
	name, domain, _ := strings.Cut(r.Email, "@")
	if len(name) > 2 {
		name = name[:1] + "…" + name[len(name)-1:]
	}
	return name + "@" + domain
}

func (d till) riders(ctx context.Context, in *askRiders) (*rest.Answer[rest.Page[CashRider]], error) {
	found, err := d.c.Riders(ctx, byOf(ctx).Tenant, strings.TrimSpace(in.Q))
	if err != nil {
		return nil, err
	}
	page := rest.Page[CashRider]{Items: make([]CashRider, len(found))}
	for i, r := range found {
		page.Items[i] = CashRider{ID: r.ID, Name: r.Name, Hint: hintOf(r)}
	}
	return rest.Say(page), nil
}

func (d till) take(ctx context.Context, in *askTaking) (*rest.Answer[Taking], error) {
	by := byOf(ctx)
	k, err := d.c.TakeCash(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.Body.Rider, in.Body.Amount)
	return rest.Say(takingOf(k)), err
}

func (d till) undo(ctx context.Context, in *thingID) (*rest.Answer[Taking], error) {
	by := byOf(ctx)
	if err := policy.Can(ctx, policy.CashTake, policy.Resource{Tenant: by.Tenant, Kind: "cash", ID: in.ID, Owner: by.User}); err != nil {
		return nil, err
	}
	k, err := d.c.UndoCash(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID) // another's is not found
	return rest.Say(takingOf(k)), err
}

func (d till) mine(ctx context.Context, _ *struct{}) (*rest.Answer[MyShift], error) {
	by := byOf(ctx)
	s, err := d.c.Standing(ctx, by.Tenant, by.User)
	if err != nil {
		return nil, err
	}
	m := func(n int64) Money { return Money{n, string(s.Currency)} }
	out := MyShift{OpenedAt: some(s.Shift.Opened), Held: m(s.Held), Taken: m(s.Taken), Number: s.Number, Takings: make([]Taking, len(s.Takings)),
		Most: m(s.Most), MostHeld: m(s.MostHeld), UndoS: int(s.Undo / time.Second), Places: s.Places}
	if s.Shift.ID != uuid.Nil {
		out.ID = &s.Shift.ID
	}
	for i, k := range s.Takings {
		out.Takings[i] = takingOf(k)
	}
	return rest.Say(out), nil
}

func (d till) open(ctx context.Context, _ *struct{}) (*rest.Answer[Shift], error) {
	by := byOf(ctx)
	s, err := d.c.OpenShift(ctx, by.Tenant, by.User, rest.ClaimOf(ctx))
	return rest.Say(shiftOf(s)), err
}

func (d till) close(ctx context.Context, in *askClose) (*rest.Answer[Shift], error) {
	by := byOf(ctx)
	s, err := d.c.CloseShift(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), billing.Count(in.Body))
	return rest.Say(shiftOf(s)), err
}

func (d till) list(ctx context.Context, in *askShifts) (*rest.Answer[rest.Page[Shift]], error) {
	found, err := d.c.Shifts(ctx, byOf(ctx).Tenant, in.State, cursorOf(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	page := rest.Page[Shift]{Items: make([]Shift, len(found))}
	for i, s := range found {
		page.Items[i] = shiftOf(s)
	}
	if len(found) == in.Limit {
		page.Next = found[len(found)-1].ID.String()
	}
	return rest.Say(page), nil
}

func (d till) takings(ctx context.Context, in *askShiftTakings) (*rest.Answer[rest.Page[Taking]], error) {
	by := byOf(ctx)
	if err := policy.Can(ctx, policy.FinanceRead, policy.Resource{Tenant: by.Tenant, Kind: "shift", ID: in.ID}); err != nil {
		return nil, err
	}
	found, err := d.c.ShiftTakings(ctx, by.Tenant, in.ID, cursorOf(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	page := rest.Page[Taking]{Items: make([]Taking, len(found))}
	for i, k := range found {
		page.Items[i] = takingOf(k)
	}
	if len(found) == in.Limit {
		page.Next = found[len(found)-1].ID.String()
	}
	return rest.Say(page), nil
}

func (d till) confirm(ctx context.Context, in *askConfirmShift) (*rest.Answer[Shift], error) {
	by := byOf(ctx)
	if err := policy.Can(ctx, policy.FinanceWrite, policy.Resource{Tenant: by.Tenant, Kind: "shift", ID: in.ID}); err != nil {
		return nil, err
	}
	s, err := d.c.ConfirmShift(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, in.Body.Received)
	return rest.Say(shiftOf(s)), err
}

// cursorOf is the id that a page goes on after; its format was checked.
func cursorOf(cursor string) uuid.UUID {
	if cursor == "" {
		return uuid.Nil
	}
	return uuid.MustParse(cursor)
}
