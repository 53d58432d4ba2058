package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// WeekHours is a stretch of a weekday.
type WeekHours struct {
	Weekday int `json:"weekday" minimum:"1" maximum:"7" example:"1" doc:"1 is Monday"`
	From    int `json:"from" minimum:"0" maximum:"1439" example:"540" doc:"Minutes from midnight"`
	Until   int `json:"until" minimum:"1" maximum:"2880" example:"1020" doc:"Beyond 1440: the next morning"`
}

// DayHours is a stretch of a day that is not as usual.
type DayHours struct {
	Date  string `json:"date" format:"date" example:"2026-12-24" doc:"Where the expert is"`
	Away  bool   `json:"away,omitempty" doc:"All day; then without minutes"`
	From  int    `json:"from,omitempty" minimum:"0" maximum:"1439" example:"540" doc:"Minutes from midnight"`
	Until int    `json:"until,omitempty" minimum:"0" maximum:"2880" example:"1020" doc:"Beyond 1440: the next morning"`
}

// PracticeRules is what experts say of themselves.
type PracticeRules struct {
	Price      Money       `json:"price" doc:"Of a minute, in the operator's currency"`
	Slots      int         `json:"slots" example:"1" doc:"Conversations at once, 1 to 20"`
	Modalities []string    `json:"modalities" example:"[\"audio\",\"video\"]"`
	Languages  []string    `json:"languages" example:"[\"ar\",\"en\"]" doc:"ISO 639, at most eight"`
	TimeZone   string      `json:"time_zone" maxLength:"60" example:"Asia/Dubai"`
	Skills     []Level     `json:"skills" doc:"Theirs to say until the operator has decided on them"`
	Hours      []WeekHours `json:"hours" doc:"When they usually work; who is rung goes by intent"`
	Days       []DayHours  `json:"days,omitempty" doc:"Days that are not as usual, in their order; absent: as they are"`
}

// Practice is an expert as they and the operator see them.
type Practice struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Name string    `json:"name" example:"Dr Layla Haddad"`
	PracticeRules
	State     string `json:"state" enum:"applied,approved,refused" example:"approved"`
	Suspended bool   `json:"suspended"`
	Why       string `json:"why,omitempty" doc:"Of the suspension"`
	Intent    string `json:"intent" enum:"available,break,off" example:"available"`
	Asked     bool   `json:"asked" doc:"They let a ring pass, and are not rung until they say that they are there"`
	Rating    int    `json:"rating" example:"470" doc:"Hundredths of a star"`
	Rated     int    `json:"rated" example:"31" doc:"By how many"`
}

type askApply struct{ Body PracticeRules }

type askIntend struct {
	Body struct {
		Intent string `json:"intent" maxLength:"20" example:"available" doc:"available, break or off. What rings for somebody who is off goes on to somebody else"`
	}
}

type askPractice struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		State     string  `json:"state" maxLength:"20" example:"approved" doc:"applied, approved or refused"`
		Suspended bool    `json:"suspended,omitempty" doc:"Not rung for now, whatever the state"`
		Why       string  `json:"why,omitempty" maxLength:"500" doc:"Of a suspension: required when it begins"`
		Skills    []Level `json:"skills,omitempty" doc:"What they can do, by the operator's word; none: as it is"`
	}
}

func practice(a *rest.API, d adviceDesk) {
	rest.Handle(a, "practice.get", rest.Doc{Summary: "See my practice"}, d.mine)
	rest.Handle(a, "practice.apply", rest.Doc{Summary: "Say what I offer", About: "The first time it is an application. Skills that were decided on stay as they are: expert_skills_decided."}, d.apply)
	rest.Handle(a, "practice.intend", rest.Doc{Summary: "Say whether I am there", About: "available is also the answer to are-you-there."}, d.intend)
	rest.Handle(a, "practice.earned", rest.Doc{Summary: "See what I have earned"}, d.earned)
	rest.Handle(a, "practice.list", rest.Doc{Summary: "List experts' practices", About: "In the order in which they came."}, d.practices)
	rest.Handle(a, "practice.see", rest.Doc{Summary: "See an expert's practice"}, d.seePractice)
	rest.Handle(a, "practice.decide", rest.Doc{Summary: "Decide who may practise", About: "Never oneself."}, d.decidePractice)
}

func practiceOf(p store.ExpertProfile, err error) (*rest.Answer[Practice], error) {
	if err != nil {
		return nil, err
	}
	return rest.Say(sayPractice(&p)), nil
}

func sayHours(all []store.Hours) []WeekHours {
	out := make([]WeekHours, len(all))
	for i, h := range all {
		out[i] = WeekHours(h)
	}
	return out
}

func sayDays(all []store.Day) []DayHours {
	out := make([]DayHours, len(all))
	for i, d := range all {
		out[i] = DayHours{d.Date.String(), d.Away, d.From, d.Until}
	}
	return out
}

func daysOf(all []DayHours) ([]store.Day, error) {
	if all == nil {
		return nil, nil
	}
	out := make([]store.Day, len(all))
	for i, d := range all {
		date, err := dayOf(d.Date, "/days")
		if err != nil {
			return nil, err
		}
		out[i] = store.Day{Date: date, Away: d.Away, From: d.From, Until: d.Until}
	}
	return out, nil
}

func hoursOf(all []WeekHours) []store.Hours {
	out := make([]store.Hours, len(all))
	for i, h := range all {
		out[i] = store.Hours(h)
	}
	return out
}

func (d adviceDesk) mine(ctx context.Context, _ *struct{}) (*rest.Answer[Practice], error) {
	by := matcherOf(ctx)
	return practiceOf(d.s.Profile(ctx, by.Tenant, by.User))
}

func (d adviceDesk) apply(ctx context.Context, in *askApply) (*rest.Answer[Practice], error) {
	b := in.Body
	days, err := daysOf(b.Days)
	if err != nil {
		return nil, err
	}
	return practiceOf(d.s.Apply(ctx, matcherOf(ctx), store.ExpertProfile{Minute: ledger.Of(b.Price.Amount, ledger.Currency(b.Price.Currency)), Slots: b.Slots, Modalities: b.Modalities,
		Languages: b.Languages, TimeZone: b.TimeZone, Skills: levelsOf(b.Skills), Hours: hoursOf(b.Hours), Days: days}))
}

func (d adviceDesk) intend(ctx context.Context, in *askIntend) (*rest.Answer[Practice], error) {
	by := matcherOf(ctx)
	if err := d.s.Intend(ctx, by, matching.Intent(in.Body.Intent)); err != nil {
		return nil, err
	}
	return practiceOf(d.s.Profile(ctx, by.Tenant, by.User))
}

func (d adviceDesk) seePractice(ctx context.Context, in *thingID) (*rest.Answer[Practice], error) {
	return practiceOf(d.s.Profile(ctx, matcherOf(ctx).Tenant, in.ID))
}

func (d adviceDesk) decidePractice(ctx context.Context, in *askPractice) (*rest.Answer[Practice], error) {
	p := matching.Practice{State: in.Body.State, Suspended: in.Body.Suspended, Why: in.Body.Why}
	if in.Body.Skills != nil {
		p.Skills = levelsOf(in.Body.Skills)
	}
	return practiceOf(d.s.Practise(ctx, matcherOf(ctx), in.ID, p))
}
