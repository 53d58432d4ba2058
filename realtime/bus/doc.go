// Package bus carries news between nodes over Redis pub/sub. It is the only
// package that speaks go-redis.
//
// The bus owns no truth. What it carries is in PostgreSQL already (changes: the
// outbox) or may be lost (signals). It hastens; the outbox's tail heals. So it
// never blocks a publisher, drops what a dead Redis cannot take, and owes its users
// one thing: to say when messages may be missing.
//
//	       Run                      Redis answers             error, silence, ctx
//	down ───────▶ connecting ──────────────────────▶ up ─────────────────────────▶ down
//	                 ▲          all wanted subjects                │
//	                 └───────────── after a pause ◀────────────────┘
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
// slots of a Redis Cluster. All nodes of all versions must agree on them: tags_test.go
// pins their values.
package bus
