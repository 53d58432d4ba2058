package meter

import "time"

// State is where a session stands.
type State string

// States. The last four are final.
const (
	Connecting    State = "connecting"
	Live          State = "live"
	Reconnecting  State = "reconnecting"
	Interrupted   State = "interrupted"
	WrapUp        State = "wrap_up"
	Completed     State = "completed"
	ConnectFailed State = "connect_failed"
	NoShow        State = "no_show"
	Cancelled     State = "cancelled"
)

// Over says that nothing more will become of it.
func (s State) Over() bool {
	return s == Completed || s == ConnectFailed || s == NoShow || s == Cancelled
}

// Talking says that the two are at it, or may be again.
func (s State) Talking() bool { return s == Live || s == Reconnecting || s == Interrupted }

// Reason is why a session ended.
type Reason string

// Reasons.
const (
	Said      Reason = "said"   // one of them, or a supervisor, ended it
	Funds     Reason = "funds"  // the funded second was reached
	Lost      Reason = "lost"   // one of them did not come back
	TooOften  Reason = "pauses" // pauses are limited
	NoClient  Reason = "no_client"
	NoExpert  Reason = "no_expert"
	NoMedia   Reason = "no_media"
	CalledOff Reason = "called_off"
	Handed    Reason = "transferred" // the client has gone on to another expert
)

// Policy is what a tenant says of sessions.
type Policy struct {
	Connect time.Duration `json:"connect"` // until both hear each other
	Grace   time.Duration `json:"grace"`   // for whoever dropped
	Hold    time.Duration `json:"hold"`    // for whoever takes a phone call
	Paused  time.Duration `json:"paused"`  // all pauses together
	Pauses  int           `json:"pauses"`
	WrapUp  time.Duration `json:"wrap_up"`
	Free    int64         `json:"free"`    // first seconds that cost nothing
	Minimum int64         `json:"minimum"` // seconds that are charged at least, once the free ones are over

	ClientLast bool `json:"client_last,omitempty"` // the client is with somebody else until the expert is there
}

// DefaultPolicy is that of a tenant who says nothing.
var DefaultPolicy = Policy{
	Connect: time.Minute, Grace: 45 * time.Second, Hold: 3 * time.Minute, Paused: 10 * time.Minute, Pauses: 20, WrapUp: time.Minute,
}

// Funds are watched at these seconds left.
const (
	ExtendAt = 180
	WarnAt   = 60
)

// Sign is what a session says of itself.
type Sign string

// Signs.
const (
	Began   Sign = "began"
	Paused  Sign = "paused"
	Resumed Sign = "resumed"
	Extend  Sign = "extend" // more should be authorised; once for what is funded
	Warn    Sign = "warn"   // a minute is left; once for what is funded
	Ended   Sign = "ended"
	Closed  Sign = "closed"
)

// Session is a conversation from the accepted offer to the receipt.
type Session struct {
	State  State         `json:"state"`
	Reason Reason        `json:"reason,omitempty"`
	Meter  Meter         `json:"meter"`
	Funded int64         `json:"funded"`         // seconds that are paid for, the free ones not among them
	Used   int64         `json:"used,omitempty"` // seconds of the conversation that this one goes on from: they were free first
	Since  time.Duration `json:"since"`          // when the state began, on the meter's clock
	Paused time.Duration `json:"paused"`         // of all pauses that are over
	Pauses int           `json:"pauses"`
	Told   Sign          `json:"told,omitempty"` // of Extend and Warn, for what is funded now
}

// New is a session that begins to connect.
func New(funded int64, at time.Time) Session {
	s := Session{State: Connecting, Funded: max(funded, 0)}
	s.Meter.Pass(at)
	return s
}

// Beat is a heartbeat; false: its connection is fenced, or the session is over.
func (s *Session) Beat(y *Policy, p Party, b Beat, at time.Time) (signs []Sign, heard bool) {
	if s.State != Connecting && !s.State.Talking() {
		return nil, false
	}
	if heard = s.Meter.Hear(p, b, at); heard {
		signs = s.settle(y)
	}
	return signs, heard
}

// Leave is a connection that closed.
func (s *Session) Leave(y *Policy, p Party, epoch int64, at time.Time) []Sign {
	if s.State != Connecting && !s.State.Talking() || !s.Meter.Leave(p, epoch, at) {
		return nil
	}
	return s.settle(y)
}

// Tick is a second of whoever watches the session.
func (s *Session) Tick(y *Policy, at time.Time) []Sign {
	if s.State.Over() {
		return nil
	}
	s.Meter.Pass(at)
	return s.settle(y)
}

// Interrupt is a phone call that came in: they are waited for longer.
func (s *Session) Interrupt(y *Policy, at time.Time) (signs []Sign) {
	if s.State != Live && s.State != Reconnecting {
		return nil
	}
	s.Meter.Pass(at)
	if s.State == Live {
		s.Pauses++
		s.enter(Interrupted)
		signs = append(signs, Paused)
	}
	s.State = Interrupted // a drop that turns out to be a call keeps when it began
	return append(signs, s.settle(y)...)
}

// Fund says how many seconds are paid for now: never fewer than before.
func (s *Session) Fund(y *Policy, seconds int64, at time.Time) []Sign {
	if s.State != Connecting && !s.State.Talking() || seconds <= s.Funded {
		return nil
	}
	s.Funded, s.Told = seconds, ""
	return s.Tick(y, at)
}

// End is somebody's word that it is over.
func (s *Session) End(y *Policy, at time.Time) []Sign {
	switch {
	case s.State == Connecting:
		s.Meter.Pass(at)
		return s.over(Cancelled, CalledOff)
	case s.State.Talking():
		return s.stop(y, Said, at)
	}
	return nil
}

// stop ends what two talk in, unless the time that has passed ends it otherwise.
func (s *Session) stop(y *Policy, r Reason, at time.Time) []Sign {
	s.Meter.Pass(at)
	if signs := s.settle(y); !s.State.Talking() {
		return signs
	}
	return s.end(r)
}

// HandOver is that the client has come to another expert: here it is over.
func (s *Session) HandOver(y *Policy, at time.Time) []Sign {
	if !s.State.Talking() {
		return nil
	}
	return s.stop(y, Handed, at)
}

// Done ends the wrap-up: the expert is ready.
func (s *Session) Done(at time.Time) []Sign {
	if s.State != WrapUp {
		return nil
	}
	s.Meter.Pass(at)
	return s.over(Completed, s.Reason)
}

// Charged is how many seconds are paid: none of the free ones, at least the minimum once there are others, unless it goes on with somebody else, and never more
// than what is funded.
func (s *Session) Charged(y *Policy) int64 {
	n := s.Meter.Seconds() - s.Free(y)
	if n <= 0 {
		return 0
	}
	if s.Reason != Handed {
		n = max(n, y.Minimum)
	}
	return min(n, s.Funded)
}

// Left is how many seconds the funds last.
func (s *Session) Left(y *Policy) int64 { return max(s.Funded+s.Free(y)-s.Meter.Seconds(), 0) }

// Free is how many seconds cost nothing here.
func (s *Session) Free(y *Policy) int64 { return max(y.Free-s.Used, 0) }
