package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/web/rest"
)

// Me is a user as they see themselves.
type Me struct {
	ID          uuid.UUID           `json:"id" format:"uuid" example:"0190b7a6-2222-7abc-8def-0123456789ab"`
	Name        string              `json:"name" example:"Amal Idrissi"`
	Email       string              `json:"email" example:"amal@atlas.example"`
	Locale      string              `json:"locale" enum:"fr,en,ar" example:"fr"`
	Permissions []policy.Permission `json:"permissions" example:"[\"trip.read\",\"booking.hold\"]" doc:"What a screen may offer; the server decides each time"`
	Roles       []string            `json:"roles" example:"[\"rider\"]"`
	Tenant      MyTenant            `json:"tenant"`
}

// MyTenant is the operator as its users' screens need it.
type MyTenant struct {
	Slug          string `json:"slug" example:"atlas"`
	Name          string `json:"name" example:"Atlas Commute"`
	TimeZone      string `json:"time_zone" example:"Africa/Casablanca"`
	Currency      string `json:"currency" example:"MAD"`
	DefaultLocale string `json:"default_locale" example:"fr"`
	Today         string `json:"today" format:"date" example:"2026-11-23" doc:"The date on the wall there now: phones carry old zone data"`
	Now           string `json:"now" example:"07:10" doc:"The time on the wall there now"`
	Map           MyMap  `json:"map"`
	Advice        bool   `json:"advice" doc:"It has queues, or nothing of a commute: what a screen offers of advice"`
}

// MyMap is where a map opens, and where its tiles come from, if anywhere.
type MyMap struct {
	Lat     float64 `json:"lat" example:"33.57"`
	Lon     float64 `json:"lon" example:"-7.59"`
	Zoom    float64 `json:"zoom" example:"11"`
	TileURL string  `json:"tile_url,omitempty" example:"https://tiles.example/{z}/{x}/{y}.png"`
}

func meOf(m identity.Me) Me {
	zone, err := time.LoadLocation(m.Tenant.TimeZone)
	if err != nil {
		zone = time.UTC // a zone is checked when a tenant is made; this binary's own zone data is newer, never older
	}
	wall := time.Now().In(zone)
	return Me{ID: m.User, Name: m.Name, Email: m.Email, Locale: m.Locale, Permissions: m.Permissions, Roles: m.Roles, Tenant: MyTenant{
		Slug: m.Tenant.Slug, Name: m.Tenant.Name, TimeZone: m.Tenant.TimeZone, Currency: m.Tenant.Currency,
		DefaultLocale: m.Tenant.DefaultLocale, Today: wall.Format(time.DateOnly), Now: wall.Format("15:04"), Map: MyMap(m.Tenant.Map), Advice: m.Advises,
	}}
}

type changeMe struct {
	Body struct {
		Locale string `json:"locale" enum:"fr,en,ar" example:"ar"`
	}
}

// Profile is the caller's own.
func Profile(s *identity.Service) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "me.get", rest.Doc{Summary: "Who am I"}, func(ctx context.Context, _ *struct{}) (*rest.Answer[Me], error) {
			m, err := s.Me(ctx)
			return rest.Say(meOf(m)), err
		})
		rest.Handle(a, "me.update", rest.Doc{Summary: "Change my language"}, func(ctx context.Context, in *changeMe) (*rest.Answer[Me], error) {
			m, err := s.SetLocale(ctx, in.Body.Locale)
			return rest.Say(meOf(m)), err
		})
	}
}
