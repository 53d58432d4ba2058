package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/waymeet/waymeet/realtime/bench"
)

// mostUnderWay is how many signals a node keeps for a subscriber that cannot take them now: were more under way, it would be
// right to drop some.
const mostUnderWay = 256

// fullSpeed is fan as fast as it goes: so many signals are under way at any time, and how many is best is tried first.
// Generator, node and Redis share the processors; the figure is what this machine does with all of it.
func (b *fanout) fullSpeed(ctx context.Context) (_ *fullFigures, err error) {
	f, err := b.crowd(ctx, b.full.channels, min(b.full.connections, 1000))
	if err != nil {
		return nil, err
	}
	node, err := b.stack.startNode(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, node.stop()) }()
	load, err := startLoad()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, load.stop()) }()
	if _, err := load.ask(ctx, bench.Order{Open: audience(node, f, b.full)}); err != nil {
		return nil, err
	}
	var r fullFigures
	best := 0.0
	for window := 32; window <= mostUnderWay; window *= 2 {
		a, err := load.ask(ctx, bench.Order{Publish: &bench.Publish{Channels: b.full.channels, Window: window, Seconds: b.warm.Seconds()}})
		if err != nil {
			return nil, err
		}
		if speed := float64(a.Delivered) / a.Seconds; a.Lost == 0 && speed > best {
			best, r.Window = speed, window
		}
	}
	if r.Window == 0 {
		return nil, errors.New("signals are lost however few are under way")
	}
	got, err := b.measure(ctx, node, load, bench.Publish{Channels: b.full.channels, Window: r.Window})
	if err != nil {
		return nil, err
	}
	r.PerS, r.PerMillion, r.RedisPerMillion = round(float64(got.Delivered)/got.Seconds), round(got.cpu), round(got.redis)
	r.P99MS, r.Noise = got.P99MS, round(got.noise)
	r.add(got.Answer)
	r.Late = false // there is no schedule
	return &r, nil
}

// committing takes seats on one node and awaits the change on another's sockets, one subscriber a trip.
func (b *fanout) committing(ctx context.Context) (_ *commitFigures, err error) {
	f, err := b.crowd(ctx, b.commit.channels, min(b.commit.connections, 1000))
	if err != nil {
		return nil, err
	}
	var nodes [2]*benchServer
	for i := range nodes {
		if nodes[i], err = b.stack.startNode(ctx, i); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, nodes[i].stop()) }()
	}
	load, err := startLoad()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, load.stop()) }()
	o := audience(nodes[1], f, b.commit)
	o.Publishers = nil
	if _, err := load.ask(ctx, bench.Order{Open: o}); err != nil {
		return nil, err
	}
	h := bench.Hold{Addr: nodes[0].addr, Stops: f.stops, Callers: 64, Rate: b.commit.rate, Seconds: b.warm.Seconds()}
	if _, err := load.ask(ctx, bench.Order{Hold: &h}); err != nil {
		return nil, err
	}
	before, err := b.look(nodes[0])
	if err != nil {
		return nil, err
	}
	h.Seconds = b.length.Seconds()
	a, err := load.ask(ctx, bench.Order{Hold: &h})
	if err != nil {
		return nil, err
	}
	after, err := b.look(nodes[0])
	if err != nil {
		return nil, err
	}
	if a.Delivered == 0 {
		return nil, fmt.Errorf("no change came: %s", a.Why)
	}
	r := &commitFigures{
		P50MS: a.P50MS, P99MS: a.P99MS, MaxMS: a.MaxMS, AnsweredP50MS: a.AnsweredP50MS, AnsweredP99MS: a.AnsweredP99MS,
		Changes: a.Delivered, PerS: round(float64(a.Delivered) / a.Seconds), Trips: b.commit.channels, Noise: round(after.noise(before)),
	}
	r.add(a)
	return r, nil
}
