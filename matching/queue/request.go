package queue

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// State is where a request stands.
type State string

// States. Matched and Cancelled are final.
const (
	Funding   State = "funding"
	Scheduled State = "scheduled"
	Waiting   State = "waiting"
	Offered   State = "offered"
	Callback  State = "callback" // the client will be called: waits without being there
	Matched   State = "matched"
	Cancelled State = "cancelled"
)

// Over says that nothing more will become of it.
func (s State) Over() bool { return s == Matched || s == Cancelled }

// Queued says that the request has a place.
func (s State) Queued() bool { return s == Waiting || s == Offered || s == Callback }

// Request is somebody who waits.
type Request struct {
	ID       uuid.UUID
	State    State
	Priority int
	Placed   time.Time // when it was funded, or its time came: with the priority, its place
	Due      time.Time // of a scheduled one
	Away     time.Time // since when nobody is there; zero: somebody is
	Ring     int
	Overflow bool
	Asked    bool      // a callback was offered
	Calls    int       // how often the client was called
	Called   time.Time // last
}

// Before is the order of a queue.
func (r Request) Before(o Request) int {
	return cmp.Or(-cmp.Compare(r.Priority, o.Priority), r.Placed.Compare(o.Placed), bytes.Compare(r.ID[:], o.ID[:]))
}

// Ready says whether it may be offered to somebody now.
func (r Request) Ready() bool { return r.State == Waiting && r.Away.IsZero() }

// Position is how many are before a request, and one more; 0: it has no place.
func Position(queue []Request, id uuid.UUID) int {
	i := slices.IndexFunc(queue, func(r Request) bool { return r.ID == id })
	if i < 0 || !queue[i].State.Queued() {
		return 0
	}
	n := 1
	for _, r := range queue {
		if r.State.Queued() && r.Before(queue[i]) < 0 {
			n++
		}
	}
	return n
}
