package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/web/rest"
)

// OrganisationAlert is the highest threshold of its budget that a programme has reached in a month.
type OrganisationAlert struct {
	BudgetAlert
	Programme        uuid.UUID `json:"programme" format:"uuid" example:"0190b7a6-aaaa-7abc-8def-0123456789ab"`
	Name             string    `json:"name" example:"Day shift"`
	Organisation     uuid.UUID `json:"organisation" format:"uuid"`
	OrganisationName string    `json:"organisation_name" example:"Câblages du Détroit"`
	Month            string    `json:"month" example:"2026-11"`
	Granted          Money     `json:"granted" doc:"As it was reached"`
	Budget           Money     `json:"budget" doc:"As it was then"`
}

type askBudgetAlerts struct {
	Cursor string `query:"cursor" maxLength:"100"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" example:"50"`
}

// FinanceBudgets is how far organisations have used the budgets of their programmes.
func FinanceBudgets(f *billing.Finance) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "finance.budgetAlerts", rest.Doc{Summary: "List budget alerts", About: "Of all organisations, newest first: of each programme and month the highest threshold that was reached."},
			func(ctx context.Context, in *askBudgetAlerts) (*rest.Answer[rest.Page[OrganisationAlert]], error) {
				items, next, err := f.BudgetAlerts(ctx, byOf(ctx).Tenant, in.Cursor, in.Limit)
				if err != nil {
					return nil, err
				}
				page := rest.Page[OrganisationAlert]{Items: make([]OrganisationAlert, len(items)), Next: next}
				for i, x := range items {
					page.Items[i] = OrganisationAlert{BudgetAlert{x.Threshold, x.At.UTC(), instant(x.Told)}, x.Programme, x.Name, x.Organisation, x.OrganisationName, x.Month.String()[:7],
						Money{x.Spent, x.Currency}, Money{x.Budget, x.Currency}}
				}
				return rest.Say(page), nil
			})
	}
}
