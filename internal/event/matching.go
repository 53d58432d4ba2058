package event

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// QueuesChannel carries what happens in a tenant's queues: queue:ID shows who waits and talks in one, and all who serve them.
const QueuesChannel = "queues"

// Stirs says whether a change is about who waits or who is rung, and whom it concerns: whoever owns their queue looks again.
func Stirs(c Change) (people []uuid.UUID, stirs bool) {
	if !strings.HasPrefix(c.Entity, "request/") && !strings.HasPrefix(c.Entity, "offer/") {
		return nil, false
	}
	for _, ch := range slices.Concat(c.Channels, c.Left) {
		if user, mine := strings.CutPrefix(ch, "me:"); mine {
			if id, err := uuid.Parse(user); err == nil {
				people = append(people, id)
			}
		}
	}
	return people, true
}

// Request is what a request's documents are made from: its row and who is rung for it, as request_shown reads them.
type Request struct {
	ID        uuid.UUID          `json:"id"`
	Queue     uuid.UUID          `json:"queue"`
	Client    uuid.UUID          `json:"client"`
	Modality  string             `json:"modality"`
	Languages []string           `json:"languages"`
	Ceiling   int64              `json:"ceiling"`
	Currency  string             `json:"currency"`
	Priority  int                `json:"priority"`
	State     string             `json:"state"`
	PlacedAt  time.Time          `json:"placed_at"`
	MatchedAt *time.Time         `json:"matched_at"`
	EndedAt   *time.Time         `json:"ended_at"`
	Expert    *uuid.UUID         `json:"expert"`
	Offer     *uuid.UUID         `json:"offer"`
	Name      string             `json:"expert_name"` // of the expert, as the tenant shows it
	Who       string             `json:"client_name"` // of the client, while they wait
	About     string             `json:"about"`
	Rings     map[uuid.UUID]Ring `json:"rings"`
	Away      *time.Time         `json:"callback_at"` // since when its client is to be called
	CallUntil *time.Time         `json:"call_until"`
	Calls     int                `json:"calls"`
	Version   int64              `json:"version"`
}

// Ring is an expert who is rung for a request.
type Ring struct {
	Expert   uuid.UUID `json:"expert"`
	Reach    string    `json:"reach"`
	MadeAt   time.Time `json:"made_at"`
	Deadline time.Time `json:"deadline"`
}

type requestDoc struct {
	Queue     uuid.UUID  `json:"queue"`
	Modality  string     `json:"modality"`
	Languages []string   `json:"languages"`
	About     string     `json:"about,omitempty"`
	Ceiling   Money      `json:"ceiling"`
	State     string     `json:"state"`
	Ringing   bool       `json:"ringing"` // somebody is asked at this moment
	PlacedAt  time.Time  `json:"placed_at"`
	MatchedAt *time.Time `json:"matched_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	Expert    *uuid.UUID `json:"expert,omitempty"`
	Offer     *uuid.UUID `json:"offer,omitempty"` // the conversation has its id
	Name      string     `json:"expert_name,omitempty"`
	Callback  *callback  `json:"callback,omitempty"`
}

// callback is where a client is who is called when their turn comes.
type callback struct {
	Since     time.Time  `json:"since"`
	Calls     int        `json:"calls"`
	CallUntil *time.Time `json:"call_until,omitempty"` // of the latest call: until then they may come
}

type queuedDoc struct {
	Queue     uuid.UUID          `json:"queue"`
	Client    uuid.UUID          `json:"client"`
	Who       string             `json:"client_name"`
	Modality  string             `json:"modality"`
	Languages []string           `json:"languages"`
	About     string             `json:"about,omitempty"`
	Ceiling   Money              `json:"ceiling"`
	Priority  int                `json:"priority"`
	PlacedAt  time.Time          `json:"placed_at"`
	Rings     map[uuid.UUID]Ring `json:"rings"`
	Callback  *callback          `json:"callback,omitempty"`
}

// Entity is the request's name on the wire.
func (r *Request) Entity() string { return "request/" + r.ID.String() }

// Waits says whether it is still something that somebody waits for.
func (r *Request) Waits() bool { return r.State == "waiting" }

func (r *Request) callback() *callback {
	if r.Away == nil || !r.Waits() {
		return nil
	}
	return &callback{r.Away.UTC(), r.Calls, utc(r.CallUntil)}
}

// Doc is the request as its client sees it.
func (r *Request) Doc() json.RawMessage {
	return must(requestDoc{r.Queue, r.Modality, r.Languages, r.About, Money{r.Ceiling, r.Currency}, r.State, len(r.Rings) > 0, r.PlacedAt.UTC(), utc(r.MatchedAt), utc(r.EndedAt), r.Expert, r.Offer, r.Name, r.callback()})
}

// Queued is the request as whoever runs its queue sees it.
func (r *Request) Queued() json.RawMessage {
	d := queuedDoc{r.Queue, r.Client, r.Who, r.Modality, r.Languages, r.About, Money{r.Ceiling, r.Currency}, r.Priority, r.PlacedAt.UTC(), make(map[uuid.UUID]Ring, len(r.Rings)), r.callback()}
	for offer, x := range r.Rings {
		x.MadeAt, x.Deadline = x.MadeAt.UTC(), x.Deadline.UTC()
		d.Rings[offer] = x
	}
	return must(d)
}

// Change is the request as it stands: one that nobody waits for any more leaves its queue, and its client's own set.
func (r *Request) Change() Change {
	c := Change{Entity: r.Entity(), Version: r.Version, Docs: map[Projection]json.RawMessage{OnRequest: r.Doc(), OnQueues: r.Queued()}, Channels: []string{"request:" + r.ID.String()}}
	if own := []string{"me:" + r.Client.String(), QueuesChannel}; r.Waits() {
		c.Channels = append(c.Channels, own...)
	} else {
		c.Left = own
	}
	return c
}

// Offer is what a ring's document is made from: its row and its request's, as offer_shown reads them.
type Offer struct {
	ID        uuid.UUID         `json:"id"`
	Request   uuid.UUID         `json:"request"`
	Queue     uuid.UUID         `json:"queue"`
	Expert    uuid.UUID         `json:"expert"`
	State     string            `json:"state"`
	Reach     string            `json:"reach"`
	Minute    int64             `json:"minute"`
	Currency  string            `json:"currency"`
	MadeAt    time.Time         `json:"made_at"`
	Deadline  time.Time         `json:"deadline"`
	Modality  string            `json:"modality"`
	Languages []string          `json:"languages"`
	About     string            `json:"about"`
	Needs     map[uuid.UUID]int `json:"needs"`
	Beside    *uuid.UUID        `json:"beside"` // the conversation into which a second expert is asked
	Version   int64             `json:"version"`
}

type offerDoc struct {
	Request   uuid.UUID         `json:"request"`
	Queue     uuid.UUID         `json:"queue"`
	Modality  string            `json:"modality"`
	Languages []string          `json:"languages"`
	About     string            `json:"about,omitempty"` // what the client wrote
	Needs     map[uuid.UUID]int `json:"needs"`
	Pay       Money             `json:"pay"`              // of a minute
	Beside    *uuid.UUID        `json:"beside,omitempty"` // the conversation in which they would be a second expert
	MadeAt    time.Time         `json:"made_at"`
	Deadline  time.Time         `json:"deadline"`
}

// Entity is the offer's name on the wire.
func (o *Offer) Entity() string { return "offer/" + o.ID.String() }

// Doc is the ring as its expert sees it.
func (o *Offer) Doc() json.RawMessage {
	return must(offerDoc{o.Request, o.Queue, o.Modality, o.Languages, o.About, o.Needs, Money{o.Minute, o.Currency}, o.Beside, o.MadeAt.UTC(), o.Deadline.UTC()})
}

// Change is the ring as it stands: one that is over leaves its expert's own set, and boards once its slot is free again.
func (o *Offer) Change() Change {
	c := Change{Entity: o.Entity(), Version: o.Version, Docs: map[Projection]json.RawMessage{OnOffer: o.Doc(), OnQueues: o.Taken()}}
	switch me := "me:" + o.Expert.String(); {
	case o.State == "open":
		c.Channels = []string{me, QueuesChannel}
	case o.Takes():
		c.Channels, c.Left = []string{QueuesChannel}, []string{me}
	default:
		c.Left = []string{me, QueuesChannel}
	}
	return c
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return instant(*t)
}
