package realtime

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// queue:ID shows who waits in one queue, and who is rung for them, to whoever runs it. All queues of a tenant are one subject, so that a
// request that goes on to another leaves the one and enters the other by one change.
var _ = register(&Kind{
	Name: "queue",
	Read: policy.QueueRead,
	Row:  queueRow,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		id, ok := canonicalID(rest)
		return Channel{Base: event.QueuesChannel, View: "queue:" + rest, Key: id, Match: func(row any) bool { return row.(uuid.UUID) == id }}, ok
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		waiting, err := r.LiveQueue(ctx, c.Key.(uuid.UUID), maxEntities+1)
		if err != nil {
			return Set{}, err
		}
		set := Set{Resource: policy.Resource{Kind: "queue"}}
		for i := range waiting {
			set.Entities = append(set.Entities, Entity{Name: waiting[i].Entity(), Version: uint64(waiting[i].Version), Doc: waiting[i].Queued()})
		}
		return set, nil
	},
})

// queueRow is the queue that a document is in.
func queueRow(_ string, doc []byte) any {
	var d struct {
		Queue uuid.UUID `json:"queue"`
	}
	if json.Unmarshal(doc, &d) != nil {
		return uuid.Nil
	}
	return d.Queue
}
