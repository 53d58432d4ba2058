package identity

// Verified is how many passwords were hashed to be compared.
func (s *Service) Verified() int64 { return s.hasher.done.Load() }
