// Package turn relays media for browsers that cannot, or shall not, reach each other: a TURN server (RFC 8656) in the node.
// The protocol is pion/turn's; what it may be used for is decided here.
//
//	browser A ── UDP or TCP ──► listener ─ relay port ══ UDP ══ relay port ─ listener ◄── UDP or TCP ── browser B
//
// # Who may use it
//
// Whoever has a credential (Credential): a user name that says until when, "1732350000:participant", and a password that is its HMAC
// under the installation's TURN secret. It is asked for nothing else, so any node takes any node's credentials. A relay ends with the
// credential it was made with, whatever was asked for.
//
// # What it may be used for
//
// A TURN server is a hole into the network that it stands in, unless it is told where not to go. Peers are public unicast addresses alone
// (reachable): no loopback, no private, link-local or shared address space, no multicast, none of the special ranges, no cloud's
// metadata, no IPv4 address in IPv6's clothes. That is asked when a permission is wanted, and again for each packet. The server's own
// address is allowed for the ports of its relays alone: two who are both relayed here meet there. Config.Peers adds networks:
// a development machine's, or those of other nodes' relays where these have private addresses. Relays of TCP to peers (RFC 6062) are not offered.
//
// # Quotas
//
// Of each user: relays at once, and bytes a second over all of them, both ways; what is above is dropped, as a narrow line
// would. Of all: the relay ports, and the TCP connections.
//
// # Who owns which truth
//
// The memory of the process: relays are connections, and end with it. Clients that lose theirs restart ICE and get one from
// another node.
//
// # What happens on failure
//
// When the node ends, nobody gets a relay any more, those that are there have Config.Drain to end, and are cut off then. A relay port
// that something else has taken is passed over; when ten in a row are, the client is told 508 and it counts as refused (capacity).
package turn
