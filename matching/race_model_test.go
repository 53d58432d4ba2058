package matching_test

import (
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"
)

const (
	arenaRequests = 6
	arenaExperts  = 4
	arenaOffers   = 60
	arenaFan      = 2
)

// step is one operation as whoever asked for it saw it.
type step struct {
	verb    string // ring, cancel, here, vanish, appear, depose, due; and those of offers
	request int
	expert  int
	offer   int
	epoch   int // of a ring
	wide    int // how far the request is relaxed by then
}

const (
	none = iota
	open
	accepted
	done
	declined
	missed
	cancelled
	rescinded
	dropped
	lost
)

const (
	waits = iota
	matched
	given // up
)

type ring struct {
	request, expert, wide int8
	state                 uint8
	due, accepted         bool
}

// floor is the model of one arena: what PostgreSQL must look like to all who ask it.
type floor struct {
	epoch    int
	requests [arenaRequests]uint8
	asked    [arenaExperts]bool // are you there?
	gone     [arenaExperts]bool
	offers   [arenaOffers]ring
}

var offerModel = porcupine.Model{
	Init: func() any { return floor{epoch: 1} },
	Step: func(state, input, output any) (bool, any) {
		f := state.(floor)
		return slices.Equal(f.round(input.([]step)), output.([]string)), f
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %v", in, out) },
}

// round is what is asked together: one transaction, which first settles the rings of all requests that it may ring for.
func (f *floor) round(ins []step) (codes []string) {
	for _, in := range ins {
		if in.verb == "ring" && in.epoch == f.epoch {
			f.settle(in.request)
		}
	}
	for _, in := range ins {
		codes = append(codes, f.do(in))
	}
	return codes
}

// settle is what stands before every decision about a request: rings that were let pass are missed.
func (f *floor) settle(request int) {
	for i := range f.offers {
		if o := &f.offers[i]; o.state == open && int(o.request) == request && o.due {
			o.state = missed
			f.asked[o.expert] = true
		}
	}
}

func (f *floor) do(in step) string {
	switch in.verb {
	case "here":
		f.asked[in.expert] = false
	case "vanish":
		f.gone[in.expert] = true
	case "appear":
		f.gone[in.expert] = false
	case "depose":
		f.epoch++
	case "due":
		f.offers[in.offer].due = f.offers[in.offer].due || f.offers[in.offer].state == open
	case "ring":
		return f.ring(in)
	case "cancel":
		return f.cancel(in)
	default:
		return f.decide(in)
	}
	return ""
}

func (f *floor) ring(in step) string {
	if in.epoch != f.epoch {
		return "owner_lost"
	}
	f.settle(in.request)
	if o := f.offers[in.offer]; o.state != none {
		if int(o.request) != in.request || int(o.expert) != in.expert {
			return "offer_not_found" // an id is one pair's
		}
		return ""
	}
	out, same, busy, passed := 0, false, false, false
	for _, o := range f.offers {
		if o.state == open && int(o.request) == in.request {
			out++
			same = same || int(o.expert) == in.expert
		}
		passed = passed || (o.state == declined || o.state == missed) && int(o.request) == in.request && int(o.expert) == in.expert && int(o.wide) >= in.wide
		busy = busy || (o.state == open || o.state == accepted) && int(o.expert) == in.expert
	}
	switch {
	case f.requests[in.request] != waits:
		return "request_over"
	case f.asked[in.expert]:
		return "expert_unavailable"
	case f.gone[in.expert]:
		return "expert_unreachable"
	case same:
		return "expert_rung"
	case passed:
		return "expert_asked"
	case out >= arenaFan:
		return "request_rung"
	case busy:
		return "expert_busy"
	}
	f.offers[in.offer] = ring{request: int8(in.request), expert: int8(in.expert), wide: int8(in.wide), state: open}
	return ""
}

func (f *floor) cancel(in step) string {
	f.settle(in.request)
	switch f.requests[in.request] {
	case matched:
		return "request_matched"
	case waits:
		f.requests[in.request] = given
		f.others(in.request, cancelled)
	}
	return ""
}

// others are rung no longer.
func (f *floor) others(request int, state uint8) {
	for i := range f.offers {
		if o := &f.offers[i]; o.state == open && int(o.request) == request {
			o.state = state
		}
	}
}

var becomes = map[string]uint8{"accept": accepted, "decline": declined, "timeout": missed, "rescind": rescinded, "drop": dropped, "done": done, "requeue": dropped}

func (f *floor) decide(in step) string {
	o := &f.offers[in.offer]
	if o.state == none {
		return "offer_not_found"
	}
	request := int(o.request)
	f.settle(request)
	switch in.verb {
	case "accept":
		if o.accepted {
			return ""
		}
	case "done":
		if o.state == done {
			return ""
		}
	case "requeue":
		if o.accepted && o.state == dropped {
			return ""
		}
	case "drop":
		if !o.accepted && o.state == dropped {
			return ""
		}
	default:
		if o.state == becomes[in.verb] {
			return ""
		}
	}
	if in.verb == "done" || in.verb == "requeue" {
		if o.state != accepted {
			return "offer_not_accepted"
		}
		o.state = becomes[in.verb]
		if in.verb == "requeue" {
			f.requests[request] = waits
		}
		return ""
	}
	switch {
	case o.state == missed:
		return "offer_expired"
	case o.state == lost || o.state == done || o.state == accepted:
		return "offer_taken"
	case o.state == declined:
		return "offer_declined"
	case o.state != open:
		return "offer_withdrawn"
	case in.verb == "timeout":
		return "offer_not_due"
	case in.verb == "drop" && !f.gone[o.expert]:
		return "expert_present"
	}
	o.state = becomes[in.verb]
	if in.verb == "accept" {
		o.accepted = true
		f.others(request, lost)
		f.requests[request] = matched
	}
	return ""
}
