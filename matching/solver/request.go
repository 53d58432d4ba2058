package solver

import (
	"bytes"
	"cmp"
	"time"

	"github.com/google/uuid"
)

// Skill and Language are numbers that a tenant's catalogue gives to their names: small, and never reused.
type (
	Skill    uint16
	Language uint16
)

// Modality is how people talk.
type Modality uint8

// Modalities.
const (
	Chat Modality = iota
	Audio
	Video
	modalities
)

// MaxLevel is the most that an expert can be in a skill; 0 is not at all.
const MaxLevel = 5

// Need is one skill that a request asks for, and how much of it.
type Need struct {
	Skill Skill
	Level uint8
}

// Request is somebody who waits, as far as matching is concerned.
type Request struct {
	ID       uuid.UUID
	Needs    []Need     // the most important first: rings let go of the last
	Speaks   []Language // any of them will do; none: any language
	Modality Modality
	Ceiling  int64 // of a minute's price in the queue's currency; 0: none
	Priority int   // 0 is ordinary, each step counts Weights.Priority
	Placed   time.Time
	Ring     int         // how far requirements are relaxed
	Sticky   []uuid.UUID // favourites, and whom they talked to before
	Except   []uuid.UUID // blocked by either side, or asked before
	Only     uuid.UUID   // the one who may serve it; nil: whoever can
}

// Before is the order in which requests are served when nothing else tells them apart.
func (r *Request) Before(o *Request) int {
	return cmp.Or(-cmp.Compare(r.Priority, o.Priority), r.Placed.Compare(o.Placed), bytes.Compare(r.ID[:], o.ID[:]))
}

// Expert is somebody who may be rung.
type Expert struct {
	ID         uuid.UUID
	Levels     map[Skill]uint8
	Speaks     []Language
	Modalities []Modality
	Price      int64 // of a minute in the queue's currency
	Rating     int   // in hundredths of a star, 0 to 500; who is new starts at what the tenant says
	Slots      int   // free ones; 0: not now
	IdleSince  time.Time
}
