//go:build unix && !linux

package realtime

func tune(uintptr) {}

// acknowledged is not known on these systems: only what is heard counts as a sign of life.
func (s *socket) acknowledged() int64 { return 0 }
