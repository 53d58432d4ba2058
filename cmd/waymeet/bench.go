package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/realtime/bench"
)

// measurement is one bench. It starts what it needs with startStack(ctx, "", log),
// stops it, and returns what it found.
type measurement struct {
	name    string
	summary string
	run     func(ctx context.Context, o benchOptions) (measured, error)
}

// benches is what `waymeet bench` lists; one line adds one.
var benches = []measurement{
	{"seats", "holds per second, ours and the naive way, by 64 clients on one trip and on 200", benchSeats},
	{"search", "how long a search for seats takes among a million bookings", benchSearch},
	{"ledger", "transfers per second on spread accounts and on one, holds and their posts, against pgbench's TPC-B on the same server", benchLedger},
	{"match", "how long a decision takes among 1,000, 10,000 and 100,000 experts, how near the optimum it is, how evenly work falls", benchMatch},
}

// benchOptions are the flags of every bench.
type benchOptions struct {
	length time.Duration // of the measuring; setting up comes on top
	log    *slog.Logger
}

// measured is a bench's result: JSON for programs, a table for people.
type measured interface {
	table(w io.Writer) error
}

func runBench(ctx context.Context, t *terminal, args []string) error {
	if len(args) > 0 {
		switch args[0] { // those with flags of their own
		case "fixture": // measures nothing itself
			return benchFixture(ctx, t, args[1:])
		case "fanout":
			return benchFanout(ctx, t, args[1:])
		case "load": // these two are processes that fanout starts
			return bench.Load(t.out)
		case "floor":
			return bench.Floor(t.out)
		}
	}
	return benchFrom(ctx, t, benches, args)
}

func benchFrom(ctx context.Context, t *terminal, from []measurement, args []string) error {
	list := fmt.Sprintf("  %-8s %s\n", "fanout", "what a delivery and a connection cost, against a floor in the same run (fanout --help: flags of its own)")
	for _, b := range from {
		list += fmt.Sprintf("  %-8s %s\n", b.name, b.summary)
	}
	f := t.flags("bench", "NAME [flags]\n\nMeasures on a PostgreSQL and a Redis of its own (fsync on) and leaves nothing behind:\n\n"+list+"\nbench fixture prepares a running installation for a load generator of others.\n")
	asJSON := f.Bool("json", false, "one JSON object instead of a table")
	seconds := f.Int("seconds", 30, "how long to measure")
	if len(args) == 0 {
		f.Usage()
		return errUsage
	}
	name, flags := args[0], args[1:]
	if len(name) > 0 && name[0] == '-' { // flags before the name, --help among them
		name, flags = "", args
	}
	if err := parse(f, flags, -1); err != nil {
		return err
	}
	if name == "" && f.NArg() == 1 {
		name = f.Arg(0)
	} else if f.NArg() > 0 {
		f.Usage()
		return errUsage
	}
	if *seconds < 1 {
		return errors.New("--seconds must be 1 or more")
	}
	for _, b := range from {
		if b.name != name {
			continue
		}
		log := telemetry.NewLogger(t.err, telemetry.LogConfig{Level: slog.LevelWarn, Text: true})
		found, err := b.run(ctx, benchOptions{length: time.Duration(*seconds) * time.Second, log: log})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if *asJSON {
			return json.NewEncoder(t.out).Encode(found)
		}
		return found.table(t.out)
	}
	fmt.Fprintf(t.err, "there is no bench %q; there are:\n\n%s", name, list)
	return errUsage
}
