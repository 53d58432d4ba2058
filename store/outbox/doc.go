// Package outbox carries committed changes from PostgreSQL to whoever shows them.
//
// The truth is the outbox table: every change is written to it in the transaction that
// made it. Two ways lead out, and each alone would do:
//
//	COMMIT ──▶ Publisher ──▶ sink of this node, and the bus to all others   at once, may be lost
//	   │
//	   └────▶ outbox ──▶ Tail, on every node ──▶ its sink                   within a second, never lost
//
// The tail reads by transaction: each look takes a snapshot, and hands over the rows of the transactions that this one sees as ended and the
// last did not. No row can appear behind the tail later, as it can behind a cursor on ids or times, and a transaction that runs long holds
// back its own rows only. A change may come both ways, twice, and out of order; sinks keep the highest version.
//
// On failure: PostgreSQL away, the tail waits and goes on where it stood. Stood still for
// longer than rows are kept (twelve minutes), it says Missed, and sinks read anew. Another
// history (a restore, a promotion), it says Rewound. A row that cannot be read is handed on
// without documents: its sets are read anew, the log goes on.
package outbox

import (
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
)

// Entry is one committed change.
type Entry struct {
	Tenant tenant.ID
	XID    uint64 // its transaction
	At     time.Time
	Change event.Change
}

// Sink hears what was committed. Its methods must not block.
type Sink interface {
	Committed(Entry)
	Missed()              // entries were lost for good: read everything anew
	Rewound(epoch string) // versions may have gone back: forget everything
	Alive(at time.Time)   // the log was read at this instant: what it holds is handed over, or about to be
}
