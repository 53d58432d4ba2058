package main

import (
	"context"
	"errors"
	"time"

	"github.com/waymeet/waymeet/realtime/bench"
)

const scaleNodes = 3

// scaling has as many connections as three nodes take where a process may open 20,000 files, keeps them for a while, and
// compares a delivery to all of one node with a delivery to a few of them, at as many deliveries a second.
func (b *fanout) scaling(ctx context.Context) (_ *scaleFigures, err error) {
	size := b.scale
	f, err := b.crowd(ctx, size.channels+1, min(size.connections, 1000)) // the first channel is nobody's at first
	if err != nil {
		return nil, err
	}
	size.channels++
	r := &scaleFigures{Connections: scaleNodes * size.connections, Many: size.connections, Few: max(1, size.connections/15), StayS: b.stay.Seconds()}
	nodes, loads, bases := make([]*benchServer, scaleNodes), make([]*benchChild, scaleNodes), make([]int, scaleNodes)
	for i := range nodes {
		if nodes[i], err = b.stack.startNode(ctx, i); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, nodes[i].stop()) }()
		if loads[i], err = startLoad(); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, loads[i].stop()) }()
		o := audience(nodes[i], f, size)
		o.Skip, o.Publishers = 1, f.Publishers[:1]
		g, err := b.settle(ctx, nodes[i], loads[i], o)
		if err != nil {
			return nil, err
		}
		bases[i] = g.base
		r.Refused += g.Refused
	}
	before, began := make([]float64, scaleNodes), time.Now()
	for i, n := range nodes {
		if before[i], err = bench.CPU(n.PID()); err != nil {
			return nil, err
		}
	}
	if err := sleep(ctx, b.stay); err != nil {
		return nil, err
	}
	for i, n := range nodes {
		cpu, err := bench.CPU(n.PID())
		if err != nil {
			return nil, err
		}
		resident, err := bench.Resident(n.PID())
		if err != nil {
			return nil, err
		}
		a, err := loads[i].ask(ctx, bench.Order{Count: true})
		if err != nil {
			return nil, err
		}
		r.Standing += a.Standing - 1 // without the publisher
		r.NodeBytes = append(r.NodeBytes, resident)
		r.BytesPerConn = append(r.BytesPerConn, round(float64(resident-bases[i])/float64(size.connections)))
		r.IdleCores = append(r.IdleCores, round((cpu-before[i])/time.Since(began).Seconds()))
		r.add(a)
	}
	return r, b.wide(ctx, r, nodes[0], loads[0], size)
}

// wide publishes to a few subscribers of a node, then to all of them.
func (b *fanout) wide(ctx context.Context, r *scaleFigures, node *benchServer, load *benchChild, size crowdSize) error {
	manyRate := size.rate
	fewRate := manyRate * float64(r.Many) / float64(r.Few)
	for _, x := range []struct {
		from, to int
		rate     float64
		cpu      *float64
	}{{0, r.Few, fewRate, &r.FewPerM}, {r.Few, r.Many, manyRate, &r.ManyPerM}} {
		if _, err := load.ask(ctx, bench.Order{Join: &bench.Join{From: x.from, To: x.to, AtOnce: atOnce}}); err != nil {
			return err
		}
		got, err := b.measure(ctx, node, load, bench.Publish{Channels: 1, Rate: x.rate})
		if err != nil {
			return err
		}
		*x.cpu = round(got.cpu)
		r.Noise = round(max(r.Noise, got.noise))
		ended := r.Ended // counted since the generator began: this node's are in already
		r.add(got.Answer)
		r.Ended = ended
	}
	r.Ratio = round(r.ManyPerM / r.FewPerM)
	return nil
}
