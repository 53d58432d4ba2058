package faults

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The faults, by the lane that does them. Lanes run side by side, the faults of one lane one after the other.
var lanes = []struct {
	name  string
	kinds []string
}{
	{"nodes", []string{"kill", "stop", "leave"}},
	{"redis", []string{"empty", "hangup", "overflow", "pause"}},
	{"postgres", []string{"fast", "immediate", "long"}},
	{"network", []string{"slow redis", "slow postgres", "reset redis", "reset postgres", "slow both"}},
	{"sleepers", []string{"sleep"}},
}

// act is one fault.
type act struct {
	what string
	node int
	at   time.Duration // since the run began
	last time.Duration
	size time.Duration // of a latency
}

// plan is all that a seed does.
type plan struct {
	seed  uint64
	fire  time.Duration // how long is written
	lanes map[string][]act
}

const (
	longStop  = 30 * time.Second        // of a node, in one seed of five
	goodbye   = 4500 * time.Millisecond // what a node takes to end by itself, and so no plan's to say
	longSleep = 3 * time.Second         // until a board's changes fill what the kernels take, and the node has to skip steps
)

func draw(seed uint64) plan {
	r := rand.New(rand.NewPCG(seed, 0))
	p := plan{seed: seed, fire: 6 * time.Second, lanes: map[string][]act{}}
	long := seed%5 == 0
	if long {
		p.fire = longStop + 2*time.Second
	}
	between := func(low, high time.Duration) time.Duration { return low + time.Duration(r.Int64N(int64(high-low))) }
	for _, l := range lanes {
		at := between(300*time.Millisecond, 1500*time.Millisecond)
		kinds, last := r.Perm(len(l.kinds)), 1500*time.Millisecond
		if l.name == "sleepers" {
			last = longSleep
		}
		for i := 0; ; i++ {
			a := act{what: l.kinds[kinds[i%len(kinds)]], node: r.IntN(3), at: at, last: between(300*time.Millisecond, 1800*time.Millisecond), size: between(50*time.Millisecond, 300*time.Millisecond)}
			switch {
			case l.name == "nodes" && long:
				a.what, a.last = "stop", longStop
			case a.what == "leave":
				a.last = goodbye
			case a.what == "stop" || a.what == "sleep":
				a.last = between(time.Second, 3*time.Second)
			}
			if a.at+a.last > p.fire-last && i > 0 {
				break
			}
			p.lanes[l.name] = append(p.lanes[l.name], a)
			if long && l.name == "nodes" {
				break
			}
			at += a.last + between(200*time.Millisecond, 1500*time.Millisecond)
		}
	}
	// The last changes are made while news is lost and the sleepers sleep.
	p.lanes["redis"] = append(p.lanes["redis"], act{what: []string{"empty", "hangup", "overflow"}[r.IntN(3)], node: r.IntN(3), at: p.fire - 700*time.Millisecond, last: 900 * time.Millisecond})
	p.lanes["sleepers"] = append(p.lanes["sleepers"], act{what: "sleep", at: p.fire - longSleep, last: longSleep + 100*time.Millisecond})
	return p
}

func (p plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %v of changes, and", p.seed, p.fire)
	for _, l := range lanes {
		fmt.Fprintf(&b, "\n  %s:", l.name)
		for _, a := range p.lanes[l.name] {
			fmt.Fprintf(&b, " %s", a.what)
			if l.name != "postgres" && l.name != "sleepers" && (l.name != "redis" || a.what == "overflow") {
				fmt.Fprintf(&b, " n%d", a.node+1)
			}
			fmt.Fprintf(&b, " at %v for %v;", a.at.Round(10*time.Millisecond), a.last.Round(10*time.Millisecond))
		}
	}
	return b.String()
}
