package wire

// ChannelsPerRequest is how many channels of a list count as one more request.
const ChannelsPerRequest = 16

// SubCost is how many requests a subscription to n channels counts as: the request itself, and one more for each sixteen
// channels, because each is read by itself. The server charges it, and clients that pace themselves must reckon with it.
func SubCost(n int) int { return 1 + n/ChannelsPerRequest }

// Cost is how many requests r counts as.
func (r *Request) Cost() int {
	if r.Verb != Sub {
		return 1
	}
	return SubCost(len(r.Channels))
}
