package meter

import "time"

// settle is where the session stands after a word, or after time went by.
func (s *Session) settle(y *Policy) (signs []Sign) {
	if most := time.Duration(s.Funded+s.Free(y)) * time.Second; s.Meter.Billed > most {
		s.Meter.Billed = most // what is not funded is not charged
	}
	in := s.Meter.Clock - s.Since
	both := s.Meter.There(Client) && s.Meter.There(Expert)
	switch s.State {
	case Connecting:
		switch {
		case s.Meter.Billed > 0:
			s.enter(Live)
			signs = append(signs, Began)
		case in >= y.Connect:
			return s.over(s.absent(y))
		}
	case Live:
		if !both {
			s.Pauses++
			s.enter(Reconnecting)
			signs = append(signs, Paused)
		}
	case Reconnecting, Interrupted:
		wait := y.Grace
		if s.State == Interrupted {
			wait = y.Hold
		}
		switch {
		case both && (s.State == Reconnecting || in > Reach): // what was heard before the call says nothing
			s.Paused += in
			s.enter(Live)
			signs = append(signs, Resumed)
		case in >= wait:
			return append(signs, s.end(Lost)...)
		case s.Paused+in >= y.Paused:
			return append(signs, s.end(TooOften)...)
		}
	case WrapUp:
		if in >= y.WrapUp {
			return s.over(Completed, s.Reason)
		}
	}
	if s.State.Talking() && s.Pauses > y.Pauses {
		return append(signs, s.end(TooOften)...)
	}
	return append(signs, s.watch(y)...)
}

// absent is how a session ends that never began.
func (s *Session) absent(y *Policy) (State, Reason) {
	switch {
	case y.ClientLast && !s.Meter.Sides[Expert].Ever:
		return NoShow, NoExpert
	case !s.Meter.Sides[Client].Ever:
		return NoShow, NoClient
	case !s.Meter.Sides[Expert].Ever:
		return NoShow, NoExpert
	}
	return ConnectFailed, NoMedia
}

// watch looks at the funds: each thing is said once for what is funded, in their order, and the last second is the last.
func (s *Session) watch(y *Policy) (signs []Sign) {
	if !s.State.Talking() {
		return nil
	}
	left := s.Left(y)
	if left <= ExtendAt && s.Told == "" {
		s.Told = Extend
		signs = append(signs, Extend)
	}
	if left <= WarnAt && s.Told == Extend {
		s.Told = Warn
		signs = append(signs, Warn)
	}
	if left == 0 {
		signs = append(signs, s.end(Funds)...)
	}
	return signs
}

// end begins the wrap-up. What one side has not vouched for yet is not billed any more.
func (s *Session) end(r Reason) []Sign {
	if s.State != Live {
		s.Paused += s.Meter.Clock - s.Since
	}
	s.Reason, s.Meter.Slices = r, nil
	s.enter(WrapUp)
	return []Sign{Ended}
}

func (s *Session) over(state State, r Reason) []Sign {
	s.Reason, s.Meter.Slices = r, nil
	s.enter(state)
	return []Sign{Closed}
}

func (s *Session) enter(state State) { s.State, s.Since = state, s.Meter.Clock }
