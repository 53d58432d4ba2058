package session

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// Why a handover, or a second expert, came to nothing, where no fault's code says it.
const (
	offSaid     = "said"      // somebody took it back
	offEnded    = "ended"     // its client hung up
	offDeclined = "declined"  // the one who was asked does not take it
	offFunds    = "funds"     // nothing pays for it any more
	offGone     = "no_client" // its client did not come
	offNoShow   = "no_show"   // the expert who accepted did not
)

// All of what follows is decided behind the first conversation's lock: whether its client hangs up, goes over, or is called back is one after the other.

// callOff takes an open handover back, and asks for what was done for it to be undone.
func callOff(ctx context.Context, tx *store.Tx, x *store.Session, why string) error {
	if !x.Transfer.Open() {
		return nil
	}
	x.Transfer.State, x.Transfer.Reason = store.TransferOff, why
	x.Tell()
	return handOn(ctx, tx, x)
}

// follow gives a conversation the terms of one that goes on with somebody else: what is left of the free seconds, and no minimum. False: nobody wants it any more.
func follow(x, first *store.Session) bool {
	if first == nil {
		return true
	}
	x.Policy.Free, x.Policy.Minimum, x.Policy.ClientLast, x.Meter.Used = first.Policy.Free, 0, true, talked(first)
	h := first.Transfer
	return h != nil && h.ID == x.Request && (h.Open() || h.State == store.TransferDone)
}

// taken notes in the first conversation that an expert has taken it over.
func taken(first, x *store.Session) {
	if first != nil && first.Transfer.Open() {
		first.Transfer.State, first.Transfer.Session = store.TransferTaken, x.ID
		first.Tell()
	}
}

// handed is what a join says in the conversation before: that the expert is there, or, of the client, that it is over. The client stays where they are until the other
// expert's page beats.
func handed(first, x *store.Session, p *store.SessionParty, at time.Time) ([]meter.Sign, error) {
	h := first.Transfer
	switch {
	case h != nil && h.State == store.TransferDone:
		return nil, nil
	case h == nil || h.State == store.TransferOff || h.Session != x.ID:
		return nil, fault.New("session_over")
	case p.Role == store.RoleExpert:
		h.State = store.TransferHere
		first.Tell()
		return nil, nil
	case p.Role != store.RoleClient:
		return nil, nil
	case first.Meter.State.Talking() && !x.Meter.Meter.Heard(meter.Expert):
		return nil, fault.New("transfer_early")
	}
	h.State = store.TransferDone
	first.Tell()
	signs := first.Meter.HandOver(&first.Policy, at)
	x.Meter.Used = talked(first) // the two have talked on since the other took it
	return signs, nil
}

// talked is how many seconds a client has talked in a conversation and those before it.
func talked(x *store.Session) int64 { return x.Meter.Used + x.Meter.Meter.Seconds() }

// uncome says in the conversation before that one is over to which its client has not come: somebody else is rung, or nobody.
func (s *Service) uncome(ctx context.Context, tx *store.Tx, x *store.Session) error {
	before, err := tx.SessionBefore(ctx, x.ID)
	if err != nil || before == uuid.Nil {
		return err
	}
	return s.turn(ctx, tx, before, func(first *store.Session, _ time.Time) ([]meter.Sign, error) {
		h := first.Transfer
		if !h.Open() || h.Session != x.ID {
			return nil, nil
		}
		if !again(x) {
			why := offGone
			if x.Meter.State == meter.Cancelled {
				why = offSaid
			}
			return nil, callOff(ctx, tx, first, why)
		}
		h.State, h.Session = store.TransferAsked, uuid.Nil
		first.Tell()
		return nil, nil
	})
}
