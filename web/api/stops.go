package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Stop is a place where people get on and off.
type Stop struct {
	ID   uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-3333-7abc-8def-0123456789ab"`
	Name string    `json:"name" example:"Sidi Maarouf"`
	Lat  float64   `json:"lat" example:"33.5292"`
	Lon  float64   `json:"lon" example:"-7.6430"`
}

type askStops struct {
	Q     string                 `query:"q" maxLength:"100" example:"sidi ma" doc:"Beginnings of words of the name; case and accents do not matter"`
	Lat   rest.Optional[float64] `query:"lat" minimum:"-90" maximum:"90" example:"33.53" doc:"With lon: nearest first"`
	Lon   rest.Optional[float64] `query:"lon" minimum:"-180" maximum:"180" example:"-7.64"`
	Limit int                    `query:"limit" minimum:"1" maximum:"100" default:"20" example:"8"`
}

type stops struct {
	Items []Stop `json:"items"`
}

type byID struct {
	ID uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-3333-7abc-8def-0123456789ab"`
}

// Stops is finding stops.
func Stops(d *dispatch.Desk) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "stops.search", rest.Doc{Summary: "Find stops", About: "Stops that some line serves, by name, or by distance when it is known where the rider is."},
			func(ctx context.Context, in *askStops) (*rest.Answer[stops], error) {
				q := store.StopSearch{Typed: in.Q, Limit: in.Limit}
				if in.Lat.Set != in.Lon.Set {
					return nil, fault.New("required").At("query/lon")
				}
				q.Near, q.Lat, q.Lon = in.Lat.Set, in.Lat.Value, in.Lon.Value
				found, err := d.Stops(ctx, byOf(ctx).Tenant, q)
				if err != nil {
					return nil, err
				}
				out := stops{Items: make([]Stop, len(found))}
				for i, s := range found {
					out.Items[i] = Stop(s)
				}
				return rest.Say(out), nil
			})
		rest.Handle(a, "stops.get", rest.Doc{Summary: "See a stop"}, func(ctx context.Context, in *byID) (*rest.Answer[Stop], error) {
			by := byOf(ctx)
			s, err := d.Stop(ctx, by.Tenant, in.ID)
			if err != nil {
				return nil, err
			}
			if err := policy.Can(ctx, policy.StopRead, policy.Resource{Tenant: by.Tenant, Kind: "stop", ID: in.ID}); err != nil {
				return nil, err
			}
			return rest.Say(Stop(s)), nil
		})
	}
}
