package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Pattern is the ordered stops of trips, with times relative to the first departure.
type Pattern struct {
	ID       uuid.UUID     `json:"id" format:"uuid" example:"0190b7a6-6666-7abc-8def-0123456789ab"`
	Line     uuid.UUID     `json:"line" format:"uuid" example:"0190b7a6-5555-7abc-8def-0123456789ab"`
	LineName string        `json:"line_name" example:"L1 Sidi Maarouf – Casa Port"`
	Color    string        `json:"color,omitempty" example:"#00aa77"`
	Headsign string        `json:"headsign" example:"Casa Port"`
	Stops    []PatternStop `json:"stops"`
	Shape    string        `json:"shape,omitempty" example:"_tnlEnnwm@rDmC" doc:"The way, as an encoded polyline with five decimals"`
}

// PatternStop is one stop of a pattern. Seconds count from the departure at the first stop.
type PatternStop struct {
	Index   int       `json:"index" example:"0"`
	Stop    uuid.UUID `json:"stop" format:"uuid" example:"0190b7a6-3333-7abc-8def-0123456789ab"`
	Name    string    `json:"name" example:"Sidi Maarouf"`
	Lat     float64   `json:"lat" example:"33.5292"`
	Lon     float64   `json:"lon" example:"-7.6430"`
	ArriveS int32     `json:"arrive_s" example:"0"`
	DepartS int32     `json:"depart_s" example:"0"`
	NoGetOn bool      `json:"no_pickup,omitempty" doc:"True where nobody gets on"`
	NoLeave bool      `json:"no_drop_off,omitempty" doc:"True where nobody gets off"`
}

type askPattern struct {
	ID          uuid.UUID `path:"id" format:"uuid" example:"0190b7a6-6666-7abc-8def-0123456789ab"`
	IfNoneMatch string    `header:"If-None-Match" maxLength:"200" example:"\"8c5f0c1e2d3b4a59\""`
}

// patternKept is how long a phone may use a pattern without asking: its stops and times never change (another
// timetable is another pattern), only names and positions of stops do.
const patternKept = "private, max-age=3600"

// Patterns is timetables.
func Patterns(d *dispatch.Desk) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "patterns.get", rest.Doc{Summary: "See a pattern", About: "Stops, relative times and the way on the map. A trip's time at a stop is its departs_at plus depart_s."},
			func(ctx context.Context, in *askPattern) (*rest.Tagged[*Pattern], error) {
				by := byOf(ctx)
				t, shape, err := d.Pattern(ctx, by.Tenant, in.ID)
				if err != nil {
					return nil, err
				}
				if err := policy.Can(ctx, policy.LineRead, policy.Resource{Tenant: by.Tenant, Kind: "pattern", ID: in.ID, Line: t.Line}); err != nil {
					return nil, err
				}
				p := patternOf(t, shape)
				body, err := json.Marshal(p)
				if err != nil {
					return nil, err
				}
				sum := sha256.Sum256(body)
				return rest.Tag(in.IfNoneMatch, hex.EncodeToString(sum[:8]), patternKept, &p), nil
			})
	}
}

func patternOf(t store.Timetable, shape string) Pattern {
	p := Pattern{ID: t.Pattern, Line: t.Line, LineName: t.LineName, Color: hexColor(t.Color), Headsign: t.Headsign, Stops: make([]PatternStop, len(t.Stops)), Shape: shape}
	for i, s := range t.Stops {
		p.Stops[i] = PatternStop{Index: i, Stop: s.Stop, Name: s.Name, Lat: s.Lat, Lon: s.Lon, ArriveS: s.ArriveS, DepartS: s.DepartS,
			NoGetOn: s.NoPickup, NoLeave: s.NoLeave}
	}
	return p
}
