package api

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/employer"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Organisation is a business customer of the operator.
type Organisation struct {
	ID        uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab"`
	Name      string    `json:"name" example:"Atlas Textiles"`
	LegalName string    `json:"legal_name,omitempty" example:"Atlas Textiles SARL"`
	Address   []string  `json:"address,omitempty" example:"[\"12, rue du Port\",\"20000 Casablanca\"]"`
	Country   string    `json:"country,omitempty" example:"MA"`
	TaxIDs    []TaxID   `json:"tax_ids,omitempty"`
	Email     string    `json:"email,omitempty" example:"compta@atlas-textiles.example"`
	Currency  string    `json:"currency" example:"MAD"`
	TimeZone  string    `json:"time_zone" example:"Africa/Casablanca"`
	Locale    string    `json:"locale" example:"fr"`
	Terms     string    `json:"terms" example:"net_30" doc:"When it pays: net_30, eom_30, net_30_eom"`
	PONumber  string    `json:"po_number,omitempty" example:"PO-2026-118"`
	Active    bool      `json:"active" example:"true"`
	Members   int64     `json:"members,omitempty" example:"42" doc:"Told in lists only"`
	Today     string    `json:"today,omitempty" format:"date" example:"2026-11-22" doc:"Where it is; told of one"`
	Units     []Unit    `json:"units,omitempty" doc:"Those that the caller reaches, those above before those under them"`
	Managers  []Manager `json:"managers,omitempty" doc:"Told to the operator's staff"`
}

// TaxID is a tax or trade identifier.
type TaxID struct {
	Name  string `json:"name" minLength:"1" maxLength:"20" example:"ICE"`
	Value string `json:"value" minLength:"1" maxLength:"60" example:"001525713000046"`
}

// Unit is a part of an organisation; the root has the organisation's id.
type Unit struct {
	ID     uuid.UUID   `json:"id" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab"`
	Above  []uuid.UUID `json:"above" doc:"From the root to itself"`
	Name   string      `json:"name" example:"Plant"`
	Active bool        `json:"active" example:"true"`
}

// Manager is somebody who manages a unit and those under it.
type Manager struct {
	User     uuid.UUID `json:"user" format:"uuid" example:"0190b7a6-2222-7abc-8def-0123456789ab"`
	Name     string    `json:"name" example:"Leila Amrani"`
	Email    string    `json:"email" example:"leila@atlas-textiles.example"`
	Unit     uuid.UUID `json:"unit" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab"`
	UnitName string    `json:"unit_name" example:"Atlas Textiles"`
	Roles    []string  `json:"roles,omitempty" example:"[\"manager\"]" doc:"Held within the unit"`
	Since    time.Time `json:"since,omitzero" example:"2026-02-01T08:00:00Z" doc:"Told in lists only"`
}

func organisationOf(o store.Organisation) Organisation {
	out := Organisation{ID: o.ID, Name: o.Name, LegalName: o.LegalName, Address: o.Address, Country: o.Country, Email: o.Email, Currency: o.Currency,
		TimeZone: o.TimeZone, Locale: o.Locale, Terms: o.Terms, PONumber: o.PONumber, Active: o.Active, Members: o.Members}
	for _, t := range o.TaxIDs {
		out.TaxIDs = append(out.TaxIDs, TaxID(t))
	}
	return out
}

func wholeOrganisation(o employer.Organisation) Organisation {
	out := organisationOf(o.Organisation)
	out.Today = o.Today.String()
	for _, u := range o.Units {
		out.Units = append(out.Units, unitOf(u))
	}
	for _, m := range o.Managers {
		out.Managers = append(out.Managers, Manager(m))
	}
	return out
}

func unitOf(u store.Unit) Unit { return Unit{u.ID, u.Above, u.Name, u.Active} }

type draftOrganisation struct {
	Name      string   `json:"name" minLength:"1" maxLength:"120" example:"Atlas Textiles"`
	LegalName string   `json:"legal_name,omitempty" maxLength:"200" example:"Atlas Textiles SARL"`
	Address   []string `json:"address,omitempty" maxItems:"6" example:"[\"12, rue du Port\",\"20000 Casablanca\"]"`
	Country   string   `json:"country,omitempty" pattern:"^[A-Z]{2}$" example:"MA"`
	TaxIDs    []TaxID  `json:"tax_ids,omitempty" maxItems:"6"`
	Email     string   `json:"email,omitempty" maxLength:"254" example:"compta@atlas-textiles.example"`
	Currency  string   `json:"currency,omitempty" pattern:"^[A-Z]{3}$" example:"MAD" doc:"The operator's, if absent"`
	TimeZone  string   `json:"time_zone,omitempty" maxLength:"60" example:"Africa/Casablanca" doc:"The operator's, if absent"`
	Locale    string   `json:"locale,omitempty" enum:"fr,en,ar" example:"fr"`
	Terms     string   `json:"terms,omitempty" maxLength:"20" example:"net_30"`
	PONumber  string   `json:"po_number,omitempty" maxLength:"60" example:"PO-2026-118"`
	Active    *bool    `json:"active,omitempty" example:"true"`
}

func (d draftOrganisation) draft() employer.Draft {
	out := employer.Draft{Name: d.Name, LegalName: d.LegalName, Country: d.Country, Email: d.Email, Currency: d.Currency, TimeZone: d.TimeZone,
		Locale: d.Locale, Terms: d.Terms, PONumber: d.PONumber, Address: d.Address, Active: d.Active == nil || *d.Active}
	for _, t := range d.TaxIDs {
		out.TaxIDs = append(out.TaxIDs, store.TaxID(t))
	}
	return out
}

// Paged is which page is asked for.
type Paged struct {
	Cursor string `query:"cursor" format:"uuid" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" example:"50"`
}

func (p Paged) after() uuid.UUID {
	if p.Cursor == "" {
		return uuid.Nil
	}
	return uuid.MustParse(p.Cursor) // its format was checked
}

// OneOrganisation is the one that a path names.
type OneOrganisation struct {
	ID uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab"`
}

type newUnit struct {
	Parent uuid.UUID `json:"parent" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab" doc:"The root has the organisation's id"`
	Name   string    `json:"name" minLength:"1" maxLength:"120" example:"Plant"`
}

type newManager struct {
	Email string    `json:"email" minLength:"3" maxLength:"254" example:"leila@atlas-textiles.example"`
	Unit  uuid.UUID `json:"unit" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab"`
}

type managersPage struct {
	OneOrganisation
	Cursor string `query:"cursor" maxLength:"73" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" example:"50"`
}

// after is the user and the unit of the last one.
func (p managersPage) after() (user, unit uuid.UUID, err error) {
	if p.Cursor == "" {
		return uuid.Nil, uuid.Nil, nil
	}
	who, where, _ := strings.Cut(p.Cursor, ".")
	if user, err = uuid.Parse(who); err == nil {
		unit, err = uuid.Parse(where)
	}
	if err != nil {
		return uuid.Nil, uuid.Nil, fault.New("bad_value").At("query/cursor")
	}
	return user, unit, nil
}

// Organisations is the operator's business customers, and who manages them.
func Organisations(s *employer.Service) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "organisations.list", rest.Doc{Summary: "List organisations", About: "By name: all of them for the operator's staff, for a manager their own."},
			func(ctx context.Context, in *Paged) (*rest.Answer[rest.Page[Organisation]], error) {
				all, err := s.Organisations(ctx, in.after(), in.Limit)
				if err != nil {
					return nil, err
				}
				page := rest.Page[Organisation]{Items: make([]Organisation, len(all))}
				for i, o := range all {
					page.Items[i] = organisationOf(o)
				}
				if len(all) == in.Limit {
					page.Next = all[len(all)-1].ID.String()
				}
				return rest.Say(page), nil
			})
		rest.Handle(a, "organisations.create", rest.Doc{Summary: "Create an organisation", Status: 201}, func(ctx context.Context, in *struct{ Body draftOrganisation }) (*rest.Answer[Organisation], error) {
			o, err := s.Create(ctx, rest.ClaimOf(ctx), in.Body.draft())
			return rest.Say(wholeOrganisation(o)), err
		})
		rest.Handle(a, "organisations.get", rest.Doc{Summary: "See an organisation", About: "With the units that the caller reaches."}, func(ctx context.Context, in *OneOrganisation) (*rest.Answer[Organisation], error) {
			o, err := s.Organisation(ctx, in.ID)
			return rest.Say(wholeOrganisation(o)), err
		})
		rest.Handle(a, "organisations.update", rest.Doc{Summary: "Change an organisation", About: "All of it: what is absent becomes empty, or the operator's own; only the currency stays."}, func(ctx context.Context, in *struct {
			OneOrganisation
			Body draftOrganisation
		}) (*rest.Answer[Organisation], error) {
			o, err := s.Change(ctx, in.ID, in.Body.draft())
			return rest.Say(wholeOrganisation(o)), err
		})
		rest.Handle(a, "units.create", rest.Doc{Summary: "Add a unit", Status: 201}, func(ctx context.Context, in *struct {
			OneOrganisation
			Body newUnit
		}) (*rest.Answer[Unit], error) {
			u, err := s.AddUnit(ctx, rest.ClaimOf(ctx), in.ID, in.Body.Parent, in.Body.Name)
			return rest.Say(unitOf(u)), err
		})
		rest.Handle(a, "managers.list", rest.Doc{Summary: "List an organisation's managers", About: "By name, each with the unit they manage: one entry for each of their units. Told to the operator's staff."},
			func(ctx context.Context, in *managersPage) (*rest.Answer[rest.Page[Manager]], error) {
				user, unit, err := in.after()
				if err != nil {
					return nil, err
				}
				all, err := s.Managers(ctx, in.ID, user, unit, in.Limit)
				if err != nil {
					return nil, err
				}
				page := rest.Page[Manager]{Items: make([]Manager, len(all))}
				for i, m := range all {
					page.Items[i] = Manager(m)
				}
				if len(all) == in.Limit {
					last := all[len(all)-1]
					page.Next = last.User.String() + "." + last.Unit.String()
				}
				return rest.Say(page), nil
			})
		rest.Handle(a, "managers.add", rest.Doc{Summary: "Let somebody manage a unit", About: "And those under it. They need an account first (users.create).", Status: 201}, func(ctx context.Context, in *struct {
			OneOrganisation
			Body newManager
		}) (*rest.Answer[Manager], error) {
			m, err := s.AddManager(ctx, rest.ClaimOf(ctx), in.ID, in.Body.Unit, in.Body.Email)
			return rest.Say(Manager(m)), err
		})
		rest.Handle(a, "managers.remove", rest.Doc{Summary: "End that somebody manages a unit", Status: 204,
			About: "What they saw by it ends on every node within two seconds. Their account and its roles stay: users.update is for those, and does not touch what they manage. Whoever manages nothing there stays so."},
			func(ctx context.Context, in *struct {
				OneOrganisation
				User uuid.UUID `path:"user" format:"uuid" example:"0190b7a6-2222-7abc-8def-0123456789ab"`
				Unit string    `query:"unit" format:"uuid" doc:"This one only; if absent, all that they manage of the organisation"`
			}) (*rest.Nothing, error) {
				var unit *uuid.UUID
				if in.Unit != "" {
					id := uuid.MustParse(in.Unit) // its format was checked
					unit = &id
				}
				return &rest.Nothing{}, s.RemoveManager(ctx, in.ID, in.User, unit)
			})
		members(a, s)
		rosters(a, s)
		programmes(a, s)
		spend(a, s)
	}
}

// Member is somebody who belongs to an organisation.
type Member struct {
	ID         uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-9999-7abc-8def-0123456789ab"`
	Number     string    `json:"number,omitempty" example:"M-0017" doc:"The organisation's own of the employee"`
	Name       string    `json:"name" example:"Nadia El Fassi"`
	Email      string    `json:"email,omitempty" example:"nadia@atlas-textiles.example"`
	Unit       uuid.UUID `json:"unit" format:"uuid" example:"0190b7a6-8888-7abc-8def-0123456789ab"`
	UnitName   string    `json:"unit_name" example:"Plant"`
	CostCentre string    `json:"cost_centre,omitempty" example:"CC-410" doc:"Today's"`
	Joined     string    `json:"joined" format:"date" example:"2026-02-01"`
	Left       string    `json:"left,omitempty" format:"date" example:"2026-12-01" doc:"The first day on which they no longer belong"`
	Account    bool      `json:"account" example:"true" doc:"Somebody with their address can sign in"`
}

func members(a *rest.API, s *employer.Service) {
	rest.Handle(a, "members.list", rest.Doc{Summary: "List members", About: "By name, of the units that the caller reaches."}, func(ctx context.Context, in *struct {
		OneOrganisation
		Paged
		Q    string `query:"q" maxLength:"100" example:"nadia" doc:"Part of the name, beginning of the address, or the number"`
		Gone bool   `query:"gone" example:"false" doc:"Those who left too"`
	}) (*rest.Answer[rest.Page[Member]], error) {
		all, err := s.Members(ctx, employer.MembersAsk{Organisation: in.ID, Q: in.Q, Gone: in.Gone, After: in.after(), Limit: in.Limit})
		if err != nil {
			return nil, err
		}
		page := rest.Page[Member]{Items: make([]Member, len(all))}
		for i, m := range all {
			page.Items[i] = memberOf(m)
		}
		if len(all) == in.Limit {
			page.Next = all[len(all)-1].ID
		}
		return rest.Say(page), nil
	})
	rest.Handle(a, "members.move", rest.Doc{Summary: "Give a member another cost centre", About: "From a day on, without a roster. What was true of earlier days stays."}, func(ctx context.Context, in *struct {
		OneMember
		Body struct {
			CostCentre string `json:"cost_centre" maxLength:"200" example:"CC-410" doc:"Empty: the organisation itself"`
			On         string `json:"on,omitempty" format:"date" example:"2026-12-01" doc:"From this day; absent: today. At most 31 days ago"`
		}
	}) (*rest.Answer[Member], error) {
		day, err := dayOf(in.Body.On, "/on")
		if err != nil {
			return nil, err
		}
		m, err := s.MoveMember(ctx, in.ID, in.Member, in.Body.CostCentre, day)
		if err != nil {
			return nil, err
		}
		return rest.Say(memberOf(m)), nil
	})
	rest.Handle(a, "members.remove", rest.Doc{Summary: "End that somebody belongs",
		About: "As a roster without them does: their coming rides are cancelled, what was ridden stays. Who has left by then stays so."}, func(ctx context.Context, in *struct {
		OneMember
		On string `query:"on" format:"date" example:"2026-12-01" doc:"The first day on which they no longer belong; absent: today. At most 31 days ago"`
	}) (*rest.Answer[Member], error) {
		day, err := dayOf(in.On, "query/on")
		if err != nil {
			return nil, err
		}
		m, err := s.RemoveMember(ctx, in.ID, in.Member, day)
		if err != nil {
			return nil, err
		}
		return rest.Say(memberOf(m)), nil
	})
}

// OneMember is the one that a path names.
type OneMember struct {
	OneOrganisation
	Member uuid.UUID `path:"member" format:"uuid" example:"0190b7a6-9999-7abc-8def-0123456789ab"`
}

func memberOf(m store.Membership) Member {
	return Member{ID: uuid.MustParse(m.ID), Number: m.Number, Name: m.Name, Email: m.Email, Unit: m.Unit, UnitName: m.UnitName,
		CostCentre: m.CostCentre, Joined: m.Tenure.Joined.String(), Left: dayOrNothing(m.Tenure.Left), Account: m.Account}
}

func dayOrNothing(d servicedate.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
