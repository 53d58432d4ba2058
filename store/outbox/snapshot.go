package outbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// snapshot is one moment of PostgreSQL: which transactions had ended. Of two of one history, the later sees all that the
// earlier sees.
type snapshot struct {
	text       string // PostgreSQL's own: "xmin:xmax:xip,xip"
	xmin, xmax uint64
	running    []uint64 // below xmax, in order
}

func parse(text string) (snapshot, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return snapshot{}, fmt.Errorf("outbox: %q is no snapshot", text)
	}
	bounds, err := numbers(parts[:2]...)
	if err != nil {
		return snapshot{}, err
	}
	s := snapshot{text: text, xmin: bounds[0], xmax: bounds[1]}
	if parts[2] != "" {
		s.running, err = numbers(strings.Split(parts[2], ",")...)
	}
	slices.Sort(s.running)
	return s, err
}

// sees says that a transaction had ended.
func (s snapshot) sees(xid uint64) bool {
	_, runs := slices.BinarySearch(s.running, xid)
	return xid < s.xmax && !runs
}

// covers says that all which another snapshot sees is seen by this one.
func (s snapshot) covers(other snapshot) bool {
	return s.xmax >= other.xmax && !slices.ContainsFunc(s.running, other.sees)
}

// span is a run of transaction ids; to is not of it.
type span struct {
	from, to uint64
	n        int64 // rows of from up to this one have been read
}

// until is where the transactions are that ended between this snapshot and a later one: those that ran in this one and run
// no more, each by itself, and all that began since, of which some may still run.
func (s snapshot) until(later snapshot) (spans []span) {
	add := func(x span) {
		if last := len(spans) - 1; last >= 0 && spans[last].to == x.from {
			spans[last].to = x.to
		} else if x.from < x.to {
			spans = append(spans, x)
		}
	}
	for _, xid := range s.running {
		if later.sees(xid) {
			add(span{from: xid, to: xid + 1})
		}
	}
	add(span{from: s.xmax, to: later.xmax})
	return spans
}

// lost says whether rows of transactions that ended between this snapshot and a later one may have been dropped, when the
// drum has been emptied up to a transaction.
func (s snapshot) lost(later snapshot, dropped uint64) bool {
	return dropped >= s.xmax || slices.ContainsFunc(s.running, func(xid uint64) bool { return xid <= dropped && later.sees(xid) })
}

func numbers(texts ...string) ([]uint64, error) {
	out := make([]uint64, len(texts))
	for i, s := range texts {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("outbox: %q is no transaction id: %w", s, err)
		}
		out[i] = n
	}
	return out, nil
}
