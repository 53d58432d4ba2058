package bench

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/matching/solver"
)

// Compared is the sum of scores of what was decided, beside two others on the same arrivals.
type Compared struct {
	Free     int // experts at the beginning
	Arrivals int
	Served   int
	Ours     int64
	Optimum  int64 // somebody who knew all arrivals beforehand
	Anybody  int64 // one of those who can and are left, whoever it is
}

// Quality is how much of the possible was reached.
func (c Compared) Quality() float64 { return float64(c.Ours) / float64(max(c.Optimum, 1)) }

// mostFree bounds the experts who are free in a comparison; the others are known and in sessions.
const mostFree = 10_000

// Compare lets half as many requests arrive as experts are free. Each expert takes one and does not come back, so that what
// is best for all arrivals together is one assignment, and exact: the greatest sum of scores over all pairs that the widest
// ring allows. It knows every request before the first has come, and may give any of them whom the rules let nobody
// have before 45 seconds of waiting: nothing that decides as things happen can do better. Both sides count a pair by the score
// it has at the request's arrival, which the ring does not change.
func Compare(ctx context.Context, experts int, weights solver.Weights) (Compared, error) {
	w := newWorld(experts, 2, weights)
	f := newFloor(w)
	c := Compared{Free: min(experts, mostFree)}
	c.Arrivals = c.Free / 2
	for n, i := range w.dice.Perm(experts) {
		if n >= c.Free {
			f.pool.Take(w.experts[i].ID)
		}
	}
	got := map[uuid.UUID]uuid.UUID{}
	f.decided = func(r *solver.Request, expert int) { got[r.ID] = w.experts[expert].ID }

	columns := map[uuid.UUID]int{}
	rows := make([][]solver.Edge, c.Arrivals)
	ours := make([]int64, c.Arrivals)
	at, all := opening, f.free()
	for i := range rows {
		at = at.Add(w.gap(f.rate()))
		r := w.client(at)
		f.plan(at, func() { f.arrive(r) })
		r.Ring = len(w.terms.Rings) - 1
		for _, d := range all.Best(&w.terms, &r, at, experts) {
			column, ok := columns[d.Expert]
			if !ok {
				column = len(columns)
				columns[d.Expert] = column
			}
			rows[i] = append(rows[i], solver.Edge{Column: column, Value: d.Score})
		}
		f.plan(at.Add(leastTalk), func() { // it has had its chance in every ring
			for _, d := range all.Best(&w.terms, &r, r.Placed, experts) {
				if got[r.ID] == d.Expert {
					c.Served++
					ours[i] = d.Score
				}
			}
		})
	}
	c.Anybody = anybody(rows, len(columns), w)
	c.Optimum = optimum(rows, len(columns))
	for len(f.events) > 0 {
		if err := ctx.Err(); err != nil {
			return c, err
		}
		f.run(f.events[0].at.Add(time.Second))
	}
	for _, s := range ours {
		c.Ours += s
	}
	return c, nil
}

// free is a pool of its own with those who are free now.
func (f *floor) free() *solver.Pool {
	p := solver.NewPool()
	for _, e := range f.experts {
		if f.pool.Take(e.ID) {
			f.pool.Put(e)
			p.Put(e)
		}
	}
	return p
}

func optimum(rows [][]solver.Edge, columns int) (sum int64) {
	for r, column := range solver.Assignment(rows, columns) {
		for _, e := range rows[r] {
			if e.Column == column {
				sum += e.Value
			}
		}
	}
	return sum
}

func anybody(rows [][]solver.Edge, columns int, w *world) (sum int64) {
	taken := make([]bool, columns)
	for _, row := range rows {
		left := row[:0:0]
		for _, e := range row {
			if !taken[e.Column] {
				left = append(left, e)
			}
		}
		if len(left) > 0 {
			e := left[w.luck.IntN(len(left))]
			taken[e.Column] = true
			sum += e.Value
		}
	}
	return sum
}
