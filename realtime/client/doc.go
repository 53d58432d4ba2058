// Package client is the other end of the realtime protocol, written from docs/realtime
// alone: tests and the bench look at a node through it, and a Go program can.
//
// It owns no truth. A Replica is what the server has said about one channel: each entity
// with its version and its canonical document. At rest it is, byte for byte, what
// GET /v1/realtime/sets/CHANNEL answers; on the way there no version is applied twice and
// none goes back, whatever the network does. What the server should never send is not
// applied but told: a Gap (a patch that does not fit what is held) has the channel asked
// for again with what is held, a Breach (a version that repeats or goes back, a push of
// nothing that was asked for) goes to a hook and a counter.
//
//	         ┌────────────── lost, bye, no sign of life ◀──────────────┐
//	         ▼                                                         │
//	offline ─▶ dial (token, ticket) ─▶ hello ─▶ ask, with what is held ─▶ live
//	    ▲            │                                                 │
//	    └─ wait: full jitter, Retry-After, retry_ms ◀──────────────────┘
//
// Who owns what: Client.mu guards all of a client, subscriptions included. The reader
// applies what comes, the pump writes what is asked, the keeper renews the credential and
// sees to it that the node is alive. All three live within Run, and so do the callbacks,
// which are called without the lock.
//
// On failure: what is held stays and is shown as stale since then; the next connection
// asks only for what differs. Another epoch: what is held is not claimed, and is replaced
// as one. A call is sent again after a lost connection if it has a key, because a key
// makes that harmless; without one its caller hears ErrLost. Run ends with its context,
// or when coming back would be wrong: the credential is forbidden, or newer connections
// of the user took this one's place.
package client
