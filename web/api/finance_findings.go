package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Finding is a difference that somebody has to look at.
type Finding struct {
	ID        uuid.UUID      `json:"id" format:"uuid" example:"0190b7a6-bbbb-7abc-8def-0123456789ab"`
	Kind      string         `json:"kind" example:"amount_differs" doc:"Which check has found it"`
	Subject   string         `json:"subject" example:"payment/0190b7a6-8888-7abc-8def-0123456789ab"`
	Severity  string         `json:"severity" enum:"notice,warning,serious" example:"serious"`
	Detail    map[string]any `json:"detail" doc:"What was compared; by kind"`
	State     string         `json:"state" enum:"open,explained,resolved" example:"open"`
	Times     int            `json:"times" example:"3" doc:"How often it was seen"`
	FirstSeen time.Time      `json:"first_seen" example:"2026-11-22T02:00:00Z"`
	LastSeen  time.Time      `json:"last_seen" example:"2026-11-22T20:35:00Z"`
	DecidedAt *time.Time     `json:"decided_at,omitempty" example:"2026-11-22T20:40:00Z"`
	DecidedBy string         `json:"decided_by,omitempty" doc:"Absent: the check itself, which passes again"`
	Reason    string         `json:"reason,omitempty" example:"The bank's rounding"`
}

type askFindings struct {
	State  string `query:"state" enum:"open,explained,resolved" default:"open" example:"open"`
	Kind   string `query:"kind" maxLength:"40" pattern:"^[a-z_]*$" example:"amount_differs"`
	Cursor string `query:"cursor" maxLength:"100"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" example:"50"`
}

type askDecide struct {
	ID   uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-bbbb-7abc-8def-0123456789ab"`
	Body struct {
		State  string `json:"state" enum:"explained,resolved" example:"explained" doc:"explained: it stays so as long as the same is seen. resolved: what is seen after it is another finding."`
		Reason string `json:"reason" minLength:"1" maxLength:"500" example:"The bank's rounding"`
	}
}

// FinanceFindings is what checks have found, and what people say of it.
func FinanceFindings(f *billing.Finance, r *billing.Reconciler) func(*rest.API) {
	see := func(ctx context.Context, action policy.Action, id uuid.UUID) (store.Finding, error) {
		x, err := r.Finding(ctx, byOf(ctx).Tenant, id)
		if err != nil {
			return x, err
		}
		return x, policy.Can(ctx, action, thingOf(ctx, "finding", id))
	}
	return func(a *rest.API) {
		rest.Handle(a, "finance.findings", rest.Doc{Summary: "List findings", About: "What was seen last comes first."},
			func(ctx context.Context, in *askFindings) (*rest.Answer[rest.Page[Finding]], error) {
				items, next, err := f.Findings(ctx, byOf(ctx).Tenant, store.FindingsAsk{States: []store.FindingState{store.FindingState(in.State)}, Kind: in.Kind, Limit: in.Limit}, in.Cursor)
				if err != nil {
					return nil, err
				}
				page := rest.Page[Finding]{Items: make([]Finding, len(items)), Next: next}
				for i, x := range items {
					page.Items[i] = findingOf(x)
				}
				return rest.Say(page), nil
			})
		rest.Handle(a, "finance.finding", rest.Doc{Summary: "See a finding"}, func(ctx context.Context, in *byID) (*rest.Answer[Finding], error) {
			x, err := see(ctx, policy.FinanceRead, in.ID)
			if err != nil {
				return nil, err
			}
			return rest.Say(findingOf(x)), nil
		})
		rest.Handle(a, "finance.decide", rest.Doc{Summary: "Explain or resolve a finding", About: "finding_over when its check has passed again meanwhile, or somebody has resolved it."},
			func(ctx context.Context, in *askDecide) (*rest.Answer[Finding], error) {
				if _, err := see(ctx, policy.FinanceWrite, in.ID); err != nil {
					return nil, err
				}
				x, err := r.Decide(ctx, byOf(ctx).Tenant, byOf(ctx).User, rest.ClaimOf(ctx), in.ID, store.FindingState(in.Body.State), in.Body.Reason)
				if err != nil {
					return nil, err
				}
				return rest.Say(findingOf(x)), nil
			})
	}
}

func findingOf(f store.Finding) Finding {
	out := Finding{ID: f.ID, Kind: f.Kind, Subject: f.Subject, Severity: string(f.Severity), State: string(f.State), Times: f.Times,
		FirstSeen: f.FirstSeen.UTC(), LastSeen: f.LastSeen.UTC(), DecidedAt: instant(f.DecidedAt), Reason: f.Reason}
	if err := json.Unmarshal(f.Detail, &out.Detail); err != nil {
		out.Detail = map[string]any{"unreadable": fmt.Sprint(err)}
	}
	if f.DecidedBy != uuid.Nil {
		out.DecidedBy = f.DecidedBy.String()
	}
	return out
}
