package realtime

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// booking:ID shows one booking to its rider and to staff.
var _ = register(&Kind{
	Name: "booking",
	Read: policy.BookingRead,
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

func bookingEntity(b *event.Booking) Entity {
	return Entity{Name: b.Entity(), Version: uint64(b.Version), Doc: b.Doc()}
}
