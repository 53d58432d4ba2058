package demo

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// run is a trip as the roster sees it.
type run struct {
	trip          uuid.UUID
	leaves, ends  time.Time
	start, finish uuid.UUID // stops
	vehicle       int       // None until it has one
}

const none = -1

// turnaround is how long a vehicle needs at a terminus before it can go back; deadhead, to get to another.
const (
	turnaround = 6 * time.Minute
	deadhead   = 25 * time.Minute
)

// roster gives every run a vehicle, and says how many it takes: the one that has been waiting at the first
// stop for the shortest time, else any that can get there in time, else another one.
func roster(runs []run, vehicles int) int {
	slices.SortStableFunc(runs, func(a, b run) int { return cmp.Or(a.leaves.Compare(b.leaves), slices.Compare(a.trip[:], b.trip[:])) })
	type state struct {
		free time.Time
		at   uuid.UUID
	}
	fleet := make([]state, vehicles)
	for i := range runs {
		r := &runs[i]
		best, here := none, false
		for v := range fleet {
			f := &fleet[v]
			if r.vehicle != none {
				break
			}
			waits := f.at == r.start && !f.free.Add(turnaround).After(r.leaves)
			comes := !f.free.Add(deadhead).After(r.leaves)
			switch {
			case waits && (!here || f.free.After(fleet[best].free)):
				best, here = v, true
			case !here && comes && (best == none || f.free.Before(fleet[best].free)):
				best = v
			}
		}
		if r.vehicle == none {
			if best == none {
				fleet = append(fleet, state{}) //nolint:makezero // one more than there are
				best = len(fleet) - 1
			}
			r.vehicle = best
		}
		if f := &fleet[r.vehicle]; r.ends.After(f.free) {
			f.free, f.at = r.ends, r.finish
		}
	}
	return len(fleet)
}

// driverOf is who drives a vehicle at an hour, by number: each vehicle has two drivers of its own, who change at
// two, so that nobody is ever in two places.
func driverOf(vehicle, drivers int, leaves time.Time) int {
	second := 0
	if h := leaves.Hour(); h < 2 || h >= 14 {
		second = 1
	}
	return (2*vehicle + second) % drivers
}
