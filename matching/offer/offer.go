package offer

import (
	"time"

	"github.com/google/uuid"
)

// State is what has become of an offer.
type State string

// States. All but Offered are final.
const (
	Offered   State = "offered"
	Accepted  State = "accepted"
	Declined  State = "declined"
	TimedOut  State = "timed_out"
	Cancelled State = "cancelled"
	Rescinded State = "rescinded"
)

// Over says that nothing more will become of it.
func (s State) Over() bool { return s != Offered }

// Ring is how long an expert is rung when the queue does not say.
const Ring = 15 * time.Second

// Offer is one expert rung for one request.
type Offer struct {
	ID       uuid.UUID
	Expert   uuid.UUID
	Epoch    int64 // of the matcher that made it
	State    State
	Deadline time.Time
	Ended    time.Time
}

// Word is what somebody says about an offer.
type Word string

// Words, and who says them.
const (
	Accept  Word = "accept"  // the expert
	Decline Word = "decline" // the expert
	Timeout Word = "timeout" // any node's timer, or the sweeper
	Cancel  Word = "cancel"  // the client
	Rescind Word = "rescind" // a matcher, or a supervisor
)

var ends = map[Word]State{Accept: Accepted, Decline: Declined, Timeout: TimedOut, Cancel: Cancelled, Rescind: Rescinded}

// Hear is the offer after somebody said something at a time. New says that this decided it: whoever says it again, or
// comes later, sees how it was decided.
func (o Offer) Hear(w Word, at time.Time) (_ Offer, isNew bool) {
	end, known := ends[w]
	if o.State.Over() || !known {
		return o, false
	}
	due := !at.Before(o.Deadline)
	switch {
	case w == Timeout && !due:
		return o, false // somebody's clock is fast
	case due && (w == Accept || w == Decline):
		end = TimedOut
	}
	if o.State, o.Ended = end, at; end == TimedOut {
		o.Ended = o.Deadline
	}
	return o, true
}

// Holds says whether the offer keeps its expert's slot: while it rings, and when it was accepted.
func (s State) Holds() bool { return s == Offered || s == Accepted }

// Asks says whether the expert must be asked if they are there before they are rung again.
func (s State) Asks() bool { return s == TimedOut }

// Excepts says whether this request is not offered to this expert again: they had their chance. Who was only not first may be asked again.
func (s State) Excepts() bool { return s == Declined || s == TimedOut }
