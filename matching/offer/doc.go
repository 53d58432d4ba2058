// Package offer decides, purely, what becomes of an offer: one expert is rung for one request until a deadline.
//
//	            ┌──▶ accepted     the expert said yes in time
//	            ├──▶ declined     the expert said no
//	offered ────┼──▶ timed_out    nobody said anything until the deadline
//	            ├──▶ cancelled    the client left
//	            └──▶ rescinded    taken back: another of the round was first, the expert is gone, a supervisor moved the request
//
// Every end is final: whatever comes after it is answered with what happened first. So a repeat of an accept is told the
// first result, and an accept that lost a race is told who won.
//
// The deadline is a fact, not an event: an accept that is told after it finds the offer timed out, whether or not
// somebody has noticed before. The clock is the one of who writes it down (PostgreSQL's).
//
// A Round is the offers of a request that ring at the same time. The first accept takes the request and rescinds the others.
package offer
