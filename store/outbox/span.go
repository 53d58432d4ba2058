package outbox

import "github.com/waymeet/waymeet/internal/xact"

// span is a run of transaction ids; to is not of it.
type span struct {
	from, to uint64
	n        int64 // rows of from up to this one have been read
}

// until is where the transactions are that ended between a snapshot and a later one: those that ran in this one and run
// no more, each by itself, and all that began since, of which some may still run.
func until(s, later xact.Snapshot) (spans []span) {
	add := func(x span) {
		if last := len(spans) - 1; last >= 0 && spans[last].to == x.from {
			spans[last].to = x.to
		} else if x.from < x.to {
			spans = append(spans, x)
		}
	}
	for _, xid := range s.Running {
		if later.Sees(xid) {
			add(span{from: xid, to: xid + 1})
		}
	}
	add(span{from: s.Xmax, to: later.Xmax})
	return spans
}
