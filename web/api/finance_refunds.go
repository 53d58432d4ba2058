package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// CaseRefund is money that a case was decided to give back the way it came.
type CaseRefund struct {
	Case          uuid.UUID  `json:"case" format:"uuid" example:"0190b7a6-5555-7abc-8def-0123456789ab"`
	Subject       string     `json:"subject" example:"booking/0190b7a6-4444-7abc-8def-0123456789ab"`
	RiderName     string     `json:"rider_name,omitempty" example:"Salma Bennani"`
	Amount        Money      `json:"amount"`
	State         string     `json:"state" enum:"requested,done,refused" example:"refused" doc:"A refused one waits for people"`
	Answer        string     `json:"answer,omitempty" example:"We are sorry." doc:"What the rider was told"`
	DecidedByName string     `json:"decided_by_name,omitempty" example:"Nadia Alaoui"`
	DecidedAt     time.Time  `json:"decided_at" example:"2026-11-22T20:34:11Z"`
	Payment       *uuid.UUID `json:"payment,omitempty" format:"uuid" doc:"Absent: it went into the wallet with the decision, or the gateway was not asked yet"`
	Problem       string     `json:"problem,omitempty" example:"The card was closed." doc:"What the gateway said last"`
	Said          string     `json:"said,omitempty" doc:"The problem in words"`
	SettledAt     *time.Time `json:"settled_at,omitempty" example:"2026-11-22T20:34:12Z" doc:"When the gateway answered"`
}

type askRefunds struct {
	State  string `query:"state" enum:"open,requested,done,refused" example:"open" doc:"Absent: all; open: requested or refused"`
	Cursor string `query:"cursor" maxLength:"100"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" example:"50"`
}

type askSettleRefund struct {
	ID   uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-5555-7abc-8def-0123456789ab"`
	Body struct {
		As string `json:"as" enum:"again,wallet" example:"wallet" doc:"The gateway is asked again, or the money goes into the payer's wallet"`
	}
}

// FinanceRefunds is what cases give back, for those who answer for the money.
func FinanceRefunds(f *billing.Finance, p *billing.Payments) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "finance.refunds", rest.Doc{Summary: "List what cases give back", About: "Newest first."},
			func(ctx context.Context, in *askRefunds) (*rest.Answer[rest.Page[CaseRefund]], error) {
				var states []store.RefundState
				switch in.State {
				case "":
				case "open":
					states = []store.RefundState{store.RefundRequested, store.RefundRefused}
				default:
					states = []store.RefundState{store.RefundState(in.State)}
				}
				items, next, err := f.Refunds(ctx, byOf(ctx).Tenant, states, in.Cursor, in.Limit)
				if err != nil {
					return nil, err
				}
				page := rest.Page[CaseRefund]{Items: make([]CaseRefund, len(items)), Next: next}
				for i, r := range items {
					page.Items[i] = refundOf(ctx, r)
				}
				return rest.Say(page), nil
			})
		rest.Handle(a, "finance.settleRefund", rest.Doc{Summary: "Settle a refund that was refused", Status: http.StatusNoContent,
			About: "The gateway is asked again, or the money goes into the payer's wallet. Named by its case; one that is under way or done is refund_under_way."},
			func(ctx context.Context, in *askSettleRefund) (*rest.Nothing, error) {
				if _, err := f.Refund(ctx, byOf(ctx).Tenant, in.ID); err != nil {
					return nil, err
				}
				if err := policy.Can(ctx, policy.FinanceWrite, thingOf(ctx, "case", in.ID)); err != nil {
					return nil, err
				}
				return &rest.Nothing{}, p.SettleRequest(ctx, byOf(ctx).Tenant, byOf(ctx).User, rest.ClaimOf(ctx), in.ID, in.Body.As)
			})
	}
}

func refundOf(ctx context.Context, r store.RefundRequest) CaseRefund {
	out := CaseRefund{Case: r.Case, Subject: r.Subject, RiderName: r.RiderName, Amount: Money{r.Amount, r.Currency}, State: string(r.State), Answer: r.Answer,
		DecidedByName: r.DecidedByName, DecidedAt: r.RequestedAt.UTC(), Problem: r.Problem, Said: saidOf(ctx, r.Problem), SettledAt: instant(r.SettledAt)}
	if r.Payment != uuid.Nil {
		out.Payment = &r.Payment
	}
	return out
}
