package realtime

import (
	"context"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// bug:WHERE is a channel that panics where its name says.
var _ = register(&Kind{
	Name: "bug",
	Read: policy.TripRead,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		if rest == "parse" {
			panic("a bug in a parser")
		}
		c := Channel{Base: "bug:" + rest, Key: rest}
		if rest == "match" {
			c.Match = func(string, []byte) bool { panic("a bug in a filter") }
		}
		return c, true
	},
	Load: func(_ context.Context, _ *store.Reader, c Channel) (Set, error) {
		if c.Key == "load" {
			panic("a bug in a reader")
		}
		x := event.Trip{Version: 1}
		return Set{Resource: policy.Resource{Kind: "trip"}, Entities: []Entity{tripEntity(&x, event.OnTrip)}}, nil
	},
})
