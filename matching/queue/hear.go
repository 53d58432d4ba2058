package queue

import "time"

// Word is what happens to a request.
type Word string

// Words.
const (
	Funded   Word = "funded"   // the hold stands: before it there is no place
	Booked   Word = "booked"   // likewise, for a time to come
	Ring     Word = "ring"     // somebody is rung for it
	Nobody   Word = "nobody"   // and did not take it
	Accept   Word = "accept"   // and did
	Leave    Word = "leave"    // the client cancels
	Gone     Word = "gone"     // the last of the client's sockets closed
	Back     Word = "back"     // the client is there
	CallMe   Word = "call_me"  // the client wants to be called back
	Priority Word = "priority" // a supervisor's; the new one is in By
)

// Hear is the request after something happened. Done says that it changed something: what cannot be in its state changes nothing.
func (r Request) Hear(w Word, by int, at time.Time) (_ Request, done bool) {
	was := r
	switch {
	case r.State.Over():
	case w == Funded && r.State == Funding:
		r.State, r.Placed = Waiting, at
	case w == Booked && r.State == Funding:
		r.State, r.Placed = Scheduled, r.Due
	case w == Ring && r.Ready():
		r.State = Offered
	case w == Nobody && r.State == Offered:
		r.State = Waiting
	case w == Accept && r.State == Offered:
		r.State = Matched
	case w == Leave:
		r.State = Cancelled
	case w == Gone && r.Away.IsZero() && (r.State == Waiting || r.State == Offered):
		r.Away = at
	case w == Back && r.State == Callback:
		r.State, r.Away = Waiting, time.Time{}
	case w == Back:
		r.Away = time.Time{}
	case w == CallMe && r.State == Waiting && r.Asked:
		r.State, r.Away, r.Calls, r.Called = Callback, time.Time{}, 0, time.Time{}
	case w == Priority:
		r.Priority = by
	}
	return r, r != was
}
