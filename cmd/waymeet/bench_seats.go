package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
	stage "github.com/waymeet/waymeet/store/bench"
)

type seatsReport struct {
	Hot    seatsFigures `json:"hot"`
	Spread seatsFigures `json:"spread"`
}

type seatsFigures struct {
	NaivePerS  float64 `json:"naive_per_s"`
	OursPerS   float64 `json:"ours_per_s"`
	Ratio      float64 `json:"ratio"`
	NaiveP99MS float64 `json:"naive_p99_ms"`
	OursP99MS  float64 `json:"ours_p99_ms"`
	Oversold   int     `json:"oversold"`
}

func (r seatsReport) table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "holds by 64 clients\tnaive/s\tours/s\tratio\tnaive p99 ms\tours p99 ms\toversold\t")
	for _, x := range []struct {
		name string
		seatsFigures
	}{{"on one trip", r.Hot}, {"on 200 trips", r.Spread}} {
		fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%.1f\t%.1f\t%.1f\t%d\t\n", x.name, x.NaivePerS, x.OursPerS, x.Ratio, x.NaiveP99MS, x.OursP99MS, x.Oversold)
	}
	return t.Flush()
}

const (
	benchClients  = 64
	benchLegs     = 20
	benchCapacity = 500 // the most that a row takes: a trip must last a while
	spreadTrips   = 200
	hotTrips      = 40 // one after the other: each is full after 10,000 holds
)

// holdOne holds a seat for a client; false when that leg is full.
type holdOne func(ctx context.Context, trip, rider uuid.UUID, leg int) (bool, error)

func benchSeats(ctx context.Context, o benchOptions) (_ measured, err error) {
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresConfig{Home: ".waymeet", Fsync: true, Logger: o.log, Settings: []string{"max_connections=200"}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pg.Stop()) }()
	s, err := stage.Open(ctx, pg.SuperURL)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(ctx))) }()
	riders, err := s.Riders(ctx, benchClients)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, s.Config())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var r seatsReport
	if r.Hot, err = seatsOn(ctx, s, db, riders, hotTrips, 1, o); err != nil {
		return nil, err
	}
	r.Spread, err = seatsOn(ctx, s, db, riders, spreadTrips, spreadTrips, o)
	return r, err
}

// seatsOn measures both ways in turns, so that whatever else the machine does meets both alike. Each way has trips of its
// own; at any time clients crowd the first at that are not full.
func seatsOn(ctx context.Context, s *stage.Stage, db *store.DB, riders []uuid.UUID, trips, at int, o benchOptions) (f seatsFigures, err error) {
	theirs, err := s.Line(ctx, trips, benchLegs, benchCapacity)
	if err != nil {
		return f, err
	}
	mine, err := s.Line(ctx, trips, benchLegs, benchCapacity)
	if err != nil {
		return f, err
	}
	naive, err := s.Naive(ctx, theirs, benchClients)
	if err != nil {
		return f, err
	}
	defer naive.Close()
	desk := booking.New(booking.Config{DB: db, Logger: o.log})
	var key atomic.Int64
	ours := func(ctx context.Context, trip, rider uuid.UUID, leg int) (bool, error) {
		h := booking.Hold{Trip: trip, From: mine.Stops[leg], To: mine.Stops[leg+1], Party: 1}
		claim := idem.Claim{Actor: rider, Operation: "bookings.hold", Key: strconv.FormatInt(key.Add(1), 36) + trip.String(), Hash: idem.HashOf(h)}
		_, err := desk.Hold(ctx, booking.By{Tenant: s.Tenant, User: rider}, claim, h)
		if fault.Is(err, "trip_full") {
			return false, nil
		}
		return err == nil, err
	}
	crowdNaive, crowdOurs := newCrowd(theirs, riders, at, naive.Hold), newCrowd(mine, riders, at, ours)
	const turns = 3
	slice := o.length / 2 / (2*turns + 1)
	for _, c := range []*crowd{crowdNaive, crowdOurs} { // warm up: connections, statements, timetable
		if err := c.run(ctx, slice/2); err != nil {
			return f, err
		}
		c.forget()
	}
	if err := s.Settle(ctx); err != nil { // behind the warm-up: plans are made from what the tables look like at work
		return f, err
	}
	for range turns {
		for _, c := range []*crowd{crowdNaive, crowdOurs} {
			if err := c.run(ctx, slice); err != nil {
				return f, err
			}
		}
	}
	f.NaivePerS, f.NaiveP99MS = crowdNaive.figures()
	f.OursPerS, f.OursP99MS = crowdOurs.figures()
	f.Ratio = round(f.OursPerS / f.NaivePerS)
	for _, l := range []stage.Line{theirs, mine} {
		n, err := s.Oversold(ctx, l)
		if err != nil {
			return f, err
		}
		f.Oversold += n
	}
	return f, nil
}

// crowd is clients that hold one seat after the other.
type crowd struct {
	line   stage.Line
	riders []uuid.UUID
	at     int
	hold   holdOne
	done   atomic.Int64 // seats held so far: says which trips are open

	took []time.Duration // of holds that succeeded
	held int
	time time.Duration
}

func newCrowd(l stage.Line, riders []uuid.UUID, at int, hold holdOne) *crowd {
	return &crowd{line: l, riders: riders, at: at, hold: hold}
}

func (c *crowd) forget() { c.took, c.held, c.time = nil, 0, 0 }

func (c *crowd) figures() (perS, p99ms float64) {
	return round(float64(c.held) / c.time.Seconds()), p99(c.took)
}

// run lets all clients hold seats for a while. A trip is left when it is nearly full, so that refusals happen, as they
// would, but are not what is measured: only seats count.
func (c *crowd) run(ctx context.Context, length time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	perTrip := int64(c.line.Legs * c.line.Capacity * 97 / 100)
	begun := time.Now()
	end := begun.Add(length)
	took := make([][]time.Duration, len(c.riders))
	var wg sync.WaitGroup
	for i, rider := range c.riders {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(i), uint64(begun.UnixNano())))
			for time.Now().Before(end) && ctx.Err() == nil {
				first := int(c.done.Load()/(perTrip*int64(c.at))) * c.at
				if first >= len(c.line.Trips) {
					cancel(errors.New("every trip is full: measure for fewer seconds"))
					return
				}
				trip := c.line.Trips[first+dice.IntN(c.at)]
				asked := time.Now()
				ok, err := c.hold(ctx, trip, rider, dice.IntN(c.line.Legs))
				if err != nil {
					cancel(err)
					return
				}
				if ok {
					took[i] = append(took[i], time.Since(asked))
					c.done.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	c.time += time.Since(begun)
	for _, t := range took {
		c.took = append(c.took, t...)
		c.held += len(t)
	}
	return nil
}

// p99 is what one in a hundred exceeds, in milliseconds.
func p99(took []time.Duration) float64 { return percentile(took, 0.99) }

func percentile(took []time.Duration, p float64) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return round(float64(took[int(p*float64(len(took)-1))]) / float64(time.Millisecond))
}

// round keeps two digits after the point.
func round(x float64) float64 { return math.Round(x*100) / 100 }
