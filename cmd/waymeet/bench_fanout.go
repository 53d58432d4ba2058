package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/realtime/bench"
	"github.com/waymeet/waymeet/store"
)

// fanout measures the live layer from outside: real nodes, each a process; real people, who are asked who they are; a
// generator that is a process too (realtime/bench).
type fanout struct {
	fanoutOptions
	stack  *stack
	db     *store.DB
	people *identity.Service
	desk   *dispatch.Desk
}

// fanoutOptions are what the command line says, and the sizes, which a test makes small.
type fanoutOptions struct {
	length time.Duration // of each measurement
	warm   time.Duration // unmeasured, before each
	rest   time.Duration // before memory is read
	stay   time.Duration // of scale
	rounds int
	fan    crowdSize
	rooms  crowdSize
	idle   crowdSize
	full   crowdSize
	commit crowdSize
	scale  crowdSize // of each node
	log    *slog.Logger
}

// crowdSize is how many people listen to what.
type crowdSize struct {
	channels    int
	connections int     // in all, the channels in turn
	rate        float64 // publishes or holds a second; 0: as fast as it goes
}

func fanoutDefaults() fanoutOptions {
	return fanoutOptions{
		length: 8 * time.Second, warm: time.Second, rest: 6 * time.Second, stay: 2 * time.Minute, rounds: 1,
		fan:    crowdSize{1, 1000, 20},
		rooms:  crowdSize{1000, 5000, 2000},
		idle:   crowdSize{1000, 10_000, 0},
		full:   crowdSize{1, 1000, 0},
		commit: crowdSize{1000, 1000, 200},
		scale:  crowdSize{1000, 15_000, 2},
	}
}

// fanoutScenarios are what --only may name, in the order in which they run.
var fanoutScenarios = []string{"fan", "rooms", "idle", "full", "commit", "scale"}

func benchFanout(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("bench fanout", `[flags]

Measures what a delivery and a connection cost, on a PostgreSQL, a Redis and nodes of its own, and leaves nothing behind:

  fan      one channel, 1,000 subscribers, 20 signals a second: processor time of the node, against a floor in the same run
  rooms    1,000 channels of 5 subscribers, 2,000 signals a second: likewise
  idle     10,000 subscribed connections: memory of each, processor time of connecting
  full     one channel, 1,000 subscribers, as fast as it goes
  commit   200 holds a second by the HTTP API of one node, to the sockets of another
  scale    3 nodes with 15,000 connections each (--scale)

The floor is one thread that builds one frame for each signal and makes one write for each subscriber, and does nothing
else. Every signal carries the moment at which it was due, and latency counts from there. On a machine that does other
things too, compare ratios and processor times, and look at noise_cores.
`)
	o := fanoutDefaults()
	asJSON := f.Bool("json", false, "one JSON object instead of a table")
	seconds := f.Int("seconds", int(o.length.Seconds()), "how long to measure each")
	f.IntVar(&o.rounds, "rounds", o.rounds, "measure so often, alternating with the floor, and give medians")
	only := f.String("only", "", "scenarios to measure, comma separated (all but scale)")
	scale := f.Bool("scale", false, "measure scale, alone unless --only names others")
	f.DurationVar(&o.stay, "stay", o.stay, "how long the connections of scale stay")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	o.length = time.Duration(*seconds) * time.Second
	if *seconds < 1 || *seconds > 200 || o.rounds < 1 || o.stay < 0 || o.stay+2*o.length > 7*time.Minute {
		return errors.New("--seconds must be 1 to 200, --rounds 1 or more, --stay and twice --seconds together 7m at most: tokens and holds expire")
	}
	names := fanoutScenarios[:5]
	if *only != "" {
		names = strings.Split(*only, ",")
	} else if *scale {
		names = nil
	}
	if *scale && !slices.Contains(names, "scale") {
		names = append(slices.Clone(names), "scale")
	}
	for _, n := range names {
		if !slices.Contains(fanoutScenarios, n) {
			return fmt.Errorf("there is no scenario %q; there are: %s", n, strings.Join(fanoutScenarios, ", "))
		}
	}
	o.log = telemetry.NewLogger(t.err, telemetry.LogConfig{Level: slog.LevelWarn, Text: true})
	found, err := runFanout(ctx, o, names)
	if err != nil {
		return fmt.Errorf("fanout: %w", err)
	}
	if *asJSON {
		return json.NewEncoder(t.out).Encode(found)
	}
	return found.table(t.out)
}

// runFanout brings a stack up and measures the scenarios one after the other, each on fresh nodes.
func runFanout(ctx context.Context, o fanoutOptions, names []string) (_ *fanoutReport, err error) {
	if runtime.GOOS != "linux" {
		return nil, bench.ErrLinux
	}
	b := &fanout{fanoutOptions: o}
	if b.stack, err = startStack(ctx, "", o.log); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.stack.stop()) }()
	if b.stack.rd.Mini() {
		return nil, errors.New("an imitation of Redis says nothing about speed: install redis-server")
	}
	box, err := seal.Parse(b.stack.secret.reveal())
	if err != nil {
		return nil, err
	}
	app, system := b.stack.url("waymeet_app", b.stack.passwords.App), b.stack.url("waymeet_system", b.stack.passwords.System)
	if b.db, err = store.Open(ctx, store.Config{AppURL: app.reveal(), SystemURL: system.reveal(), Logger: o.log}); err != nil {
		return nil, err
	}
	defer b.db.Close()
	b.people, b.desk = identity.New(identity.Config{DB: b.db, Box: box, Logger: o.log}), dispatch.New(b.db, o.log, nil)
	r := &fanoutReport{}
	for _, name := range fanoutScenarios {
		if !slices.Contains(names, name) {
			continue
		}
		switch name {
		case "fan":
			r.Fan, err = b.against(ctx, o.fan)
		case "rooms":
			r.Rooms, err = b.against(ctx, o.rooms)
		case "idle":
			r.Idle, err = b.idling(ctx)
		case "full":
			r.Full, err = b.fullSpeed(ctx)
		case "commit":
			r.Commit, err = b.committing(ctx)
		case "scale":
			r.Scale, err = b.scaling(ctx)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r, nil
}

// crowd is channels and people for one measurement: an operator of its own, whose tokens are fresh.
func (b *fanout) crowd(ctx context.Context, channels, users int) (*fixture, error) {
	return makeFixture(ctx, b.people, b.desk, b.db, channels, users)
}

// reading is what processors had done at a moment, in seconds.
type reading struct {
	at                           time.Time
	server, redis, ours, machine float64
}

func (b *fanout) look(server *benchServer) (r reading, err error) {
	r.server, err = bench.CPU(server.PID())
	redis, redisErr := bench.CPU(b.stack.rd.PID())
	r.redis, r.ours, r.machine, r.at = redis, bench.TreeCPU(os.Getpid()), bench.MachineCPU(), time.Now()
	return r, errors.Join(err, redisErr)
}

// noise is how many processors others kept busy meanwhile.
func (r reading) noise(since reading) float64 {
	return max(0, (r.machine-since.machine)-(r.ours-since.ours)) / r.at.Sub(since.at).Seconds()
}
