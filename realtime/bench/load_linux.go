package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"

	"golang.org/x/sys/unix"
)

// generator is the whole of it. One thread owns everything.
type generator struct {
	loop    *loop
	clients []*client // by descriptor
	buffer  []byte

	input []byte // of orders, read and not yet obeyed
	over  bool   // no order will follow

	opened      Open
	publishers  []*client
	readers     []*client // in the order in which they were opened
	subscribers []int     // standing connections, by channel
	sequences   []uint64  // published so far, by channel
	seats       *seats    // while holds are under way or awaited

	standing, opening int
	later             []retry
	ended, refused    int
	why               string
	broken            error // of the generator itself

	signals uint64 // sent so far: their ids and keys
	took    run
}

// run is what is counted of one order.
type run struct {
	published, delivered, expected uint64
	repeated, disordered, failed   uint64
	newest                         uint64 // when the newest delivery came
	latency, answered              histogram
}

// Load is the generator: it obeys what standard input orders until that ends, and answers on out. It reads descriptor 0
// itself, because sockets must be looked after while no order has come.
func Load(out io.Writer) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l, err := newLoop()
	if err != nil {
		return err
	}
	if err := errors.Join(unix.SetNonblock(0, true), l.watch(0)); err != nil {
		return fmt.Errorf("bench: standard input must be a pipe; `waymeet bench fanout` starts this: %w", err)
	}
	g := &generator{loop: l, buffer: make([]byte, 256<<10)}
	answers := json.NewEncoder(out)
	for {
		line, err := g.order()
		if line == nil || err != nil {
			return err
		}
		var o Order
		if err := json.Unmarshal(line, &o); err != nil {
			return fmt.Errorf("bench: an order: %w", err)
		}
		if err := answers.Encode(g.obey(o)); err != nil {
			return fmt.Errorf("bench: answer: %w", err)
		}
	}
}

// order is the next line of standard input; nil when there will be none. Meanwhile connections are looked after.
func (g *generator) order() ([]byte, error) {
	for {
		if line, rest, ok := bytes.Cut(g.input, []byte("\n")); ok {
			g.input = rest
			return line, nil
		}
		if g.over {
			return nil, nil
		}
		if err := g.turn(math.MaxUint64); err != nil {
			return nil, err
		}
	}
}

func (g *generator) obey(o Order) Answer {
	g.took = run{}
	var a Answer
	var err error
	switch {
	case o.Open != nil:
		err = g.open(*o.Open)
	case o.Join != nil:
		err = g.join(*o.Join)
	case o.Publish != nil:
		a, err = g.publish(*o.Publish)
	case o.Hold != nil:
		a, err = g.hold(*o.Hold)
	}
	if err == nil {
		err = g.broken
	}
	if err != nil {
		a.Error = err.Error()
	}
	a.Standing, a.Ended, a.Refused, a.Why = g.standing, g.ended, g.refused, g.why
	return a
}

// turn waits for something to happen, until a moment at the latest, and handles it.
func (g *generator) turn(until uint64) error {
	ready, err := g.loop.wait(until)
	if err != nil {
		return err
	}
	for _, e := range ready {
		if e.Fd == 0 {
			g.hear()
			continue
		}
		if int(e.Fd) >= len(g.clients) || g.clients[e.Fd] == nil { // the timer; or dropped by an event before
			continue
		}
		c := g.clients[e.Fd]
		if e.Events&unix.EPOLLOUT != 0 {
			g.flush(c)
		}
		if e.Events&^unix.EPOLLOUT != 0 && g.clients[e.Fd] == c {
			g.read(c)
		}
	}
	return g.broken
}

// hear reads orders.
func (g *generator) hear() {
	n, err := unix.Read(0, g.buffer)
	switch {
	case n > 0:
		g.input = append(g.input, g.buffer[:n]...)
	case n == 0:
		g.over = true
		g.failIf(g.loop.control(unix.EPOLL_CTL_DEL, 0, 0))
	case !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR):
		g.failIf(fmt.Errorf("bench: standard input: %w", err))
	}
}

// note keeps the first thing that went wrong, for whoever reads the figures.
func (g *generator) note(why string) {
	if g.why == "" {
		g.why = why
	}
}

func (g *generator) failIf(err error) {
	if g.broken == nil {
		g.broken = err
	}
}
