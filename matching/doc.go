// Package matching is requests finding experts: who waits, who can be rung, who is rung, and what became of it.
//
// # Who owns which truth
//
// PostgreSQL owns all of it. Offers are written by two functions there, ring_round and decide_offers, and by nobody else:
// the app role may only read them. Both lock requests first and then experts, each by id, and read the clock when they have
// their locks; partial unique indexes stand behind them, so that a slot and a request are taken once whatever else is wrong.
// What a node knows (matching/solver's pool, timers) is a guess about that, and a wrong guess is refused.
//
//	              ring_round                          accept                done
//	request waiting ─────▶ offer open ──────────────────────▶ accepted ─────────▶ done
//	      ▲                   │ decline, timeout (missed),       │ requeue
//	      │                   │ rescind, drop, cancel,           ▼
//	      └───────────────────┴ another accepted (lost)       dropped: the request waits again, in its place
//
// A request's place is (priority, placed_at, id), kept by a trigger through everything that happens to it.
//
// # Who may ring
//
// A queue's offers are made by one node, its owner, by lease. The lease has an epoch that grows with every change of owner;
// ring_round holds a share of it until its commit. Who lost a queue is refused, and a new owner waits for what the one before
// is just writing. Two who both believe that they own it waste work and assign nothing twice.
//
// # How it is decided who is rung
//
// A node has a floor for each tenant of whom it owns a queue: one pool of experts, since queues share them. A floor goes in rounds, and begins
// one when it hears of something (a request, an expert, an answer), when a ring opens, and each second:
//
//	renew the leases ─▶ read experts who changed (all, each 5 s) and who waits ─▶ decide (matching/solver) ─▶ ring_round, one transaction
//	                        ▲                                                                                  │
//	                        └───────────────── what PostgreSQL refuses is looked at again ─────────────────────┘
//
// What a round does not hear of (another node's news, a presence that ran out) the next one reads. So the bus makes it quick,
// and nothing depends on it.
//
// # What is written together
//
// What is asked of a tenant while a batch of it is being written forms the next one (desk): people who want to wait, and what is to become of
// offers. A round rings for all in one transaction. Each is answered by itself; a batch that PostgreSQL throws out is tried in parts.
//
// # What happens on failure
//
// docs/matching.md has the table: who dies, who notices, and by when.
package matching
