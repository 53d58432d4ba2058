package queue

import (
	"time"

	"github.com/waymeet/waymeet/matching/solver"
)

// Definition is what a tenant says of a queue, as far as waiting is concerned. A time of 0 is never.
type Definition struct {
	Rings    solver.Rings
	SLA      time.Duration // after which a wait is late
	Overflow time.Duration // from when on the overflow queue serves it too
	Callback time.Duration // from when on the client is offered to be called back
	Keep     time.Duration // how long the place of a client who is away is kept
	Call     time.Duration // how long a client who is called has to come
	Calls    int           // how often they are called at most
}

// CallPause is between two calls of one client.
const CallPause = 2 * time.Minute

// KeepDefault is how long a place is kept where the queue does not say.
const KeepDefault = 2 * time.Minute

// Flaw is what is wrong with a definition.
type Flaw string

// Flaws.
const (
	None     Flaw = ""
	BadRings Flaw = "rings" // do not widen
	BadOrder Flaw = "order" // a callback before the overflow, or something below 0
	BadKeep  Flaw = "keep"  // a place that nobody could come back to
	BadCalls Flaw = "calls" // that nobody could hear
)

// Check says what is wrong.
func (d Definition) Check() Flaw {
	switch {
	case !d.Rings.Widen():
		return BadRings
	case min(d.SLA, d.Overflow, d.Callback) < 0 || d.Callback > 0 && d.Overflow > d.Callback:
		return BadOrder
	case d.Keep < 0 || d.Keep > 0 && d.Keep < 20*time.Second:
		return BadKeep
	case d.Call < 0 || d.Calls < 0 || d.Calls > 0 && d.Call == 0:
		return BadCalls
	}
	return None
}

func (d Definition) keep() time.Duration {
	if d.Keep == 0 {
		return KeepDefault
	}
	return d.Keep
}
