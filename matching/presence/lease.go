package presence

import "time"

// Intent is what an expert wants.
type Intent string

// Intents.
const (
	Available Intent = "available"
	Break     Intent = "break"
	Off       Intent = "off"
)

// Reach is whether an expert can be reached.
type Reach string

// Reaches.
const (
	Connected Reach = "connected"
	Suspect   Reach = "suspect"
	PushOnly  Reach = "push_only"
	Gone      Reach = "gone"
)

// The lease's times. A heartbeat comes every five seconds.
const (
	Heartbeat = 5 * time.Second
	Doubtful  = 10 * time.Second // two are missing
	Ends      = 15 * time.Second
	PushFor   = 30 * time.Minute // after the last heartbeat, for devices that take push messages
)

// Lease is what is known of one expert's presence. Times are those of the clock of who writes it down.
type Lease struct {
	Intent Intent
	Epoch  int64     // of the newest connection
	Open   bool      // it has not said that it closed
	Beat   time.Time // the last heartbeat of the newest connection
	Push   bool      // a device takes push messages
	Missed bool      // let an offer pass and has not said since that they are there
}

// Connect is a new connection. Its epoch fences those before it.
func (l Lease) Connect(at time.Time) Lease {
	l.Epoch, l.Open, l.Beat = l.Epoch+1, true, at
	return l
}

// Hear is a heartbeat of a connection; false: it was fenced.
func (l Lease) Hear(epoch int64, at time.Time) (Lease, bool) {
	if epoch != l.Epoch || !l.Open {
		return l, false
	}
	l.Beat = at
	return l, true
}

// Close is a connection that closed; false: it was fenced, and another one lives.
func (l Lease) Close(epoch int64) (Lease, bool) {
	if epoch != l.Epoch || !l.Open {
		return l, false
	}
	l.Open = false
	return l, true
}

// Reach is whether the expert can be reached now. A heartbeat that lies in the future was written before the clock was
// set back: it is as good as its distance.
func (l Lease) Reach(now time.Time) Reach {
	age := now.Sub(l.Beat).Abs()
	switch {
	case l.Epoch == 0:
		return Gone
	case age < Doubtful && l.Open:
		return Connected
	case age < Ends:
		return Suspect
	case l.Push && age < PushFor:
		return PushOnly
	}
	return Gone
}

// Next is when Reach says something else, if nothing happens; zero: it will not.
func (l Lease) Next(now time.Time) time.Time {
	switch l.Reach(now) {
	case Connected:
		return l.Beat.Add(Doubtful)
	case Suspect:
		return l.Beat.Add(Ends)
	case PushOnly:
		return l.Beat.Add(PushFor)
	}
	return time.Time{}
}

// Rings says whether an expert with so many free slots may be rung now.
func (l Lease) Rings(now time.Time, slots int) bool {
	r := l.Reach(now)
	return l.Intent == Available && !l.Missed && slots > 0 && (r == Connected || r == PushOnly)
}

// Want is the expert's own word: it also says that they are there.
func (l Lease) Want(i Intent) Lease {
	l.Intent, l.Missed = i, false
	return l
}
