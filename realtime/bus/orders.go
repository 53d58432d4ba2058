package bus

import (
	"iter"
	"slices"
)

// atOnce is how many subjects one SUBSCRIBE names.
const atOnce = 512

// order is a subject to be subscribed to, or left.
type order struct {
	channel string
	tag     int
	leave   bool
}

// batches cuts orders into commands, and keeps the orders of each subject in their
// order. With oneTag a command holds subjects of one tag alone, so of one slot and one server.
func batches(orders []order, oneTag bool) iter.Seq[[]order] {
	if oneTag {
		slices.SortStableFunc(orders, func(a, b order) int { return a.tag - b.tag })
	}
	return func(yield func([]order) bool) {
		for len(orders) > 0 {
			first, n := orders[0], 1
			for n < len(orders) && n < atOnce && orders[n].leave == first.leave && (!oneTag || orders[n].tag == first.tag) {
				n++
			}
			if !yield(orders[:n]) {
				return
			}
			orders = orders[n:]
		}
	}
}
