package realtime

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// queue:ID is the board of one queue for whoever runs it: who waits and who is rung for them, who talks, and the experts on duty with the slots of theirs that are
// taken, in whichever queue; how well those who talk hear each other is a signal. All queues of a tenant are one subject, so that a request that goes on to another leaves the one and enters the other by one change,
// and an expert is told once however many boards show them.
var _ = register(&Kind{
	Name: "queue",
	Read: policy.QueueRead,
	Most: mostOnBoard,
	Row:  queueRow,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		id, ok := canonicalID(rest)
		return Channel{Base: event.QueuesChannel, View: "queue:" + rest, Key: id, Match: func(row any) bool { return row == ofAll || row == id },
			Hears: func(key string) bool { return strings.HasPrefix(key, rest+"/") }}, ok
	},
	Load: func(ctx context.Context, r *store.Reader, c Channel) (Set, error) {
		id := c.Key.(uuid.UUID)
		floor, err := r.LiveQueue(ctx, id, mostOnBoard+1)
		if err != nil {
			return Set{}, err
		}
		set := Set{Resource: policy.Resource{Kind: "queue", ID: id, Queue: id}}
		add := func(name string, version int64, doc []byte) {
			set.Entities = append(set.Entities, Entity{Name: name, Version: uint64(version), Doc: doc})
		}
		for i := range floor.Waiting {
			add(floor.Waiting[i].Entity(), floor.Waiting[i].Version, floor.Waiting[i].Queued())
		}
		for i := range floor.Talks {
			add(floor.Talks[i].Entity(), floor.Talks[i].Version, floor.Talks[i].Supervised())
		}
		for i := range floor.Experts {
			add(floor.Experts[i].Entity(), floor.Experts[i].Version, floor.Experts[i].Doc())
		}
		for i := range floor.Offers {
			add(floor.Offers[i].Entity(), floor.Offers[i].Version, floor.Offers[i].Taken())
		}
		return set, nil
	},
})

const mostOnBoard = 10_000 // who waits, experts on duty, and their slots

// ofAll stands for a queue where a document is on the boards of all.
const ofAll = "all"

// queueRow is the queue that a document is in.
func queueRow(entity string, doc []byte) any {
	if kind, _, _ := strings.Cut(entity, "/"); kind == "expert" || kind == "offer" {
		return ofAll
	}
	var d struct {
		Queue uuid.UUID `json:"queue"`
	}
	if json.Unmarshal(doc, &d) != nil {
		return uuid.Nil
	}
	return d.Queue
}
