package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/waymeet/waymeet/matching/bench"
	"github.com/waymeet/waymeet/matching/solver"
)

// matchReport is what `bench match` says: the solver alone, without a database, and assigning through PostgreSQL.
type matchReport struct {
	Solver  solverReport  `json:"solver"`
	Durable durableReport `json:"durable"`
}

type solverReport struct {
	K1   solverSize `json:"1k"`
	K10  solverSize `json:"10k"`
	K100 solverSize `json:"100k"`
	Gini float64    `json:"gini"`

	careless float64 // the Gini where nobody looks at who is idle
}

type solverSize struct {
	P50US   float64 `json:"p50_us"`
	P99US   float64 `json:"p99_us"`
	Quality float64 `json:"quality"`

	day bench.Day
	to  bench.Compared
}

func (r matchReport) table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "experts\tdecisions\tp50 µs\tp99 µs\tarrivals\tserved\tof the optimum\tanybody who can\t")
	for _, s := range []struct {
		name string
		of   solverSize
	}{{"1,000", r.Solver.K1}, {"10,000", r.Solver.K10}, {"100,000", r.Solver.K100}} {
		fmt.Fprintf(t, "%s\t%d\t%.1f\t%.1f\t%d\t%d\t%.3f\t%.3f\t\n", s.name, s.of.day.Decisions, s.of.P50US, s.of.P99US, s.of.to.Arrivals, s.of.to.Served,
			s.of.Quality, float64(s.of.to.Anybody)/float64(max(s.of.to.Optimum, 1)))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(t, "\nbusy time of 1,000 experts in eight hours\ta Gini of %.3f (%.3f if nobody looked at who is idle)\t\n", r.Solver.Gini, r.Solver.careless)
	fmt.Fprintf(t, "from request to accepted offer\t%.0f a second, %.2f of pgbench's simple-update (%.0f)\t\n", r.Durable.AssignedPerS, r.Durable.Ratio, r.Durable.PgbenchPerS)
	fmt.Fprintf(t, "taken twice\t%d\t\n", r.Durable.DoubleAssigned)
	fmt.Fprintf(t, "from a request at one node to the ring on another's socket, at %d a second\tp50 %.1f, p99 %.1f ms\t\n", offerRate, r.Durable.OfferP50MS, r.Durable.OfferP99MS)
	return t.Flush()
}

// What is simulated, whatever --seconds says: the same work each time.
const (
	matchShift     = 8 * time.Hour
	matchDecisions = 50_000
)

func benchMatch(ctx context.Context, o benchOptions) (measured, error) {
	r := matchReport{}
	var err error
	if r.Durable, err = benchAssign(ctx, o); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		experts   int
		decisions int
		into      *solverSize
	}{{1000, 0, &r.Solver.K1}, {10_000, matchDecisions, &r.Solver.K10}, {100_000, matchDecisions, &r.Solver.K100}} {
		if s.into.day, err = bench.Shift(ctx, s.experts, matchShift, s.decisions, solver.DefaultWeights); err != nil {
			return nil, err
		}
		if s.into.to, err = bench.Compare(ctx, s.experts, solver.DefaultWeights); err != nil {
			return nil, err
		}
		s.into.P50US, s.into.P99US = micros(s.into.day.P50), micros(s.into.day.P99)
		s.into.Quality = thousandth(s.into.to.Quality())
	}
	careless := solver.DefaultWeights
	careless.Idle = 0
	without, err := bench.Shift(ctx, 1000, matchShift, 0, careless)
	if err != nil {
		return nil, err
	}
	r.Solver.Gini, r.Solver.careless = thousandth(r.Solver.K1.day.Gini), thousandth(without.Gini)
	return r, nil
}

func micros(d time.Duration) float64 { return math.Round(float64(d)/100) / 10 }

func thousandth(x float64) float64 { return math.Round(x*1000) / 1000 }
