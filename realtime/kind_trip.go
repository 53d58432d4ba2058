package realtime

import (
	"context"

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
			Resource: policy.Resource{Kind: "trip", ID: t.ID, Line: t.Line},
			Entities: []Entity{tripEntity(&t, event.OnTrip)},
		}, nil
	},
})

func tripEntity(t *event.Trip, p event.Projection) Entity {
	return Entity{t.Entity(), uint64(t.Version), t.Doc(p)}
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
