package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/employer"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// ProgrammeTerms is what an employer pays for. Amounts are in the minor unit; what is absent limits nothing.
type ProgrammeTerms struct {
	Name       string      `json:"name" minLength:"1" maxLength:"120" example:"Day shift"`
	Percent    int         `json:"percent" minimum:"0" maximum:"100" example:"60" doc:"Of the fare"`
	Fixed      int64       `json:"fixed,omitempty" minimum:"0" example:"200" doc:"On top of the per cent, a ride"`
	RideCap    *int64      `json:"ride_cap,omitempty" minimum:"0" example:"1500" doc:"Most for one ride"`
	MonthCap   *int64      `json:"month_cap,omitempty" minimum:"0" example:"40000" doc:"Most for one employee in a month"`
	MonthRides *int64      `json:"month_rides,omitempty" minimum:"0" maximum:"10000" example:"44" doc:"Most rides of one employee in a month"`
	Budget     *int64      `json:"budget,omitempty" minimum:"0" example:"2000000" doc:"Most for everybody in a month"`
	Lines      []uuid.UUID `json:"lines,omitempty" maxItems:"200" doc:"Rides on one of these"`
	Stops      []uuid.UUID `json:"stops,omitempty" maxItems:"200" doc:"Rides that begin or end at one of these"`
	Weekdays   []int       `json:"weekdays,omitempty" maxItems:"7" example:"[1,2,3,4,5]" doc:"0 is Sunday"`
	HoursFrom  int         `json:"hours_from,omitempty" minimum:"0" maximum:"86399" example:"18000" doc:"Seconds from midnight, of the pickup; both 0: all day"`
	HoursUntil int         `json:"hours_until,omitempty" minimum:"0" maximum:"172800" example:"36000" doc:"Past 86400 for a night shift"`
	NoShow     string      `json:"no_show,omitempty" enum:"as_booked,rider_pays,employer_pays" example:"as_booked" doc:"Who pays for a seat that nobody came for"`
	CostCentre string      `json:"cost_centre,omitempty" maxLength:"200" example:"CC-TRANSPORT" doc:"Where all rides go; absent: to the employee's own on the ride's date"`
	ValidFrom  string      `json:"valid_from" format:"date" example:"2026-12-01"`
	ValidUntil string      `json:"valid_until,omitempty" format:"date" example:"2027-06-30" doc:"The last day"`
	Active     *bool       `json:"active,omitempty" example:"true"`
}

// Programme is what an employer pays for, for the people of a unit and those under it.
type Programme struct {
	ID       uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-aaaa-7abc-8def-0123456789ab"`
	Unit     uuid.UUID `json:"unit" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab"`
	Currency string    `json:"currency" example:"MAD"`
	TimeZone string    `json:"time_zone" example:"Africa/Casablanca" doc:"In which days and hours are meant"`
	Version  int64     `json:"version" example:"3"`
	ProgrammeTerms
}

func (t ProgrammeTerms) programme() (p store.Programme, err error) {
	p = store.Programme{Name: t.Name, Active: t.Active == nil || *t.Active, Terms: programme.Terms{Percent: t.Percent, Fixed: t.Fixed,
		RideCap: limit(t.RideCap), MonthCap: limit(t.MonthCap), MonthRides: limit(t.MonthRides), Budget: limit(t.Budget),
		Hours: programme.Hours{From: t.HoursFrom, Until: t.HoursUntil}, CostCentre: t.CostCentre}}
	for _, id := range t.Lines {
		p.Terms.Lines = append(p.Terms.Lines, id.String())
	}
	for _, id := range t.Stops {
		p.Terms.Stops = append(p.Terms.Stops, id.String())
	}
	for _, d := range t.Weekdays {
		if d < 0 || d > 6 {
			return p, fault.New("out_of_range").At("/weekdays")
		}
		p.Terms.Days |= 1 << d
	}
	if t.NoShow != "" {
		p.Terms.NoShow, _ = store.NoShowRule(t.NoShow)
	}
	if p.Terms.From, err = dayOf(t.ValidFrom, "/valid_from"); err == nil {
		p.Terms.Until, err = dayOf(t.ValidUntil, "/valid_until")
	}
	return p, err
}

func limit(n *int64) programme.Limit {
	if n == nil {
		return programme.Limit{}
	}
	return programme.UpTo(*n)
}

func amount(l programme.Limit) *int64 {
	if !l.Set {
		return nil
	}
	return &l.Amount
}

func programmeOf(p store.Programme) Programme {
	t := &p.Terms
	out := Programme{ID: p.ID, Unit: p.Unit, Currency: t.Currency, TimeZone: p.Zone, Version: p.Version, ProgrammeTerms: ProgrammeTerms{
		Name: p.Name, Percent: t.Percent, Fixed: t.Fixed, RideCap: amount(t.RideCap), MonthCap: amount(t.MonthCap), MonthRides: amount(t.MonthRides), Budget: amount(t.Budget),
		HoursFrom: t.Hours.From, HoursUntil: t.Hours.Until, NoShow: store.NoShowName(t.NoShow), CostCentre: t.CostCentre,
		ValidFrom: t.From.String(), ValidUntil: dayOrNothing(t.Until), Active: &p.Active}}
	for _, id := range t.Lines {
		out.Lines = append(out.Lines, uuid.MustParse(id))
	}
	for _, id := range t.Stops {
		out.Stops = append(out.Stops, uuid.MustParse(id))
	}
	for d := range 7 {
		if t.Days&(1<<d) != 0 {
			out.Weekdays = append(out.Weekdays, d)
		}
	}
	return out
}

type newProgramme struct {
	Unit *uuid.UUID `json:"unit,omitempty" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab" doc:"Absent: the one that the caller manages"`
	ProgrammeTerms
}

type programmeList struct {
	Items []Programme `json:"items"`
}

func programmes(a *rest.API, s *employer.Service) {
	rest.Handle(a, "programmes.list", rest.Doc{Summary: "List programmes", About: "What an organisation pays for, in the units that the caller reaches."}, func(ctx context.Context, in *OneOrganisation) (*rest.Answer[programmeList], error) {
		all, err := s.Programmes(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		out := programmeList{Items: make([]Programme, len(all))}
		for i, p := range all {
			out.Items[i] = programmeOf(p)
		}
		return rest.Say(out), nil
	})
	rest.Handle(a, "programmes.create", rest.Doc{Summary: "Begin a programme", Status: 201}, func(ctx context.Context, in *struct {
		OneOrganisation
		Body newProgramme
	}) (*rest.Answer[Programme], error) {
		p, err := in.Body.programme()
		if err != nil {
			return nil, err
		}
		p.Organisation = in.ID
		if in.Body.Unit != nil {
			p.Unit = *in.Body.Unit
		}
		p, err = s.AddProgramme(ctx, rest.ClaimOf(ctx), p)
		return rest.Say(programmeOf(p)), err
	})
	rest.Handle(a, "programmes.update", rest.Doc{Summary: "Change a programme", About: "All of its terms: what is absent limits nothing. They hold from the next booking on; what was granted stays granted."},
		func(ctx context.Context, in *struct {
			ID   uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-aaaa-7abc-8def-0123456789ab"`
			Body ProgrammeTerms
		}) (*rest.Answer[Programme], error) {
			p, err := in.Body.programme()
			if err != nil {
				return nil, err
			}
			p.ID = in.ID
			p, err = s.ChangeProgramme(ctx, p)
			return rest.Say(programmeOf(p)), err
		})
	rest.Handle(a, "programmes.alerts", rest.Doc{Summary: "Say that budget alerts were seen", About: "Those of a month up to a threshold. Seen again changes nothing.", Status: 204},
		func(ctx context.Context, in *struct {
			ID   uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-aaaa-7abc-8def-0123456789ab"`
			Body struct {
				Month   string `json:"month" format:"date" example:"2026-11-01" doc:"Any day of it"`
				Percent int    `json:"percent" enum:"50,80,100" example:"80"`
			}
		}) (*rest.Nothing, error) {
			d, err := servicedate.Parse(in.Body.Month)
			if err != nil {
				return nil, fault.New("bad_value").At("/month")
			}
			m := d.Midnight()
			return &rest.Nothing{}, s.SeeAlerts(ctx, in.ID, servicedate.Of(m.Year(), m.Month(), 1), in.Body.Percent)
		})
}
