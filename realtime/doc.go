// Package realtime shows live sets to sockets: see docs/realtime for the protocol.
//
// The hub owns no truth. It holds copies of documents that PostgreSQL committed, and
// one promise per subscriber: at rest the subscriber holds what PostgreSQL holds, and on
// the way there nothing is applied twice and nothing goes back.
//
//	outbox (own commits, tail) ─┐
//	                            ├─▶ lane ─▶ shard ─▶ subject ─▶ views ─▶ subscriptions ─▶ sockets
//	bus (other nodes, signals) ─┘   queue   lock     entities   members   dirty sets      frames
//
// A subject is a base channel of one tenant: it knows the newest version of each entity it
// heard of. A view is a channel as clients name it, filters included: it knows which entities
// are members. A subscription is one connection's interest in a view.
//
// The invariant: every subscriber of a view holds, of each member, the version that the
// subject holds, or is marked dirty with the version that it does hold. A change is
// encoded once and written straight to every socket that can take it; a socket that
// cannot has its subscription marked, and what it lacks is encoded when it can take bytes
// again, from the version it holds to the newest. So a slow client costs a set of marks,
// never a queue of frames, and skips steps instead of being cut off.
//
// Joining: listen on the bus (confirmed), note a snapshot, read the set in one statement,
// merge: the highest version wins. A message of a transaction which the snapshot saw tells
// nothing about membership that the set did not tell; any other may. This is what makes
// late and repeated messages harmless even for entities that have left. A set that is shown here already is not read for
// each newcomer, but for one who says what it has (docs/adr/0008).
//
// Locks: a shard's mu is taken before a connection's mu, never after it.
//
// On failure: bus away, the tail delivers within a second and subscribers are told "stale";
// PostgreSQL away, joins are refused with retry, what is held stays; another history, all
// sockets are closed 1012 and come back with nothing. Goroutines are the hub's: Run starts
// them or admits them (spawn), and returns when all have ended.
package realtime
