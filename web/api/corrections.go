package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Correction is a journal that corrects what a finding says: one prepares it, another approves it.
type Correction struct {
	ID          uuid.UUID         `json:"id" format:"uuid"`
	Finding     uuid.UUID         `json:"finding" format:"uuid"`
	FindingKind string            `json:"finding_kind" example:"amount_differs"`
	Subject     string            `json:"subject" example:"payment/0190b7a6-8888-7abc-8def-0123456789ab"`
	Reason      string            `json:"reason" example:"Refunded on the gateway's pages"`
	Answers     string            `json:"answers,omitempty" example:"refund" doc:"Which movement of the gateway it stands for when days are compared"`
	Happened    string            `json:"happened,omitempty" format:"date" example:"2026-11-20" doc:"Absent: when it is approved"`
	Currency    string            `json:"currency" example:"MAD"`
	Entries     []CorrectionEntry `json:"entries"`
	State       string            `json:"state" enum:"draft,approved,discarded" example:"draft"`
	MadeBy      uuid.UUID         `json:"made_by" format:"uuid"`
	MadeByName  string            `json:"made_by_name" example:"Salma Bennis"`
	MadeAt      time.Time         `json:"made_at" example:"2026-11-23T07:00:00Z"`
	DecidedBy   string            `json:"decided_by_name,omitempty" example:"Karim Alaoui"`
	DecidedAt   *time.Time        `json:"decided_at,omitempty"`
}

// CorrectionEntry is one account, debited or credited.
type CorrectionEntry struct {
	Account string `json:"account" minLength:"1" maxLength:"120" example:"deferred:refunds"`
	Debit   bool   `json:"debit" example:"true" doc:"Else credited"`
	Amount  int64  `json:"amount" minimum:"1" example:"5000" doc:"In minor units"`
}

type prepareCorrection struct {
	ID   uuid.UUID `path:"id" format:"uuid" doc:"The finding"`
	Body struct {
		Reason   string            `json:"reason" minLength:"1" maxLength:"500" example:"Refunded on the gateway's pages"`
		Answers  string            `json:"answers,omitempty" enum:"charge,refund,dispute,dispute_won,payout,fee" example:"refund"`
		Happened string            `json:"happened,omitempty" format:"date" example:"2026-11-20" doc:"In an open period, not later than today"`
		Currency string            `json:"currency" pattern:"^[A-Z]{3}$" example:"MAD"`
		Entries  []CorrectionEntry `json:"entries" minItems:"2" maxItems:"20"`
	}
}

// Corrections is how finance corrects the books.
func Corrections(c *billing.Corrections) func(*rest.API) {
	show := func(ctx context.Context, id uuid.UUID) (*rest.Answer[Correction], error) {
		x, err := c.Correction(ctx, byOf(ctx).Tenant, id)
		return rest.Say(correctionOf(x)), err
	}
	step := func(action policy.Action, do func(context.Context, tenant.ID, uuid.UUID, idem.Claim, uuid.UUID) error) func(context.Context, *thingID) (*rest.Answer[Correction], error) {
		return func(ctx context.Context, in *thingID) (*rest.Answer[Correction], error) {
			if err := policy.Can(ctx, action, thingOf(ctx, "correction", in.ID)); err != nil {
				return nil, err
			}
			if err := do(ctx, byOf(ctx).Tenant, byOf(ctx).User, rest.ClaimOf(ctx), in.ID); err != nil {
				return nil, err
			}
			return show(ctx, in.ID)
		}
	}
	return func(a *rest.API) {
		rest.Handle(a, "corrections.list", rest.Doc{Summary: "List corrections", About: "Newest first."}, func(ctx context.Context, in *struct {
			State  string `query:"state" enum:"draft,approved,discarded"`
			Cursor string `query:"cursor" format:"uuid"`
			Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
		}) (*rest.Answer[rest.Page[Correction]], error) {
			all, err := c.List(ctx, byOf(ctx).Tenant, in.State, cursorOf(in.Cursor), in.Limit)
			page := rest.Page[Correction]{Items: make([]Correction, len(all))}
			for i, x := range all {
				page.Items[i] = correctionOf(x)
			}
			if len(all) == in.Limit {
				page.Next = all[len(all)-1].ID.String()
			}
			return rest.Say(page), err
		})
		rest.Handle(a, "corrections.get", rest.Doc{Summary: "See a correction"}, func(ctx context.Context, in *thingID) (*rest.Answer[Correction], error) {
			if err := policy.Can(ctx, policy.FinanceRead, thingOf(ctx, "correction", in.ID)); err != nil {
				return nil, err
			}
			return show(ctx, in.ID)
		})
		rest.Handle(a, "corrections.prepare", rest.Doc{Summary: "Prepare a correction of a finding", Status: http.StatusCreated,
			About: "A journal on accounts that finance may move, each there already. Nothing is written until somebody else approves it."},
			func(ctx context.Context, in *prepareCorrection) (*rest.Answer[Correction], error) {
				if err := policy.Can(ctx, policy.FinanceWrite, thingOf(ctx, "finding", in.ID)); err != nil {
					return nil, err
				}
				x := store.Correction{Finding: in.ID, Reason: in.Body.Reason, Answers: in.Body.Answers, Currency: in.Body.Currency}
				if in.Body.Happened != "" {
					day, err := servicedate.Parse(in.Body.Happened)
					if err != nil {
						return nil, fault.New("bad_date").At("/happened")
					}
					x.Happened = day
				}
				for _, e := range in.Body.Entries {
					x.Entries = append(x.Entries, store.CorrectionEntry(e))
				}
				id, err := c.Prepare(ctx, byOf(ctx).Tenant, byOf(ctx).User, rest.ClaimOf(ctx), x)
				if err != nil {
					return nil, err
				}
				return show(ctx, id)
			})
		rest.Handle(a, "corrections.approve", rest.Doc{Summary: "Approve a correction", About: "Never one's own. The journal is written, and the finding explained by it."}, step(policy.PayoutApprove, c.Approve))
		rest.Handle(a, "corrections.discard", rest.Doc{Summary: "Discard a correction", About: "Before it is approved."}, step(policy.FinanceWrite, c.Discard))
	}
}

func correctionOf(x store.Correction) Correction {
	out := Correction{ID: x.ID, Finding: x.Finding, FindingKind: x.Kind, Subject: x.Subject, Reason: x.Reason, Answers: x.Answers, Currency: x.Currency, State: x.State,
		Entries: make([]CorrectionEntry, len(x.Entries)), MadeBy: x.MadeBy, MadeByName: x.Maker, MadeAt: x.MadeAt.UTC(), DecidedBy: x.Decider, DecidedAt: instant(x.DecidedAt)}
	if !x.Happened.IsZero() {
		out.Happened = x.Happened.String()
	}
	for i, e := range x.Entries {
		out.Entries[i] = CorrectionEntry(e)
	}
	return out
}
