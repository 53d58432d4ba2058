package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payout"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Payout is a run that pays experts over one rail.
type Payout struct {
	ID           uuid.UUID    `json:"id" format:"uuid"`
	Rail         string       `json:"rail" enum:"bank-file,connect" example:"bank-file"`
	State        string       `json:"state" enum:"draft,approved,sent,closed,discarded" example:"draft"`
	Minimum      Money        `json:"minimum"`
	Total        Money        `json:"total" doc:"What goes out, without what was dropped"`
	Count        int          `json:"count" example:"12" doc:"Of lines, without dropped ones"`
	Open         int          `json:"open" example:"3" doc:"Of lines that are on their way"`
	MadeBy       uuid.UUID    `json:"made_by" format:"uuid"`
	MadeByName   string       `json:"made_by_name,omitempty" example:"Salma Bennis" doc:"Not in lists"`
	MadeAt       time.Time    `json:"made_at"`
	ApprovedBy   *uuid.UUID   `json:"approved_by,omitempty" format:"uuid"`
	ApprovedName string       `json:"approved_by_name,omitempty" doc:"Not in lists"`
	ApprovedAt   *time.Time   `json:"approved_at,omitempty"`
	SentAt       *time.Time   `json:"sent_at,omitempty"`
	ClosedAt     *time.Time   `json:"closed_at,omitempty"`
	Lines        []PayoutLine `json:"lines,omitempty" doc:"At most 300; not in lists"`
}

// PayoutLine is one expert's money in a run.
type PayoutLine struct {
	ID        uuid.UUID `json:"id" format:"uuid" doc:"What the bank's statement will say"`
	Expert    uuid.UUID `json:"expert" format:"uuid"`
	Name      string    `json:"name" example:"Yasmin Haddad"`
	Holder    string    `json:"holder" example:"Y. Haddad"`
	Number    string    `json:"number" example:"AE07•••••••••••••••3456" doc:"As much of it as is shown"`
	Owed      int64     `json:"owed" example:"50000"`
	Recovered int64     `json:"recovered" example:"0" doc:"Of it: what they owe back stays here"`
	Amount    int64     `json:"amount" example:"50000"`
	State     string    `json:"state" enum:"draft,sent,confirmed,returned,dropped" example:"sent"`
	Problem   string    `json:"problem,omitempty" example:"account_closed"`
	Said      string    `json:"said,omitempty" doc:"The problem in words, where it is no person’s"`
}

type askPayouts struct {
	Cursor string `query:"cursor" format:"uuid"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
}

type makePayout struct {
	Body struct {
		Rail    string `json:"rail" enum:"bank-file,connect" example:"bank-file"`
		Minimum Money  `json:"minimum" doc:"Who is owed less waits"`
	}
}

type endPayout struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Returned bool   `json:"returned" example:"false" doc:"It came back; else it arrived"`
		Why      string `json:"why,omitempty" maxLength:"200" example:"account closed"`
	}
}

// PayoutFile is what a bank reads.
type PayoutFile struct {
	Name    string `json:"name" example:"payout-0190b7a6.csv"`
	Content string `json:"content" example:"reference,beneficiary,account_number,amount,currency,details"`
}

// Payouts is how experts are paid.
func Payouts(p *billing.Payments) func(*rest.API) {
	d := payDesk{p}
	return func(a *rest.API) {
		rest.Handle(a, "payouts.list", rest.Doc{Summary: "List payouts", About: "Newest first."}, d.list)
		rest.Handle(a, "payouts.make", rest.Doc{Summary: "Prepare a payout", Status: http.StatusCreated,
			About: "Everybody on this rail who is owed at least the minimum after what they owe back, at most 300. Nothing moves yet. One is open a rail and currency."}, d.make)
		rest.Handle(a, "payouts.get", rest.Doc{Summary: "See a payout"}, d.get)
		rest.Handle(a, "payouts.approve", rest.Doc{Summary: "Approve a payout", About: "Never one's own, and never by who set an account number that it is the first to use."}, d.step(policy.PayoutApprove, p.ApprovePayout))
		rest.Handle(a, "payouts.discard", rest.Doc{Summary: "Discard a payout", About: "Before it is sent."}, d.step(policy.PayoutMake, p.DiscardPayout))
		rest.Handle(a, "payouts.send", rest.Doc{Summary: "Send a payout", About: "Takes the money out of experts' accounts. Lines whose money is not there any more are dropped."},
			d.step(policy.PayoutMake, p.SendPayout))
		rest.Handle(a, "payouts.file", rest.Doc{Summary: "The file for the bank", About: "Once sent, and the same every time."}, d.file)
		rest.Handle(a, "payouts.end", rest.Doc{Summary: "Say what became of a line", About: "Of a bank's; a gateway tells itself. What arrived may still come back."}, d.end)
	}
}

type payDesk struct{ p *billing.Payments }

func (d payDesk) may(ctx context.Context, action policy.Action, id uuid.UUID) error {
	return policy.Can(ctx, action, policy.Resource{Tenant: byOf(ctx).Tenant, Kind: "payout", ID: id})
}

func (d payDesk) list(ctx context.Context, in *askPayouts) (*rest.Answer[rest.Page[Payout]], error) {
	found, err := d.p.PayoutRuns(ctx, byOf(ctx).Tenant, cursorOf(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	page := rest.Page[Payout]{Items: make([]Payout, len(found))}
	for i, r := range found {
		page.Items[i] = payoutOf(r)
	}
	if len(found) == in.Limit {
		page.Next = found[len(found)-1].ID.String()
	}
	return rest.Say(page), nil
}

func (d payDesk) make(ctx context.Context, in *makePayout) (*rest.Answer[Payout], error) {
	by := byOf(ctx)
	id, err := d.p.MakePayout(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.Body.Rail, ledger.Of(in.Body.Minimum.Amount, ledger.Currency(in.Body.Minimum.Currency)))
	if err != nil {
		return nil, err
	}
	return d.show(ctx, id)
}

func (d payDesk) get(ctx context.Context, in *thingID) (*rest.Answer[Payout], error) {
	if err := d.may(ctx, policy.FinanceRead, in.ID); err != nil {
		return nil, err
	}
	return d.show(ctx, in.ID)
}

func (d payDesk) show(ctx context.Context, id uuid.UUID) (*rest.Answer[Payout], error) {
	r, err := d.p.PayoutRun(ctx, byOf(ctx).Tenant, id)
	if err != nil {
		return nil, err
	}
	out := payoutOf(r.PayoutRun)
	out.MadeByName, out.ApprovedName, out.Lines = r.Maker, r.Approver, make([]PayoutLine, len(r.Lines))
	for i, l := range r.Lines {
		out.Lines[i] = PayoutLine{ID: l.ID, Expert: l.Expert, Name: l.Name, Holder: l.Holder, Number: payout.Masked(l.Number), Owed: l.Owed, Recovered: l.Recovered,
			Amount: l.Amount, State: l.State, Problem: l.Problem, Said: saidOf(ctx, l.Problem)}
		if l.State == "dropped" {
			continue
		}
		out.Count++
		out.Total.Amount += l.Amount
		if l.State == "sent" {
			out.Open++
		}
	}
	return rest.Say(out), nil
}

// step is what moves a run on, with the run as it is then.
func (d payDesk) step(action policy.Action, do movesPayout) func(context.Context, *thingID) (*rest.Answer[Payout], error) {
	return func(ctx context.Context, in *thingID) (*rest.Answer[Payout], error) {
		if err := d.may(ctx, action, in.ID); err != nil {
			return nil, err
		}
		by := byOf(ctx)
		if err := do(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID); err != nil {
			return nil, err
		}
		return d.show(ctx, in.ID)
	}
}

func (d payDesk) file(ctx context.Context, in *thingID) (*rest.Answer[PayoutFile], error) {
	if err := d.may(ctx, policy.PayoutMake, in.ID); err != nil {
		return nil, err
	}
	b, err := d.p.PayoutFile(ctx, byOf(ctx).Tenant, in.ID)
	return rest.Say(PayoutFile{"payout-" + in.ID.String() + ".csv", string(b)}), err
}

func (d payDesk) end(ctx context.Context, in *endPayout) (*rest.Answer[Payout], error) {
	if err := d.may(ctx, policy.PayoutMake, in.ID); err != nil {
		return nil, err
	}
	by := byOf(ctx)
	run, err := d.p.EndPayoutLine(ctx, by.Tenant, by.User, rest.ClaimOf(ctx), in.ID, in.Body.Returned, in.Body.Why)
	if err != nil {
		return nil, err
	}
	return d.show(ctx, run)
}

func payoutOf(r store.PayoutRun) Payout {
	out := Payout{ID: r.ID, Rail: r.Rail, State: r.State, Minimum: Money{r.Minimum, r.Currency}, Total: Money{r.Amount, r.Currency}, Count: r.Lines, Open: r.Open,
		MadeBy: r.MadeBy, MadeAt: r.MadeAt, ApprovedAt: some(r.ApprovedAt), SentAt: some(r.SentAt), ClosedAt: some(r.ClosedAt)}
	if r.ApprovedBy != uuid.Nil {
		out.ApprovedBy = &r.ApprovedBy
	}
	return out
}
