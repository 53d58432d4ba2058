package session

import "time"

// Clocks lets a test say what time it is: PostgreSQL's, and the node's own.
func (s *Service) Clocks(clock func(time.Time) time.Time, now func() time.Duration) {
	s.clock, s.now = clock, now
}
