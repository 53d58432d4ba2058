package employer

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
)

// Spend is what an organisation's programmes paid in a month, as far as the caller reaches.
type Spend struct {
	Month    servicedate.Date
	Centres  []store.Spend
	Months   []store.SpendMonth // the year up to the month, newest first
	Budgets  []Budget
	Alerts   []store.BudgetAlert
	Currency string
}

// Budget is how a programme's budget of the month stands.
type Budget struct {
	Programme store.Programme
	Granted   int64
}

// Spend sums a month up; the zero month is this one.
func (s *Service) Spend(ctx context.Context, org uuid.UUID, month servicedate.Date) (Spend, error) {
	ask, o, err := s.spendOf(ctx, org, month)
	if err != nil {
		return Spend{}, err
	}
	a, _ := policy.ActorFrom(ctx)
	r := s.db.Read(a.Tenant)
	out := Spend{Month: ask.Month, Currency: o.Currency}
	if out.Centres, err = r.SpendByCentre(ctx, ask); err != nil {
		return out, err
	}
	if out.Months, err = r.SpendByMonth(ctx, ask); err != nil {
		return out, err
	}
	if out.Alerts, err = r.BudgetAlerts(ctx, ask); err != nil {
		return out, err
	}
	programmes, err := r.ProgrammesOf(ctx, org, ask.Within)
	if err != nil {
		return out, err
	}
	ids := make([]uuid.UUID, len(programmes))
	for i, p := range programmes {
		ids[i] = p.ID
	}
	granted, err := r.Granted(ctx, ids, ask.Month)
	for _, p := range programmes {
		out.Budgets = append(out.Budgets, Budget{p, granted[p.ID]})
	}
	return out, err
}

// Rides is a page of a month's rides in order, after one of them.
func (s *Service) Rides(ctx context.Context, org uuid.UUID, month, afterDate servicedate.Date, after uuid.UUID, limit int) ([]store.SpendRide, error) {
	ask, _, err := s.spendOf(ctx, org, month)
	if err != nil {
		return nil, err
	}
	a, _ := policy.ActorFrom(ctx)
	return s.db.Read(a.Tenant).SpendRides(ctx, ask, afterDate, after, limit)
}

func (s *Service) spendOf(ctx context.Context, org uuid.UUID, month servicedate.Date) (store.SpendAsk, store.Organisation, error) {
	a, err := caller(ctx)
	if err != nil {
		return store.SpendAsk{}, store.Organisation{}, err
	}
	o, _, within, err := reach(ctx, s.db.Read(a.Tenant), a, policy.CompanyRead, org)
	if err != nil {
		return store.SpendAsk{}, o, err
	}
	if month.IsZero() {
		month = s.today(o)
	}
	m := month.Midnight()
	return store.SpendAsk{Organisation: org, Within: within, Month: servicedate.Of(m.Year(), m.Month(), 1)}, o, nil
}
