package wire

// A list of channels counts as one request of its connection's. What its channels cost is bounded by how many a connection may
// open: so many at once and then so many a second, which all that it may hold, sixteen times over, does not exceed. Whoever opens
// more waits, a list of 256 for a quarter of a second.
const (
	ChannelsAtOnce = 4_096
	ChannelsPerS   = 1_024
)

// channelsPerRequest is how many channels of a list are as much work as one more request.
const channelsPerRequest = 16

// Weight is how many requests r is as much work as, for those who share a node: each channel of a list is read by itself.
func (r *Request) Weight() int {
	if r.Verb != Sub {
		return 1
	}
	return 1 + len(r.Channels)/channelsPerRequest
}
