package realtime

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// trip:ID shows one trip and where its vehicle is.
var _ = register(&Kind{
	Name:   "trip",
	Read:   policy.TripRead,
	Signal: policy.PositionPublish,
	Tells:  map[string]func([]byte) bool{"position": position, "msg": nil},
	Keep:   "position",
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		id, ok := dated(rest)
		return Channel{Base: "trip:" + rest, Key: id}, ok
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		t, err := r.LiveTrip(ctx, c.Key.(uuid.UUID))
		if err != nil {
			return Set{}, err
		}
		return Set{
			Resource: policy.Resource{Kind: "trip", ID: t.ID, Line: t.Line, Owner: t.Driver},
			Entities: []Entity{tripEntity(&t, event.OnTrip)},
		}, nil
	},
})

// position says whether a signal's data can be drawn on a map: where, and perhaps its course in degrees, its speed in m/s
// and the vehicle's label.
func position(data []byte) bool {
	var p map[string]any // a struct would take its members in any letter case, each once more
	if json.Unmarshal(data, &p) != nil {
		return false
	}
	bounds := map[string][2]float64{"lat": {-90, 90}, "lon": {-180, 180}, "bearing": {0, 360}, "speed": {0, 200}}
	for name, v := range p {
		within, number := bounds[name]
		switch v := v.(type) {
		case float64:
			if !number || v < within[0] || v > within[1] {
				return false
			}
		case string:
			if name != "vehicle" || len(v) > 64 {
				return false
			}
		default:
			if v != nil || !number && name != "vehicle" {
				return false
			}
		}
	}
	return p["lat"] != nil && p["lon"] != nil
}

func tripEntity(t *event.Trip, p event.Projection) Entity {
	return Entity{Name: t.Entity(), Version: uint64(t.Version), Doc: t.Doc(p)}
}

// canonicalID reads an id in the one form that channels are named with: another spelling
// would be another subject, where nothing is published.
func canonicalID(s string) (uuid.UUID, bool) {
	id, err := uuid.Parse(s)
	return id, err == nil && id.String() == s
}

// dated is canonicalID for what lives on a service date.
func dated(s string) (uuid.UUID, bool) {
	id, ok := canonicalID(s)
	if ok {
		_, ok = ident.DateOf(id)
	}
	return id, ok
}
