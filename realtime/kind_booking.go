package realtime

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// booking:ID shows one booking to its rider and to staff, and to the manager of the organisation whose programme pays for it the
// ride that is paid for.
var _ = register(&Kind{
	Name: "booking",
	Read: policy.BookingRead,
	Part: ride,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		id, ok := dated(rest)
		return Channel{Base: "booking:" + rest, Key: id}, ok
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		b, line, err := r.LiveBooking(ctx, c.Key.(uuid.UUID))
		if err != nil {
			return Set{}, err
		}
		return Set{
			Resource: policy.Resource{Kind: "booking", ID: b.ID, Owner: b.Rider, Line: line},
			Entities: []Entity{bookingEntity(&b)},
		}, nil
	},
})

// ride is the part of a booking that the organisation's list of rides shows as well, to the same people. It has no name of its own:
// where the list does not show a ride any more, there is none.
var ride = &Kind{
	Name: "ride",
	Read: policy.CompanyRead,
	Sole: true,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		id, ok := dated(rest)
		if !ok {
			return Channel{}, false
		}
		name := event.RideChannel(id)
		return Channel{View: name, Base: name, Key: id}, true
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		x, unit, above, err := r.LiveRide(ctx, c.Key.(uuid.UUID))
		if err != nil {
			return Set{}, err
		}
		return Set{
			Resource: policy.Resource{Kind: "unit", ID: unit, Units: above},
			Entities: []Entity{{Name: x.Entity(), Version: uint64(x.Version), Doc: x.Doc()}},
		}, nil
	},
}

func bookingEntity(b *event.Booking) Entity {
	return Entity{Name: b.Entity(), Version: uint64(b.Version), Doc: b.Doc()}
}
