// Package bus carries news between nodes over Redis pub/sub. It is the only
// package that speaks go-redis.
//
// The bus owns no truth. What it carries is in PostgreSQL already (changes: the
// outbox) or may be lost (signals). It hastens; the outbox's tail heals. So it
// never blocks a publisher, drops what a dead Redis cannot take, and owes its users
// one thing: to say when messages may be missing.
//
//	       Run                      Redis answers             error, silence, a move, ctx
//	down ───────▶ locating, connecting ──────────────▶ up ─────────────────────────▶ down
//	                 ▲               all wanted subjects               │
//	                 └───────────────── after a pause ◀────────────────┘
//
// go-redis mends its pub/sub connections silently and resubscribes without a word,
// and whatever was published meanwhile is gone. Therefore the bus gives a PubSub of
// go-redis one connection's life: the first error ends it, State(false) is told, and a
// new one starts. It is up again only when Redis has confirmed every wanted subject.
//
// Listen returns when Redis has confirmed the subject (Subscribe of go-redis returns
// before that), so what is committed after Listen is heard. While the bus is down it
// returns ErrDown at once and the subject stays wanted.
//
// Redis channels carry one of 128 hash tags that were chosen to fall evenly over the
// slots of a Redis Cluster. All nodes of all versions must agree on them:
// internal_test.go pins their values. They must also agree on sharded or plain pub/sub,
// which do not hear each other; so Redis decides: what knows SPUBLISH is sharded, for everybody.
//
// # One server, a cluster, sentinels
//
// A fleet says which server holds each tag, a layout. A session holds one layout, and
// has one lane, a connection, to each server of it: one for a lone server or the master
// that sentinels name, as many as a cluster has masters. What holds of a connection above
// holds of all lanes together: the first loss on any ends the session, and it is up when
// every lane has spoken, those from which nothing is wanted too, and everything is confirmed.
//
// The layout's truth is with Redis, and may change while we listen:
//
//   - a slot leaves its server: the server ends the subscriptions, which nobody ordered;
//   - a subject is wanted from a server that no longer holds it: MOVED;
//   - a server dies: its lane breaks, or is silent;
//   - a server was cut off from its cluster or its sentinels, and does not know that
//     another has taken over: the fleet is asked again three times within Config.Silence.
//
// Each ends the session; the next begins by asking for the layout. A node of a cluster
// that says the cluster has failed, and a server that does not call itself master, are not
// believed. Publications take a new client with each session, so they go where the
// session's lanes go.
//
// Goroutines, all under Run: the publisher; and in a session a reader for each lane, one
// that sends orders, one that pings, one that asks for the layout. go-redis adds one for each
// server of a cluster for the time of a batch.
package bus
