package realtime

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// request:ID shows one request to its client and to whoever runs queues. How long it may take is a signal of the node that owns
// its queue: derived, and never kept.
var _ = register(&Kind{
	Name: "request",
	Read: policy.RequestRead,
	Keep: "wait",
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		id, ok := canonicalID(rest)
		return Channel{Base: "request:" + rest, Key: id}, ok
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		q, err := r.LiveRequest(ctx, c.Key.(uuid.UUID))
		if err != nil {
			return Set{}, err
		}
		return Set{Resource: policy.Resource{Kind: "request", ID: q.ID, Owner: q.Client, Queue: q.Queue}, Entities: []Entity{requestEntity(&q)}}, nil
	},
})

func requestEntity(r *event.Request) Entity {
	return Entity{Name: r.Entity(), Version: uint64(r.Version), Doc: r.Doc()}
}
