package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/employer"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Spend is what an organisation's programmes paid in a month.
type Spend struct {
	Month    string        `json:"month" format:"date" example:"2026-11-01" doc:"Its first day"`
	Currency string        `json:"currency" example:"MAD"`
	Centres  []SpendCentre `json:"centres"`
	Months   []SpendMonth  `json:"months" doc:"The year up to the month, newest first"`
	Budgets  []BudgetState `json:"budgets" doc:"How each programme stands"`
}

// SpendCentre is what one programme paid for one cost centre.
type SpendCentre struct {
	Programme  uuid.UUID `json:"programme" format:"uuid" example:"0190b7a6-aaaa-7abc-8def-0123456789ab"`
	CostCentre string    `json:"cost_centre,omitempty" example:"CC-410" doc:"Absent: the organisation itself"`
	Rides      int64     `json:"rides" example:"212"`
	Fare       Money     `json:"fare"`
	Subsidy    Money     `json:"subsidy"`
	Reserved   Money     `json:"reserved" doc:"Of the subsidy: for rides that are still to come"`
}

// SpendMonth is a month's sum.
type SpendMonth struct {
	Month   string `json:"month" format:"date" example:"2026-10-01"`
	Rides   int64  `json:"rides" example:"812"`
	Subsidy Money  `json:"subsidy"`
}

// BudgetState is how a programme's budget of the month stands.
type BudgetState struct {
	Programme uuid.UUID     `json:"programme" format:"uuid" example:"0190b7a6-aaaa-7abc-8def-0123456789ab"`
	Name      string        `json:"name" example:"Day shift"`
	Granted   Money         `json:"granted"`
	Budget    *Money        `json:"budget,omitempty" doc:"Absent: without limit"`
	Alerts    []BudgetAlert `json:"alerts" doc:"Thresholds that were reached, each told once a month"`
}

// BudgetAlert is a threshold that was reached.
type BudgetAlert struct {
	Percent int16      `json:"percent" enum:"50,80,100" example:"80"`
	At      time.Time  `json:"at" example:"2026-11-22T21:04:11Z"`
	SeenAt  *time.Time `json:"seen_at,omitempty" example:"2026-11-22T21:09:00Z" doc:"Absent: nobody has said yet that they have seen it"`
}

// SpendRide is one ride that was paid for.
type SpendRide struct {
	Booking    uuid.UUID `json:"booking" format:"uuid" example:"0190b7a6-4444-7abc-8def-0123456789ab"`
	Date       string    `json:"date" format:"date" example:"2026-11-23"`
	Programme  string    `json:"programme" example:"Day shift"`
	Member     string    `json:"member" example:"Nadia El Fassi"`
	Number     string    `json:"number,omitempty" example:"M-0017"`
	Line       string    `json:"line" example:"Ligne 2"`
	From       string    `json:"from" example:"Sidi Maârouf"`
	To         string    `json:"to" example:"Aïn Sebaâ"`
	Fare       Money     `json:"fare"`
	Subsidy    Money     `json:"subsidy"`
	CostCentre string    `json:"cost_centre,omitempty" example:"CC-410" doc:"As of the ride's date"`
	State      string    `json:"state" enum:"reserved,used,no_show" example:"used"`
}

// SpendFile is a month's rides as a file.
type SpendFile struct {
	Name  string `json:"name" example:"rides-2026-11.csv"`
	CSV   string `json:"csv" example:"date,employee"`
	Whole bool   `json:"whole" example:"true" doc:"False: there are more rides than a file holds"`
}

// OfMonth is an organisation in a month.
type OfMonth struct {
	OneOrganisation
	Month string `query:"month" format:"date" example:"2026-11-01" doc:"Any day of it; absent: this one"`
}

// fileMost is how many rides a file holds.
const fileMost = 20_000

func spend(a *rest.API, s *employer.Service) {
	rest.Handle(a, "spend.get", rest.Doc{Summary: "See a month's spend", About: "By programme and cost centre, with budgets; of the units that the caller reaches."}, func(ctx context.Context, in *OfMonth) (*rest.Answer[Spend], error) {
		month, err := dayOf(in.Month, "query/month")
		if err != nil {
			return nil, err
		}
		x, err := s.Spend(ctx, in.ID, month)
		if err != nil {
			return nil, err
		}
		return rest.Say(spendOf(x)), nil
	})
	rest.Handle(a, "spend.rides", rest.Doc{Summary: "List the rides of a month", About: "In order: what was booked and paid for, never where somebody is."}, func(ctx context.Context, in *struct {
		OfMonth
		Paged
	}) (*rest.Answer[rest.Page[SpendRide]], error) {
		month, err := dayOf(in.Month, "query/month")
		if err != nil {
			return nil, err
		}
		from, after, err := cursor(in.after())
		if err != nil {
			return nil, err
		}
		all, err := s.Rides(ctx, in.ID, month, from, after, in.Limit)
		if err != nil {
			return nil, err
		}
		page := rest.Page[SpendRide]{Items: make([]SpendRide, len(all))}
		for i, r := range all {
			page.Items[i] = rideOf(r)
		}
		if len(all) == in.Limit {
			page.Next = all[len(all)-1].Booking.String()
		}
		return rest.Say(page), nil
	})
	rest.Handle(a, "spend.file", rest.Doc{Summary: "Download the rides of a month", About: "As CSV: one line for each ride."}, func(ctx context.Context, in *OfMonth) (*rest.Answer[SpendFile], error) {
		month, err := dayOf(in.Month, "query/month")
		if err != nil {
			return nil, err
		}
		all, err := s.Rides(ctx, in.ID, month, 0, uuid.Nil, fileMost+1)
		if err != nil {
			return nil, err
		}
		name := "rides.csv"
		if len(all) > 0 {
			name = "rides-" + all[0].Date.String()[:7] + ".csv"
		}
		return rest.Say(SpendFile{Name: name, CSV: ridesCSV(all[:min(len(all), fileMost)]), Whole: len(all) <= fileMost}), nil
	})
}

func cursor(booking uuid.UUID) (servicedate.Date, uuid.UUID, error) {
	if booking == uuid.Nil {
		return 0, booking, nil
	}
	d, ok := store.DayOf(booking)
	if !ok {
		return 0, booking, fault.New("bad_value").At("query/cursor")
	}
	return d, booking, nil
}

func spendOf(x employer.Spend) Spend {
	out := Spend{Month: x.Month.String(), Currency: x.Currency, Centres: []SpendCentre{}, Months: []SpendMonth{}, Budgets: []BudgetState{}}
	for _, c := range x.Centres {
		out.Centres = append(out.Centres, SpendCentre{c.Programme, c.CostCentre, c.Rides, Money{c.Fare, c.Currency}, Money{c.Subsidy, c.Currency}, Money{c.Reserved, c.Currency}})
	}
	for _, m := range x.Months {
		out.Months = append(out.Months, SpendMonth{m.Month.String(), m.Rides, Money{m.Subsidy, m.Currency}})
	}
	for _, b := range x.Budgets {
		t := &b.Programme.Terms
		state := BudgetState{Programme: b.Programme.ID, Name: b.Programme.Name, Granted: Money{b.Granted, t.Currency}, Alerts: []BudgetAlert{}}
		if t.Budget.Set {
			state.Budget = &Money{t.Budget.Amount, t.Currency}
		}
		for _, al := range x.Alerts {
			if al.Programme == b.Programme.ID {
				state.Alerts = append(state.Alerts, BudgetAlert{al.Threshold, al.At.UTC(), instant(al.Told)})
			}
		}
		out.Budgets = append(out.Budgets, state)
	}
	return out
}

func rideOf(r store.SpendRide) SpendRide {
	return SpendRide{r.Booking, r.Date.String(), r.Programme, r.Member, r.Number, r.Line, r.From, r.To, Money{r.Fare, r.Currency}, Money{r.Subsidy, r.Currency}, r.CostCentre, r.State}
}

// ridesCSV is a file that spreadsheets open without running anything that somebody wrote into a name.
func ridesCSV(all []store.SpendRide) string {
	var b bytes.Buffer
	b.WriteString("\ufeff") // or spreadsheets take it for another encoding
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"date", "booking", "programme", "number", "employee", "cost_centre", "line", "from", "to", "state", "currency", "fare", "paid_by_employer"})
	for _, r := range all {
		c := ledger.Currency(r.Currency)
		_ = w.Write([]string{r.Date.String(), r.Booking.String(), harmless(r.Programme), harmless(r.Number), harmless(r.Member), harmless(r.CostCentre), harmless(r.Line),
			harmless(r.From), harmless(r.To), r.State, r.Currency, decimal(r.Fare, c), decimal(r.Subsidy, c)})
	}
	w.Flush()
	return b.String()
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

// decimal writes an amount of minor units as a number with a point.
func decimal(n int64, c ledger.Currency) string {
	text, _, _ := strings.Cut(ledger.Of(n, c).String(), " ")
	return text
}
