package turn

// Counts are a server's numbers since it was opened, and what is there now.
type Counts struct {
	Relays      int // now
	Connections int // by TCP, now
	Made        int64
	Sent        int64 // bytes to peers
	Received    int64 // bytes from peers
	Dropped     int64 // packets above a user's rate
	Refused     map[string]int64
}

// Reasons are why something was refused: the keys of Counts.Refused.
var Reasons = []string{"expired", "forged", "quota", "peer", "capacity", "draining"}

// Counts reads them.
func (s *Server) Counts() Counts {
	r := &s.refused
	return Counts{
		Relays: s.users.relays(), Connections: s.tcp.count(), Made: s.made.Load(), Sent: s.sent.Load(), Received: s.received.Load(), Dropped: s.dropped.Load(),
		Refused: map[string]int64{"expired": r.expired.Load(), "forged": r.forged.Load(), "quota": r.quota.Load(),
			"peer": r.peer.Load(), "capacity": r.capacity.Load(), "draining": r.draining.Load()},
	}
}
