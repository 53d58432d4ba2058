package offer

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Round is the offers of a request that ring at the same time: one, or the N of which the first has it.
type Round []Offer

// Outcome is where a round stands.
type Outcome string

// Outcomes.
const (
	Ringing Outcome = "ringing"
	Taken   Outcome = "taken"   // one has accepted
	Nobody  Outcome = "nobody"  // all have ended otherwise: the request waits on, in its place
	Left    Outcome = "left"    // the client is gone
	Stopped Outcome = "stopped" // taken back: the request goes where whoever took it back puts it
)

// Outcome is where the round stands.
func (r Round) Outcome() Outcome {
	out := Nobody
	for _, o := range r {
		switch o.State {
		case Accepted:
			return Taken
		case Offered:
			out = Ringing
		case Cancelled:
			if out != Ringing {
				out = Left
			}
		case Rescinded:
			if out == Nobody {
				out = Stopped
			}
		}
	}
	return out
}

// Answer is what an expert hears of what they said.
func (r Round) Answer(offer uuid.UUID) (State, bool) {
	if i := r.find(offer); i >= 0 {
		return r[i].State, true
	}
	return "", false
}

// Hear is the round after somebody said something about one of its offers. Changed are those that this decided: the offer
// itself, and with an accept all others.
func (r Round) Hear(offer uuid.UUID, w Word, at time.Time) (_ Round, changed []Offer) {
	i := r.find(offer)
	if i < 0 {
		return r, nil
	}
	if w == Accept && r.Outcome() == Taken && !r[i].State.Over() {
		w = Rescind // cannot be: an accept rescinds the others at once
	}
	heard, isNew := r[i].Hear(w, at)
	if !isNew {
		return r, nil
	}
	r = slices.Clone(r)
	r[i] = heard
	changed = append(changed, heard)
	if heard.State == Accepted {
		r, changed = r.all(Rescind, at, changed)
	}
	return r, changed
}

// End is the round after something was said about all of it: the client left, or it is taken back. An accept that was
// before stays.
func (r Round) End(w Word, at time.Time) (_ Round, changed []Offer) {
	return slices.Clone(r).all(w, at, nil)
}

func (r Round) all(w Word, at time.Time, changed []Offer) (Round, []Offer) {
	for i := range r {
		if heard, isNew := r[i].Hear(w, at); isNew {
			r[i] = heard
			changed = append(changed, heard)
		}
	}
	return r, changed
}

func (r Round) find(offer uuid.UUID) int {
	return slices.IndexFunc(r, func(o Offer) bool { return o.ID == offer })
}
