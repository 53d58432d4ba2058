package solver

import (
	"bytes"
	"slices"
	"time"
)

// MaxBatch is how many requests are assigned together.
const MaxBatch = 64

// Window is how long requests are collected that want the same few.
const Window = 75 * time.Millisecond

// plenty is how many candidates for each of those who wait make waiting for one another pointless.
const plenty = 8

// Wait is how long a request should be held back to be decided with others: not at all, as long as it has candidates for all
// who wait.
func Wait(candidates, waiting int) time.Duration {
	if candidates == 0 || waiting <= 1 || candidates >= plenty*waiting {
		return 0
	}
	return Window
}

// Chosen is the decision about one request of a batch.
type Chosen struct {
	Request int // which of the batch
	Decision
}

// served is what it is worth to serve one more request, whoever it is: more than all scores of a batch together.
const served = int64(1) << 40

// Assign decides about up to MaxBatch requests together: as many are served as can be, at the greatest sum of scores. Of
// each request only as many candidates are looked at as there are requests: of the n best of them, n−1 may be others'.
// What is chosen comes in the order of the requests.
func (p *Pool) Assign(t *Terms, batch []Request, at time.Time) []Chosen {
	order := make([]int, len(batch))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return batch[a].Before(&batch[b]) })
	order = order[:min(len(order), MaxBatch)]

	rows := make([][]Decision, len(order))
	seen := map[int]bool{}
	var wanted []int
	for n, i := range order {
		rows[n] = slices.Clone(p.Best(t, &batch[i], at, len(order)))
		for _, d := range rows[n] {
			if !seen[d.place] {
				seen[d.place] = true
				wanted = append(wanted, d.place)
			}
		}
	}
	// Columns in the order of ids, one for each slot that could be used.
	slices.SortFunc(wanted, func(a, b int) int { return bytes.Compare(p.experts[a].id[:], p.experts[b].id[:]) })
	columns, first := 0, map[int]int{}
	for _, place := range wanted {
		first[place] = columns
		columns += min(p.experts[place].slots, len(order))
	}
	edges := make([][]Edge, len(order))
	behind := make([][]int, len(order)) // which decision of the row an edge is
	for n := range rows {
		for k, d := range rows[n] {
			for c := range min(p.experts[d.place].slots, len(order)) {
				edges[n] = append(edges[n], Edge{first[d.place] + c, served + d.Score})
				behind[n] = append(behind[n], k)
			}
		}
	}
	var chosen []Chosen
	for n, c := range Assignment(edges, columns) {
		if k := slices.IndexFunc(edges[n], func(e Edge) bool { return e.Column == c }); k >= 0 {
			chosen = append(chosen, Chosen{order[n], rows[n][behind[n][k]]})
		}
	}
	slices.SortFunc(chosen, func(a, b Chosen) int { return a.Request - b.Request })
	return chosen
}
