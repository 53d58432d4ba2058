// Package session is conversations, from the accepted offer to the receipt: who is in them, which seconds are paid, and what is
// asked for on the way.
//
// # Who owns which truth
//
// PostgreSQL owns all of it, in one row a conversation: session/meter's Session as JSON, and beside it what constraints need of
// it. Every word (a heartbeat, a goodbye, a second that passed) is decided by session/meter, purely, on the row behind its lock
// and by PostgreSQL's clock, which is read when the locks are held. A trigger refuses what no word may do: fewer seconds than
// before, more than are funded, another end. Redis has nothing of this.
//
// A node owns two things that the next one does not need: how long it is since the same connection's heartbeat before, by a clock
// that cannot be set, and the heartbeats of the last fifth of a second.
//
//	socket ──▶ Beat ──▶ words of this window ──▶ Flush: one transaction a tenant ──▶ session rows
//	                                                 1  lock sessions, by id
//	                                                 2  clock, epochs
//	                                                 3  one UPDATE, jobs, documents, COMMIT
//
// # What a conversation asks for
//
// What has to be done because of a word is a job of the word's transaction, done by the rooms whose it is:
//
//	extend  three minutes are left: more is set aside, and Fund says so
//	settle  it has ended: what was charged is taken, the rest let go
//	close   it is over: the expert's slot comes back; a request that nobody really took waits again, in its place
//
// # What happens on failure
//
// docs/sessions.md has the table: who dies, who notices, and by when.
package session
