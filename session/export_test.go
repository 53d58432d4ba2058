package session

import (
	"time"

	"github.com/google/uuid"
)

// Clocks lets a test say what time it is: PostgreSQL's, and the node's own.
func (s *Service) Clocks(clock func(time.Time) time.Time, now func() time.Duration) {
	s.clock, s.now = clock, now
}

// Forget lets a node know nothing of somebody: as one that they come to for the first time.
func (s *Service) Forget(user uuid.UUID) {
	s.ear.mu.Lock()
	defer s.ear.mu.Unlock()
	for c := range s.ear.known {
		if c.user == user {
			delete(s.ear.known, c)
		}
	}
}
