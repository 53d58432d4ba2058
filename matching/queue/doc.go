// Package queue decides, purely, what becomes of a request while somebody waits.
//
//	            funded                      rung                    accepted
//	funding ──────────▶ waiting ◀──────────────────▶ offered ──────────────▶ matched
//	   │                   │      nobody took it        │
//	   │                   ├──▶ callback ──▶ waiting    │               called, and there: the place is kept
//	   └──▶ cancelled ◀────┴────────────────────────────┘               the client left, or was away for too long
//
// A scheduled request waits for its time: it enters the queue at it, as if it had been placed then, and its client is called when
// their turn comes. Who wants to be called waits without being there: nobody is rung for them until they have come, which they may at any
// time. Who does not come is called once more after a pause, as often as the definition says, and then waits no longer.
//
// A place is when the request was placed, and its priority. Nothing changes it: no reconnect, no node that dies, no move to
// the overflow queue, no offer that nobody took, no callback. So a place never gets worse but by somebody of higher priority.
//
// While it waits, time alone brings steps, each once and in this order as the queue's definition says: wider rings, the
// overflow queue (the request is served by both), a callback. A client whose sockets are all gone keeps the place for a while, and
// is not offered to anybody meanwhile: no expert is rung for somebody who is not there.
package queue
