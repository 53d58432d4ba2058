package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Device is where a user is connected to the live layer, by the sign-in behind it.
type Device struct {
	ID          uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-3333-7abc-8def-0123456789ab" doc:"The sign-in"`
	Client      string    `json:"client" enum:"browser,native" example:"browser"`
	Node        string    `json:"node" example:"node-1"`
	Since       time.Time `json:"since" format:"date-time" example:"2026-11-23T06:10:00Z" doc:"Of its oldest connection"`
	Connections int       `json:"connections" example:"1"`
}

type userDevices struct {
	ID uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-2222-7abc-8def-0123456789ab"`
}

func devicesOf(found []store.Device) rest.Page[Device] {
	page := rest.Page[Device]{Items: make([]Device, len(found))}
	for i, d := range found {
		page.Items[i] = Device{ID: d.ID, Client: "native", Node: d.Node, Since: d.Since, Connections: d.Connections}
		if d.Browser {
			page.Items[i].Client = "browser"
		}
	}
	return page
}

// Devices is who is connected where.
func Devices(s *identity.Service) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "me.devices", rest.Doc{Summary: "Where am I connected", About: "A device that vanished without a word is shown for fifteen seconds more."},
			func(ctx context.Context, _ *struct{}) (*rest.Answer[rest.Page[Device]], error) {
				found, err := s.MyDevices(ctx)
				return rest.Say(devicesOf(found)), err
			})
		rest.Handle(a, "users.devices", rest.Doc{Summary: "Where a user is connected"}, func(ctx context.Context, in *userDevices) (*rest.Answer[rest.Page[Device]], error) {
			actor, _ := policy.ActorFrom(ctx)
			found, err := s.Devices(ctx, actor.Tenant, in.ID)
			return rest.Say(devicesOf(found)), err
		})
	}
}
