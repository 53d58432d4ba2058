package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/waymeet/waymeet/realtime/bench"
)

// atOnce is how many connections are being opened at any time.
const atOnce = 32

// sample is one measurement of one server.
type sample struct {
	bench.Answer
	cpu, redis float64 // seconds a million deliveries
	noise      float64
}

// measure has a generator publish, first unmeasured, then measured.
func (b *fanout) measure(ctx context.Context, s *benchServer, load *benchChild, p bench.Publish) (got sample, err error) {
	warm := p
	warm.Seconds = b.warm.Seconds()
	if _, err := load.ask(ctx, bench.Order{Publish: &warm}); err != nil {
		return got, err
	}
	before, err := b.look(s)
	if err != nil {
		return got, err
	}
	p.Seconds = b.length.Seconds()
	if got.Answer, err = load.ask(ctx, bench.Order{Publish: &p}); err != nil {
		return got, err
	}
	after, err := b.look(s)
	if err != nil {
		return got, err
	}
	if got.Delivered == 0 {
		return got, errors.New("nothing was delivered: " + got.Why)
	}
	millions := float64(got.Delivered) / 1e6
	got.cpu, got.redis = (after.server-before.server)/millions, (after.redis-before.redis)/millions
	got.noise = after.noise(before)
	return got, nil
}

// audience is what a generator opens for a crowd of a size.
func audience(s *benchServer, f *fixture, size crowdSize) *bench.Open {
	return &bench.Open{Addr: s.addr, Channels: f.Channels[:size.channels], Readers: f.Readers, Connections: size.connections, Publishers: f.Publishers, AtOnce: atOnce}
}

// once measures a crowd on one server and ends that server.
func (b *fanout) once(ctx context.Context, s *benchServer, f *fixture, size crowdSize) (_ sample, err error) {
	defer func() { err = errors.Join(err, s.stop()) }()
	load, err := startLoad()
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, load.stop()) }()
	if _, err := load.ask(ctx, bench.Order{Open: audience(s, f, size)}); err != nil {
		return sample{}, err
	}
	return b.measure(ctx, s, load, bench.Publish{Channels: size.channels, Rate: size.rate})
}

// against measures the floor and a node in turns, so that whatever else the machine does meets both alike.
func (b *fanout) against(ctx context.Context, size crowdSize) (*crowdFigures, error) {
	c := &crowdFigures{Rounds: b.rounds}
	var floors, ours, ratios, redis, floorP99, p50, p99, perS []float64
	for range b.rounds {
		f, err := b.crowd(ctx, size.channels, min(size.connections, 1000))
		if err != nil {
			return nil, err
		}
		low, err := startFloor(ctx)
		if err != nil {
			return nil, err
		}
		floor, err := b.once(ctx, low, f, size)
		if err != nil {
			return nil, err
		}
		if floor.Lost != 0 {
			return nil, fmt.Errorf("the floor lost %d deliveries: this measures nothing", floor.Lost)
		}
		c.Late = c.Late || floor.Late
		node, err := b.stack.startNode(ctx, 0)
		if err != nil {
			return nil, err
		}
		own, err := b.once(ctx, node, f, size)
		if err != nil {
			return nil, err
		}
		floors, ours, ratios, redis = append(floors, floor.cpu), append(ours, own.cpu), append(ratios, own.cpu/max(floor.cpu, 0.01)), append(redis, own.redis)
		floorP99, p50, p99, perS = append(floorP99, floor.P99MS), append(p50, own.P50MS), append(p99, own.P99MS), append(perS, float64(own.Delivered)/own.Seconds)
		c.Deliveries += own.Delivered
		c.Noise = round(max(c.Noise, floor.noise, own.noise))
		c.add(own.Answer)
	}
	c.FloorPerMillion, c.OursPerMillion, c.Ratio, c.RedisPerMillion = median(floors), median(ours), median(ratios), median(redis)
	c.FloorP99MS, c.P50MS, c.P99MS, c.PerS = median(floorP99), median(p50), median(p99), median(perS)
	return c, nil
}

func (t *trouble) add(a bench.Answer) {
	t.Lost += a.Lost
	t.Repeated += a.Repeated
	t.Disordered += a.Disordered
	t.Failed += a.Failed
	t.Ended += a.Ended
	t.Late = t.Late || a.Late
	if t.Why == "" {
		t.Why = a.Why
	}
}

// median is the middle one, or between the middle two.
func median(all []float64) float64 {
	slices.Sort(all)
	n := len(all)
	return round((all[(n-1)/2] + all[n/2]) / 2)
}

// idling is what a connection costs that does nothing: on a fresh node, because memory that others left would be used first.
func (b *fanout) idling(ctx context.Context) (_ *idleFigures, err error) {
	f, err := b.crowd(ctx, b.idle.channels, min(b.idle.connections, 1000))
	if err != nil {
		return nil, err
	}
	low, err := startFloor(ctx)
	if err != nil {
		return nil, err
	}
	floor, _, err := b.opened(ctx, low, f)
	if err != nil {
		return nil, err
	}
	node, err := b.stack.startNode(ctx, 0)
	if err != nil {
		return nil, err
	}
	grown, again, err := b.opened(ctx, node, f)
	if err != nil {
		return nil, err
	}
	each := func(cpu float64) float64 { return round(cpu / float64(b.idle.connections) * 1e6) }
	return &idleFigures{
		BytesPerConn: round(float64(grown.bytes) / float64(b.idle.connections)),
		ConnectUS:    each(grown.cpu), FloorConnectUS: each(floor.cpu), ConnectRatio: round(grown.cpu / max(floor.cpu, 0.001)),
		AgainUS:     each(again.cpu),
		Connections: grown.Standing, ConnectsPerS: round(float64(b.idle.connections) / grown.took.Seconds()), Refused: grown.Refused, Noise: round(grown.noise),
	}, nil
}

// opened is what it costs a server, which ends with it, to have all connections of idle opened; and once more when they have gone.
func (b *fanout) opened(ctx context.Context, at *benchServer, f *fixture) (first, again growth, err error) {
	defer func() { err = errors.Join(err, at.stop()) }()
	for _, g := range []*growth{&first, &again} {
		load, err := startLoad()
		if err != nil {
			return first, again, err
		}
		o := audience(at, f, b.idle)
		o.Publishers = nil
		*g, err = b.settle(ctx, at, load, o)
		if err = errors.Join(err, load.stop()); err != nil {
			return first, again, err
		}
	}
	return first, again, nil
}

// growth is what opening connections made of a node.
type growth struct {
	bench.Answer
	base, bytes int // resident memory before, and what was added
	cpu, noise  float64
	took        time.Duration
}

// settle opens connections and looks at the node's memory when it has rested for a while. Garbage that the node has
// not collected by then counts.
func (b *fanout) settle(ctx context.Context, node *benchServer, load *benchChild, o *bench.Open) (g growth, err error) {
	if err := sleep(ctx, b.warm); err != nil {
		return g, err
	}
	if g.base, err = bench.Resident(node.PID()); err != nil {
		return g, err
	}
	before, err := b.look(node)
	if err != nil {
		return g, err
	}
	if g.Answer, err = load.ask(ctx, bench.Order{Open: o}); err != nil {
		return g, err
	}
	after, err := b.look(node)
	if err != nil {
		return g, err
	}
	g.cpu, g.noise, g.took = after.server-before.server, after.noise(before), after.at.Sub(before.at)
	if err := sleep(ctx, b.rest); err != nil {
		return g, err
	}
	now, err := bench.Resident(node.PID())
	g.bytes = now - g.base
	return g, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
