// Package seat is the pure kernel of booking: which seats of a trip are taken on which legs, what a ride costs, until
// when it can be given back for what, and the signed ticket that a driver's phone checks without a network.
//
// A trip visits stops 0…n; leg i runs from stop i to stop i+1. Seats are sold per leg, so a rider from stop 2 to stop 4
// uses legs 2 and 3 only and the free seats of an interval are the minimum over its legs:
//
//	taken(leg) + free(leg) = capacity + overload(leg)        on every leg, always
//	free(leg) = 0 or overload(leg) = 0                       never both above zero
//
// Overload is what a smaller vehicle left without a seat: it is a recorded fact, not an error. The sale of an overloaded
// leg is closed and seats that come back pay overload first.
//
// A booking's life, each step decided under its trip's row lock:
//
//	        ┌────────▶ expired
//	        │
//	hold ▶ held ─────▶ confirmed ─────▶ boarded ─────▶ completed
//	        │              │  └──▶ no_show ─▲ (late, but there)
//	        └─▶ cancelled ◀┘
//
// Nothing here reads a clock, touches a database or starts a goroutine: time and rows are arguments, decisions are
// results. PostgreSQL's CHECK constraints stand behind the same arithmetic.
package seat
