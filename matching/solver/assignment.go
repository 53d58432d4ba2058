package solver

// Edge is one column that a row may have, and what that is worth.
type Edge struct {
	Column int
	Value  int64
}

// Assignment gives each row one column at most, and each column to one row at most, so that the sum of values is the
// greatest there is. A row without a column has −1; an edge worth less than nothing is never used, because being left out is worth more. Of equal sums it always
// chooses the same.
//
// It is the shortest augmenting path method of R. Jonker and A. Volgenant, "A Shortest Augmenting Path Algorithm for Dense
// and Sparse Linear Assignment Problems", Computing 38 (1987), in the rectangular form of D. F. Crouse, "On Implementing 2D
// Rectangular Assignment Algorithms", IEEE Transactions on Aerospace and Electronic Systems 52 (2016), on sparse rows with
// a heap instead of a scan: rows enter one by one, each along the cheapest path that ends in a free column. Every row has a
// column of its own besides, worth nothing: who ends there is left out.
func Assignment(rows [][]Edge, columns int) []int {
	a := newAssigner(rows, columns)
	for r := range rows {
		a.enter(r)
	}
	out := make([]int, len(rows))
	for r, c := range a.column {
		if out[r] = c; c >= columns {
			out[r] = -1
		}
	}
	return out
}

// assigner turns values into costs: what an edge is worth less than the most. Reduced by both potentials no cost is
// below zero, and those of assigned pairs are zero.
type assigner struct {
	rows    [][]Edge
	columns int
	most    int64

	column []int // of a row
	row    []int // of a column, −1: free
	u, v   []int64

	dist  []int64 // to a column, in this search
	from  []int   // the row before it
	state []int8  // 0 not reached, 1 reached, 2 done
	seen  []int   // columns to clean up
	heap  []step
}

type step struct {
	dist   int64
	column int
}

func newAssigner(rows [][]Edge, columns int) *assigner {
	n := columns + len(rows)
	a := &assigner{
		rows: rows, columns: columns, column: make([]int, len(rows)), row: make([]int, n), u: make([]int64, len(rows)), v: make([]int64, n),
		dist: make([]int64, n), from: make([]int, n), state: make([]int8, n),
	}
	for _, row := range rows {
		for _, e := range row {
			a.most = max(a.most, e.Value)
		}
	}
	for i := range a.row {
		a.row[i] = -1
	}
	for i := range a.column {
		a.column[i] = -1
	}
	return a
}

// enter assigns one more row.
func (a *assigner) enter(r int) {
	var visited []int // columns whose rows were passed through
	var end int
	short := int64(0)
	for at := r; ; {
		a.relax(at, short)
		s := a.pop()
		a.state[s.column], short = 2, s.dist
		if a.row[s.column] < 0 {
			end = s.column
			break
		}
		visited = append(visited, s.column)
		at = a.row[s.column]
	}
	a.u[r] += short
	for _, c := range visited {
		a.u[a.row[c]] += short - a.dist[c]
		a.v[c] -= short - a.dist[c]
	}
	for c := end; ; { // the path is turned round
		at := a.from[c]
		a.row[c] = at
		c, a.column[at] = a.column[at], c
		if at == r {
			break
		}
	}
	for _, c := range a.seen {
		a.state[c] = 0
	}
	a.seen, a.heap = a.seen[:0], a.heap[:0]
}

// relax looks at the columns that a row may have, its own among them.
func (a *assigner) relax(r int, short int64) {
	for _, e := range a.rows[r] {
		a.reach(r, e.Column, short+a.most-e.Value-a.u[r]-a.v[e.Column])
	}
	own := a.columns + len(a.rows) - 1 - r // of equals the last row is left out
	a.reach(r, own, short+a.most-a.u[r]-a.v[own])
}

func (a *assigner) reach(r, c int, dist int64) {
	if a.state[c] == 2 || a.state[c] == 1 && a.dist[c] <= dist {
		return
	}
	if a.state[c] == 0 {
		a.seen = append(a.seen, c)
	}
	a.state[c], a.dist[c], a.from[c] = 1, dist, r
	a.push(step{dist, c})
}

func (s step) before(o step) bool { return s.dist < o.dist || s.dist == o.dist && s.column < o.column }

func (a *assigner) push(s step) {
	a.heap = append(a.heap, s)
	for i := len(a.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !a.heap[i].before(a.heap[up]) {
			break
		}
		a.heap[i], a.heap[up] = a.heap[up], a.heap[i]
		i = up
	}
}

// pop is the nearest column that is not done; one that was reached again at less is in the heap twice.
func (a *assigner) pop() step {
	for {
		s, last := a.heap[0], len(a.heap)-1
		a.heap[0] = a.heap[last]
		a.heap = a.heap[:last]
		for i := 0; ; {
			least := i
			for c := 2*i + 1; c <= 2*i+2 && c < last; c++ {
				if a.heap[c].before(a.heap[least]) {
					least = c
				}
			}
			if least == i {
				break
			}
			a.heap[i], a.heap[least] = a.heap[least], a.heap[i]
			i = least
		}
		if a.state[s.column] != 2 {
			return s
		}
	}
}
