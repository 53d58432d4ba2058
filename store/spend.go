package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// SpendAsk is whose spend in which month.
type SpendAsk struct {
	Organisation uuid.UUID
	Within       []uuid.UUID // of these units and those under them
	Month        servicedate.Date
}

// Spend is what one programme paid for one cost centre in a month.
type Spend struct {
	Programme  uuid.UUID `json:"programme"`
	CostCentre string    `json:"cost_centre"`
	Currency   string    `json:"currency"`
	Rides      int64     `json:"rides"`
	Fare       int64     `json:"fare"`
	Subsidy    int64     `json:"subsidy"`
	Reserved   int64     `json:"reserved"` // of it: for rides that are still to come
}

// SpendMonth is a month's sum.
type SpendMonth struct {
	Month    servicedate.Date `json:"month"`
	Currency string           `json:"currency"`
	Rides    int64            `json:"rides"`
	Subsidy  int64            `json:"subsidy"`
}

// SpendRide is one ride that was paid for: never where somebody is, only what they booked.
type SpendRide struct {
	Date       servicedate.Date `json:"date"`
	Booking    uuid.UUID        `json:"booking"`
	Programme  string           `json:"programme"`
	Member     string           `json:"member"`
	Number     string           `json:"number,omitempty"`
	Line       string           `json:"line"`
	From       string           `json:"from"`
	To         string           `json:"to"`
	Fare       int64            `json:"fare"`
	Subsidy    int64            `json:"subsidy"`
	Currency   string           `json:"currency"`
	CostCentre string           `json:"cost_centre"`
	State      string           `json:"state"`
}

// BudgetAlert is a threshold of a month's budget that was reached.
type BudgetAlert struct {
	Programme uuid.UUID `json:"programme"`
	Threshold int16     `json:"threshold"`
	Spent     int64     `json:"spent"`
	Budget    int64     `json:"budget"`
	At        time.Time `json:"at"`
	Told      time.Time `json:"told"` // when somebody said that they have seen it; zero: nobody has
}

// SpendByCentre is a month's spend, by programme and cost centre.
func (r *Reader) SpendByCentre(ctx context.Context, a SpendAsk) ([]Spend, error) {
	rows, err := r.q.SpendByCentre(ctx, r.tenant.UUID(), a.Organisation, a.Month.Midnight(), some(a.Within))
	if err != nil {
		return nil, fmt.Errorf("store: spend of %s: %w", a.Organisation, err)
	}
	out := make([]Spend, len(rows))
	for i, x := range rows {
		out[i] = Spend{x.ProgrammeID, x.CostCentre, x.Currency, x.Rides, x.Fare, x.Subsidy, x.Reserved}
	}
	return out, nil
}

// SpendByMonth is the sums of the year up to a month, newest first.
func (r *Reader) SpendByMonth(ctx context.Context, a SpendAsk) ([]SpendMonth, error) {
	rows, err := r.q.SpendByMonth(ctx, r.tenant.UUID(), a.Organisation, a.Month.Midnight(), some(a.Within))
	if err != nil {
		return nil, fmt.Errorf("store: months of %s: %w", a.Organisation, err)
	}
	out := make([]SpendMonth, len(rows))
	for i, x := range rows {
		out[i] = SpendMonth{dateOf(x.Month), x.Currency, x.Rides, x.Subsidy}
	}
	return out, nil
}

// SpendRides is a page of a month's rides, in order, after one of them.
func (r *Reader) SpendRides(ctx context.Context, a SpendAsk, afterDate servicedate.Date, after uuid.UUID, limit int) ([]SpendRide, error) {
	if afterDate.IsZero() {
		afterDate = a.Month.AddDays(-1)
	}
	rows, err := r.q.SpendRides(ctx, sqlc.SpendRidesParams{TenantID: r.tenant.UUID(), OrganisationID: a.Organisation, Month: a.Month.Midnight(), Within: some(a.Within),
		AfterDate: afterDate.Midnight(), After: after, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("store: rides of %s: %w", a.Organisation, err)
	}
	out := make([]SpendRide, len(rows))
	for i, x := range rows {
		out[i] = SpendRide{dateOf(x.ServiceDate), x.BookingID, x.Programme, x.Member, x.Number, x.LineName, x.FromName, x.ToName, x.Fare, x.Subsidy, x.Currency, x.CostCentre, x.State}
	}
	return out, nil
}

// BudgetAlerts is the thresholds that were reached in a month, in that order.
func (r *Reader) BudgetAlerts(ctx context.Context, a SpendAsk) ([]BudgetAlert, error) {
	rows, err := r.q.AlertsOf(ctx, r.tenant.UUID(), a.Organisation, a.Month.Midnight(), some(a.Within))
	if err != nil {
		return nil, fmt.Errorf("store: alerts of %s: %w", a.Organisation, err)
	}
	out := make([]BudgetAlert, len(rows))
	for i, x := range rows {
		out[i] = BudgetAlert{Programme: x.ProgrammeID, Threshold: x.Threshold, Spent: x.Spent, Budget: x.Budget, At: x.At}
		if x.ToldAt != nil {
			out[i].Told = *x.ToldAt
		}
	}
	return out, nil
}

// OrganisationAlert is a threshold with whose budget it was.
type OrganisationAlert struct {
	BudgetAlert
	Name             string // of the programme
	Organisation     uuid.UUID
	OrganisationName string
	Currency         string
	Month            servicedate.Date
}

// AllBudgetAlerts is a page of the highest thresholds that programmes have reached in their months, of all organisations: the newest first.
func (r *Reader) AllBudgetAlerts(ctx context.Context, before time.Time, beforeID uuid.UUID, limit int) ([]OrganisationAlert, error) {
	rows, err := r.q.AlertsOfAll(ctx, r.tenant.UUID(), before, beforeID, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: budget alerts: %w", err)
	}
	out := make([]OrganisationAlert, len(rows))
	for i, x := range rows {
		out[i] = OrganisationAlert{BudgetAlert{x.ProgrammeID, x.Threshold, x.Spent, x.Budget, x.At, instant(x.ToldAt)}, x.Programme, x.OrganisationID, x.Organisation, x.Currency, dateOf(x.Month)}
	}
	return out, nil
}

// AlertsTold notes that a month's alerts of a programme up to a threshold have been seen, and says how many had not been.
func (tx *Tx) AlertsTold(ctx context.Context, programme uuid.UUID, month servicedate.Date, threshold int) (int, error) {
	n, err := tx.q.AlertsTold(ctx, tx.tenant.UUID(), programme, month.Midnight(), int16(threshold))
	if err != nil {
		return 0, fmt.Errorf("store: alerts of programme %s: %w", programme, err)
	}
	return int(n), nil
}

// Granted is what programmes granted to everybody in a month.
func (r *Reader) Granted(ctx context.Context, programmes []uuid.UUID, month servicedate.Date) (map[uuid.UUID]int64, error) {
	rows, err := r.q.BudgetsOf(ctx, r.tenant.UUID(), some(programmes), month.Midnight())
	if err != nil {
		return nil, fmt.Errorf("store: budgets of %d programmes: %w", len(programmes), err)
	}
	out := map[uuid.UUID]int64{}
	for _, x := range rows {
		out[x.ProgrammeID] = x.Used
	}
	return out, nil
}
