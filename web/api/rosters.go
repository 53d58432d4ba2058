package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/employer"
	"github.com/waymeet/waymeet/identity/organisation"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

// RosterPreview is what a roster would change, or what is wrong with the file.
type RosterPreview struct {
	ID        *uuid.UUID     `json:"id,omitempty" format:"uuid" example:"0190b7a6-9999-7abc-8def-0123456789ab" doc:"Absent: something is wrong with the file, and nothing can be applied"`
	On        string         `json:"on,omitempty" format:"date" example:"2026-12-01" doc:"From when it holds"`
	Rows      int            `json:"rows" example:"42"`
	Unchanged int            `json:"unchanged" example:"38"`
	Alarming  bool           `json:"alarming" example:"false" doc:"More than half would leave: the file may be a part of one"`
	Counts    RosterCounts   `json:"counts" doc:"Of all; the lists hold the first two hundred each"`
	Joiners   []RosterPerson `json:"joiners"`
	Leavers   []RosterPerson `json:"leavers"`
	Changes   []RosterChange `json:"changes"`
	Conflicts []RosterClash  `json:"conflicts" doc:"Rows that cannot be understood without guessing: they change nobody"`
	Findings  []RosterNote   `json:"findings" doc:"What is wrong with the file, line by line"`
	Errors    int            `json:"errors" example:"0" doc:"Of the findings: those that are no warnings"`
}

// RosterCounts is how many there are of each.
type RosterCounts struct {
	Joiners   int `json:"joiners" example:"3"`
	Leavers   int `json:"leavers" example:"1"`
	Changes   int `json:"changes" example:"2"`
	Conflicts int `json:"conflicts" example:"0"`
}

// RosterPerson is somebody who would join or leave.
type RosterPerson struct {
	Line       int    `json:"line,omitempty" example:"7"`
	Number     string `json:"number,omitempty" example:"M-0017"`
	Name       string `json:"name" example:"Nadia El Fassi"`
	Email      string `json:"email,omitempty" example:"nadia@atlas-textiles.example"`
	CostCentre string `json:"cost_centre,omitempty" example:"CC-410"`
}

// RosterChange is what would change of somebody.
type RosterChange struct {
	Line   int          `json:"line" example:"9"`
	Before RosterPerson `json:"before"`
	After  RosterPerson `json:"after"`
	Fields []string     `json:"fields" example:"[\"cost_centre\"]"`
}

// RosterClash is a row in conflict.
type RosterClash struct {
	Code  string `json:"code" example:"duplicate_number"`
	Line  int    `json:"line" example:"11"`
	Other int    `json:"other,omitempty" example:"4" doc:"The other line, for a row that is there twice"`
	Value string `json:"value,omitempty" example:"M-0017"`
}

// RosterNote is one thing that is wrong with a file.
type RosterNote struct {
	Code    string `json:"code" example:"bad_email"`
	Line    int    `json:"line,omitempty" example:"12"`
	Column  int    `json:"column,omitempty" example:"3"`
	Field   string `json:"field,omitempty" example:"email"`
	Value   string `json:"value,omitempty" example:"nadia@"`
	Warning bool   `json:"warning,omitempty" example:"false"`
}

// RosterApplied is what a roster changed.
type RosterApplied struct {
	ID        uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-9999-7abc-8def-0123456789ab"`
	Joined    int       `json:"joined" example:"3"`
	Left      int       `json:"left" example:"1"`
	Changed   int       `json:"changed" example:"2"`
	Unchanged int       `json:"unchanged" example:"38"`
	LeftOut   int       `json:"left_out" example:"0" doc:"Rows in conflict"`
	Withdrawn int       `json:"withdrawn" example:"1" doc:"Leavers whose coming rides are being cancelled"`
}

type rosterUpload struct {
	FileName string     `json:"file_name" minLength:"1" maxLength:"200" example:"effectif.csv"`
	CSV      string     `json:"csv" maxLength:"8388608" example:"matricule;nom;email"`
	Unit     *uuid.UUID `json:"unit,omitempty" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab" doc:"Absent: the one that the caller manages"`
	On       string     `json:"on,omitempty" format:"date" example:"2026-12-01" doc:"From when it holds; absent: today"`
}

type rosterApply struct {
	Alarmed bool `json:"alarmed,omitempty" example:"false" doc:"More than half leave, and that is meant"`
}

// shownMost is how many of each list are shown.
const shownMost = 200

func previewOf(p employer.Preview) RosterPreview {
	shown := p.Preview
	out := RosterPreview{Rows: p.Report.Rows, Unchanged: shown.Unchanged, Alarming: shown.Alarming, Errors: p.Report.Errors,
		Counts:  RosterCounts{len(shown.Joiners), len(shown.Leavers), len(shown.Changes), len(shown.Conflicts)},
		Joiners: []RosterPerson{}, Leavers: []RosterPerson{}, Changes: []RosterChange{}, Conflicts: []RosterClash{}, Findings: []RosterNote{}}
	if p.ID != uuid.Nil {
		out.ID, out.On = &p.ID, shown.On.String()
	}
	for _, j := range first(shown.Joiners) {
		out.Joiners = append(out.Joiners, RosterPerson{j.Line, j.Number, j.Name, j.Email, j.CostCentre})
	}
	person := func(m organisation.Member) RosterPerson {
		centre, _ := m.Tenure.On(max(shown.On, m.Tenure.Joined))
		return RosterPerson{0, m.Number, m.Name, m.Email, centre}
	}
	for _, m := range first(shown.Leavers) {
		out.Leavers = append(out.Leavers, person(m))
	}
	for _, c := range first(shown.Changes) {
		out.Changes = append(out.Changes, RosterChange{c.Line, person(c.Before), person(c.After), c.Fields})
	}
	for _, c := range first(shown.Conflicts) {
		out.Conflicts = append(out.Conflicts, RosterClash{string(c.Code), c.Line, c.Other, c.Value})
	}
	for _, f := range first(p.Report.Findings) {
		out.Findings = append(out.Findings, RosterNote{string(f.Code), f.Line, f.Column, f.Field, f.Value, f.Warning})
	}
	return out
}

func first[T any](all []T) []T { return all[:min(len(all), shownMost)] }

func rosters(a *rest.API, s *employer.Service) {
	rest.Handle(a, "rosters.preview", rest.Doc{Summary: "See what a roster would change", About: "Reads a CSV file (commas, semicolons or tabs; columns in any order, named in English, French or Arabic) and compares it with who belongs to the unit. Nothing changes yet.", Status: 201},
		func(ctx context.Context, in *struct {
			OneOrganisation
			Body rosterUpload
		}) (*rest.Answer[RosterPreview], error) {
			up := employer.Upload{Organisation: in.ID, FileName: in.Body.FileName, CSV: in.Body.CSV}
			if in.Body.Unit != nil {
				up.Unit = *in.Body.Unit
			}
			var err error
			if up.On, err = dayOf(in.Body.On, "/on"); err != nil {
				return nil, err
			}
			p, err := s.PreviewRoster(ctx, rest.ClaimOf(ctx), up)
			return rest.Say(previewOf(p)), err
		})
	rest.Handle(a, "rosters.apply", rest.Doc{Summary: "Apply a roster", About: "Does exactly what the preview showed, all of it or nothing; roster_changed when somebody joined, left or changed since."},
		func(ctx context.Context, in *struct {
			ID   uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-9999-7abc-8def-0123456789ab"`
			Body rosterApply
		}) (*rest.Answer[RosterApplied], error) {
			done, err := s.ApplyRoster(ctx, rest.ClaimOf(ctx), in.ID, in.Body.Alarmed)
			return rest.Say(RosterApplied(done)), err
		})
}

func dayOf(s, pointer string) (servicedate.Date, error) {
	if s == "" {
		return 0, nil
	}
	d, err := servicedate.Parse(s)
	if err != nil {
		return 0, fault.New("bad_date").At(pointer)
	}
	return d, nil
}
