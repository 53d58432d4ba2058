package realtime

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

type lineKey struct {
	line uuid.UUID
	date servicedate.Date
}

// line:ID:DATE shows each trip of a line on a service date, slim.
var _ = register(&Kind{
	Name: "line",
	Read: policy.TripRead,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		id, day, _ := strings.Cut(rest, ":")
		line, ok := canonicalID(id)
		date, err := servicedate.Parse(day)
		return Channel{Base: "line:" + rest, Key: lineKey{line, date}}, ok && err == nil && date.String() == day
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		key := c.Key.(lineKey)
		trips, err := r.LiveLine(ctx, key.line, key.date, maxEntities+1)
		if err != nil {
			return Set{}, err
		}
		set := Set{Resource: policy.Resource{Kind: "line", ID: key.line, Line: key.line}}
		for i := range trips {
			set.Entities = append(set.Entities, tripEntity(&trips[i], event.OnLine))
		}
		if len(trips) == 0 { // no trips that day, or no such line
			return set, r.LiveLineExists(ctx, key.line)
		}
		return set, nil
	},
})
