package store

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Programme is what an employer pays for: the row, with its terms as the kernel decides by them.
type Programme struct {
	ID, Organisation, Unit uuid.UUID // for the people of the unit and those under it
	Name                   string
	Zone                   string
	Terms                  programme.Terms
	Active                 bool
	Version                int64
}

var noShowRules = [...]string{programme.AsBooked: "as_booked", programme.RiderPays: "rider_pays", programme.EmployerPays: "employer_pays"}

// NoShowRule reads a rule's name; false for none that is known.
func NoShowRule(name string) (programme.NoShowRule, bool) {
	for rule, n := range noShowRules {
		if n == name {
			return programme.NoShowRule(rule), true
		}
	}
	return 0, false
}

// NoShowName is what a rule is called in rows and answers.
func NoShowName(r programme.NoShowRule) string { return noShowRules[r] }

func programmeOf(p *sqlc.Programme) (Programme, error) {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return Programme{}, fmt.Errorf("store: programme %s: %w", p.ID, err)
	}
	rule, ok := NoShowRule(p.NoShow)
	if !ok {
		return Programme{}, fmt.Errorf("store: programme %s: no rule is called %s", p.ID, p.NoShow)
	}
	t := programme.Terms{Currency: p.Currency, Percent: int(p.Percent), Fixed: p.Fixed,
		RideCap: limitOf(p.RideCap), MonthCap: limitOf(p.MonthCap), MonthRides: limitOf(p.MonthRides), Budget: limitOf(p.Budget),
		Lines: texts(p.Lines), Stops: texts(p.Stops), Days: programme.Weekdays(p.Weekdays),
		Hours: programme.Hours{From: int(p.HoursFrom), Until: int(p.HoursUntil)}, Zone: zone,
		From: dateOf(p.ValidFrom), NoShow: rule, CostCentre: p.CostCentre}
	if p.ValidUntil != nil {
		t.Until = dateOf(*p.ValidUntil)
	}
	return Programme{ID: p.ID, Organisation: p.OrganisationID, Unit: p.UnitID, Name: p.Name, Zone: p.TimeZone, Terms: t, Active: p.Active, Version: p.Version}, nil
}

func limitOf[N int32 | int64](n *N) programme.Limit {
	if n == nil {
		return programme.Limit{}
	}
	return programme.UpTo(int64(*n))
}

func texts(ids []uuid.UUID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

// monthOf is the first day of a day's month: by service dates, and so the same in every zone.
func monthOf(d servicedate.Date) servicedate.Date {
	m := d.Midnight()
	return servicedate.Of(m.Year(), m.Month(), 1)
}

// DayOf is the service date that a booking's id carries.
func DayOf(booking uuid.UUID) (servicedate.Date, bool) { return ident.DateOf(booking) }
