package event

import (
	"encoding/json"

	"github.com/google/uuid"
)

// Expert is what an expert's document is made from, as expert_doc reads it. What they are rung for and talk in are documents of their own: those are
// written thousands of times as often.
type Expert struct {
	ID        uuid.UUID         `json:"id"`
	Name      string            `json:"name"`
	Practises bool              `json:"practises"`
	Intent    string            `json:"intent"`
	Asked     bool              `json:"asked"`
	Reach     string            `json:"reach"` // as it was last shown
	Slots     int               `json:"slots"`
	Rating    int               `json:"rating"`
	Price     int64             `json:"price"`
	Currency  string            `json:"currency"`
	Skills    map[uuid.UUID]int `json:"skills"`
	Version   int64             `json:"version"`
}

type onDutyDoc struct {
	Name   string            `json:"name"`
	Intent string            `json:"intent"`
	Asked  bool              `json:"asked"` // let a ring pass, and has not said since that they are there
	Reach  string            `json:"reach"`
	Slots  int               `json:"slots"`
	Rating int               `json:"rating"` // hundredths of a star
	Price  Money             `json:"price"`  // of a minute
	Skills map[uuid.UUID]int `json:"skills"`
}

// Entity is the expert's name on the wire.
func (e *Expert) Entity() string { return "expert/" + e.ID.String() }

// OnDuty says whether boards show them: who is off and cannot be reached is at home.
func (e *Expert) OnDuty() bool { return e.Practises && (e.Intent != "off" || e.Reach != "gone") }

// Doc is the expert as whoever runs queues sees them.
func (e *Expert) Doc() json.RawMessage {
	return must(onDutyDoc{e.Name, e.Intent, e.Asked, e.Reach, e.Slots, e.Rating, Money{e.Price, e.Currency}, e.Skills})
}

// Change is the expert as they stand: who is not on duty leaves the boards.
func (e *Expert) Change() Change {
	c := Change{Entity: e.Entity(), Version: e.Version, Docs: map[Projection]json.RawMessage{OnQueues: e.Doc()}}
	if boards := []string{QueuesChannel}; e.OnDuty() {
		c.Channels = boards
	} else {
		c.Left = boards
	}
	return c
}

type takenDoc struct {
	Expert uuid.UUID `json:"expert"`
	State  string    `json:"state"` // open: they are rung; accepted: they talk
}

// Takes says whether it takes one of its expert's slots.
func (o *Offer) Takes() bool { return o.State == "open" || o.State == "accepted" }

// Taken is the slot that an offer takes, as boards of all queues show it: whose it is, and not for whom.
func (o *Offer) Taken() json.RawMessage { return must(takenDoc{o.Expert, o.State}) }
