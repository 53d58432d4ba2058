package tenant

import (
	"encoding/json"
	"maps"
	"slices"
)

// Live is what a tenant's connections may do where that differs from the protocol's defaults; a zero field is the default.
type Live struct {
	FrameBytes    int64 `json:"frame_bytes,omitempty"`    // of one message
	Subscriptions int   `json:"subscriptions,omitempty"`  // of a connection
	Windows       int   `json:"windows,omitempty"`        // boards with their filters, of a connection
	RequestsPerS  int   `json:"requests_per_s,omitempty"` // of a connection
	Burst         int   `json:"burst,omitempty"`          // requests of a connection at once
	Connections   int   `json:"connections,omitempty"`    // of a user, on a node
	Deflate       bool  `json:"deflate,omitempty"`        // compression is offered

	// Of all its connections on a node.
	AllConnections   int   `json:"all_connections,omitempty"`
	AllSubscriptions int   `json:"all_subscriptions,omitempty"`
	AllWindows       int   `json:"all_windows,omitempty"` // distinct ones
	AllRequestsPerS  int   `json:"all_requests_per_s,omitempty"`
	AllBytesPerS     int64 `json:"all_bytes_per_s,omitempty"` // pushed
}

// What no tenant may go beyond, whatever its settings say.
var mostLive = Live{FrameBytes: 1 << 20, Subscriptions: 4096, Windows: 1024, RequestsPerS: 100_000, Burst: 200_000, Connections: 20_000,
	AllConnections: 100_000, AllSubscriptions: 10_000_000, AllWindows: 4096, AllRequestsPerS: 1_000_000, AllBytesPerS: 8 << 30}

// Bounded is l within what any tenant may have; what makes no sense is the default.
func (l Live) Bounded() Live {
	bound := func(v *int, most int) { *v = min(max(*v, 0), most) }
	bound(&l.Subscriptions, mostLive.Subscriptions)
	bound(&l.Windows, mostLive.Windows)
	bound(&l.RequestsPerS, mostLive.RequestsPerS)
	bound(&l.Burst, mostLive.Burst)
	bound(&l.Connections, mostLive.Connections)
	bound(&l.AllConnections, mostLive.AllConnections)
	bound(&l.AllSubscriptions, mostLive.AllSubscriptions)
	bound(&l.AllWindows, mostLive.AllWindows)
	bound(&l.AllRequestsPerS, mostLive.AllRequestsPerS)
	l.AllBytesPerS = min(max(l.AllBytesPerS, 0), mostLive.AllBytesPerS)
	l.FrameBytes = min(max(l.FrameBytes, 0), mostLive.FrameBytes)
	return l
}

// ReadLive reads a tenant's live settings as somebody wrote them. What cannot be read is the default, and is named: a slip in a limit must
// not shut a tenant's people out.
func ReadLive(raw json.RawMessage) (l Live, unread []string) {
	if len(raw) == 0 {
		return l, nil
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return l, []string{"live"}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		with := l
		one, err := json.Marshal(map[string]json.RawMessage{name: all[name]})
		if err == nil {
			err = json.Unmarshal(one, &with)
		}
		if err != nil {
			unread = append(unread, "live."+name)
			continue
		}
		l = with
	}
	return l, unread
}
