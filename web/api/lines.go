package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web/rest"
)

// Line is a line as people know it.
type Line struct {
	ID        uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-5555-7abc-8def-0123456789ab"`
	Name      string    `json:"name" example:"L1 Sidi Maarouf – Casa Port"`
	ShortName string    `json:"short_name,omitempty" example:"L1"`
	Color     string    `json:"color,omitempty" example:"#00aa77"`
	Agency    string    `json:"agency" example:"Atlas Navettes"`
}

// LineWithPatterns is one line and the ways in which it runs.
type LineWithPatterns struct {
	Line
	Patterns []LinePattern `json:"patterns"`
}

// LinePattern is one way in which a line runs.
type LinePattern struct {
	ID         uuid.UUID `json:"id" format:"uuid" example:"0190b7a6-6666-7abc-8def-0123456789ab"`
	Headsign   string    `json:"headsign" example:"Casa Port"`
	Direction  int16     `json:"direction" enum:"0,1" example:"0"`
	StopsCount int16     `json:"stops_count" example:"8"`
}

type lines struct {
	Items []LineWithPatterns `json:"items"`
}

func lineOf(l store.Line) LineWithPatterns {
	out := LineWithPatterns{Line: Line{ID: l.ID, Name: l.Name, ShortName: l.ShortName, Color: hexColor(l.Color), Agency: l.Agency}, Patterns: make([]LinePattern, len(l.Patterns))}
	for i, p := range l.Patterns {
		out.Patterns[i] = LinePattern{ID: p.ID, Headsign: p.Headsign, Direction: p.Direction, StopsCount: p.Stops}
	}
	return out
}

// hexColor is a colour as style sheets write it, or nothing.
func hexColor(c string) string {
	if c == "" {
		return ""
	}
	return "#" + c
}

// Lines is the operator's lines.
func Lines(d *dispatch.Desk) func(*rest.API) {
	return func(a *rest.API) {
		rest.Handle(a, "lines.list", rest.Doc{Summary: "List lines", About: "All that run, in the operator's order, each with its patterns: a trip's pattern tells which way it goes."},
			func(ctx context.Context, _ *struct{}) (*rest.Answer[lines], error) {
				found, err := d.Lines(ctx, byOf(ctx).Tenant)
				if err != nil {
					return nil, err
				}
				out := lines{Items: make([]LineWithPatterns, len(found))}
				for i, l := range found {
					out.Items[i] = lineOf(l)
				}
				return rest.Say(out), nil
			})
		rest.Handle(a, "lines.get", rest.Doc{Summary: "See a line", About: "With its patterns: the ways in which it runs, the longest first in each direction."},
			func(ctx context.Context, in *byID) (*rest.Answer[LineWithPatterns], error) {
				by := byOf(ctx)
				l, err := d.Line(ctx, by.Tenant, in.ID)
				if err != nil {
					return nil, err
				}
				if err := policy.Can(ctx, policy.LineRead, policy.Resource{Tenant: by.Tenant, Kind: "line", ID: in.ID, Line: in.ID}); err != nil {
					return nil, err
				}
				return rest.Say(lineOf(l)), nil
			})
	}
}
