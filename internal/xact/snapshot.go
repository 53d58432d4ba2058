// Package xact reads PostgreSQL's snapshots: which transactions had ended at a moment.
package xact

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Snapshot is one moment of PostgreSQL: which transactions had ended. Of two of one history, the later sees all that the
// earlier sees.
type Snapshot struct {
	Text    string   // PostgreSQL's own: "xmin:xmax:xip,xip"
	Xmin    uint64   // all below it had ended
	Xmax    uint64   // none from it on had
	Running []uint64 // below Xmax, in order
}

// Parse reads pg_snapshot's text.
func Parse(text string) (Snapshot, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return Snapshot{}, fmt.Errorf("xact: %q is no snapshot", text)
	}
	bounds, err := numbers(parts[:2]...)
	if err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{Text: text, Xmin: bounds[0], Xmax: bounds[1]}
	if parts[2] != "" {
		s.Running, err = numbers(strings.Split(parts[2], ",")...)
	}
	slices.Sort(s.Running)
	return s, err
}

// Sees says that a transaction had ended.
func (s Snapshot) Sees(xid uint64) bool {
	_, runs := slices.BinarySearch(s.Running, xid)
	return xid < s.Xmax && !runs
}

// Covers says that all which another Snapshot sees is seen by this one.
func (s Snapshot) Covers(other Snapshot) bool {
	return s.Xmax >= other.Xmax && !slices.ContainsFunc(s.Running, other.Sees)
}

// Lost says whether rows of transactions that ended between this snapshot and a later one may have been dropped, when the
// drum has been emptied up to a transaction.
func (s Snapshot) Lost(later Snapshot, dropped uint64) bool {
	return dropped >= s.Xmax || slices.ContainsFunc(s.Running, func(xid uint64) bool { return xid <= dropped && later.Sees(xid) })
}

// ID reads a transaction id in decimal.
func ID(text string) (uint64, error) {
	n, err := numbers(text)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

func numbers(texts ...string) ([]uint64, error) {
	out := make([]uint64, len(texts))
	for i, s := range texts {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("xact: %q is no transaction id: %w", s, err)
		}
		out[i] = n
	}
	return out, nil
}
