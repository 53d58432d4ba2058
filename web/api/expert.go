package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/payout"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/web/rest"
)

// Expert is somebody whom the operator pays, with what waits for them and where it would go.
type Expert struct {
	ID        uuid.UUID      `json:"id" format:"uuid"`
	Name      string         `json:"name" example:"Yasmin Haddad"`
	Payable   []Money        `json:"payable" doc:"What a bank could be told to pay now, by currency"`
	AtGateway []Money        `json:"at_gateway" doc:"What lies in their own account at the gateway"`
	OwesBack  []Money        `json:"owes_back" doc:"Kept from what is paid next"`
	Holder    string         `json:"holder,omitempty" example:"Y. Haddad"`
	Number    string         `json:"number,omitempty" example:"AE07•••••••••••••••3456" doc:"As much of it as is shown; absent: nobody has said where a bank brings it"`
	NumberAt  *time.Time     `json:"number_at,omitempty" doc:"Since when it is this one"`
	Account   *SellerAccount `json:"account,omitempty" doc:"At the gateway; absent: they have none"`
	Last      *ExpertPayout  `json:"last_payout,omitempty"`
}

// ExpertPayout is money that went out to an expert, or is about to.
type ExpertPayout struct {
	Run     uuid.UUID `json:"run" format:"uuid"`
	Amount  Money     `json:"amount"`
	State   string    `json:"state" enum:"draft,sent,confirmed,returned,dropped" example:"confirmed"`
	At      time.Time `json:"at" doc:"When its run was sent; in the list of an expert's: made"`
	Rail    string    `json:"rail,omitempty" example:"bank-file"`
	Number  string    `json:"number,omitempty" example:"AE07•••••••••••••••3456"`
	Problem string    `json:"problem,omitempty" example:"account_closed"`
}

// ExpertAct is a change of where an expert's money goes.
type ExpertAct struct {
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty" example:"Salma Bennis" doc:"Absent: the system"`
	Action string    `json:"action" enum:"beneficiary.set,seller.open" example:"beneficiary.set"`
	Number string    `json:"number,omitempty" example:"AE07•••••••••••••••3456"`
}

// ExpertStory is an expert with their past, the newest first; 50 of each at most.
type ExpertStory struct {
	Expert
	Payouts []ExpertPayout `json:"payouts"`
	Acts    []ExpertAct    `json:"acts"`
}

type askExperts struct {
	Q      string `query:"q" maxLength:"100" example:"yas" doc:"Part of a name, of anybody's; absent: those whom the operator pays"`
	Cursor string `query:"cursor" format:"uuid" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30" example:"30"`
}

// expertPages are the two ways of looking at experts.
func expertPages(a *rest.API, d payDesk) {
	rest.Handle(a, "experts.list", rest.Doc{Summary: "List experts", About: "By name."}, func(ctx context.Context, in *askExperts) (*rest.Answer[rest.Page[Expert]], error) {
		found, err := d.p.Experts(ctx, byOf(ctx).Tenant, in.Q, cursorOf(in.Cursor), in.Limit)
		if err != nil {
			return nil, err
		}
		page := rest.Page[Expert]{Items: make([]Expert, len(found))}
		for i, e := range found {
			page.Items[i] = expertOf(e)
		}
		if len(found) == in.Limit {
			page.Next = found[len(found)-1].ID.String()
		}
		return rest.Say(page), nil
	})
	rest.Handle(a, "experts.get", rest.Doc{Summary: "See an expert"}, func(ctx context.Context, in *thingID) (*rest.Answer[ExpertStory], error) {
		if err := d.may(ctx, policy.FinanceRead, in.ID); err != nil {
			return nil, err
		}
		s, err := d.p.Expert(ctx, byOf(ctx).Tenant, in.ID)
		if err != nil {
			return nil, err
		}
		out := ExpertStory{Expert: expertOf(s.Expert), Payouts: make([]ExpertPayout, len(s.Payouts)), Acts: make([]ExpertAct, len(s.Acts))}
		for i, p := range s.Payouts {
			out.Payouts[i] = ExpertPayout{Run: p.Run, Amount: Money{p.Amount, p.Currency}, State: p.State, At: p.At, Rail: p.Rail, Number: payout.Masked(p.Number), Problem: p.Problem}
		}
		for i, x := range s.Acts {
			var detail struct {
				Number string `json:"number"`
			}
			_ = json.Unmarshal(x.Detail, &detail) // what an older release wrote says nothing
			out.Acts[i] = ExpertAct{At: x.At, By: x.By, Action: x.Action, Number: detail.Number}
		}
		return rest.Say(out), nil
	})
}

func expertOf(e billing.Expert) Expert {
	out := Expert{ID: e.ID, Name: e.Name, Payable: []Money{}, AtGateway: []Money{}, OwesBack: []Money{}, Holder: e.Holder, NumberAt: some(e.NumberSince)}
	if e.Number != "" {
		out.Number = payout.Masked(e.Number)
	}
	for _, o := range e.Owed {
		m := Money{o.Amount, o.Currency}
		switch {
		case o.Back:
			out.OwesBack = append(out.OwesBack, m)
		case o.AtGateway:
			out.AtGateway = append(out.AtGateway, m)
		default:
			out.Payable = append(out.Payable, m)
		}
	}
	if e.Account != nil {
		s := sellerOf(billing.Seller{User: e.ID, SeenAt: e.SeenAt, Account: *e.Account})
		out.Account = &s
	}
	if e.Paid.Run != uuid.Nil {
		out.Last = &ExpertPayout{Run: e.Paid.Run, Amount: Money{e.Paid.Amount, e.Paid.Currency}, State: e.Paid.State, At: e.Paid.At}
	}
	return out
}
