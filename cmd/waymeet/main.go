// Command waymeet is the whole server: it serves, and does by hand what an
// operator's engineer needs.
//
//	serve     one node, on a PostgreSQL and a Redis that others run
//	dev       everything on this machine: own PostgreSQL, own Redis, demo data
//	gtfs      import a timetable
//	bootstrap make the roles and the database, once per cluster
//	findings  what differs between gateways and books: list, explain
//	migrate   bring the schema up to this binary
//	bench     measure, on a stack of its own
//	ledger    verify that every balance is what its entries make
//	reconcile compare a day of an operator's gateways with the books
//	tenant    operators: create, list
//	ticket-key  keys that sign an operator's tickets: list, rotate
//	user      an operator's people: create, disable, roles, passwords
//	webhooks  what gateways told an operator: list, replay
//	openapi   the document of the HTTP API
//	doctor    what this machine and this configuration lack
//
// This package puts the rooms together and is the only one that reads the
// environment (config.go). It decides nothing about seats, people or money.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // machines without zone data must not guess local times
)

// command is one verb of the command line.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, t *terminal, args []string) error
}

// commands is what `waymeet help` lists; one line adds one.
var commands = []command{
	{"serve", "run one node on the configured PostgreSQL and Redis", serve},
	{"dev", "run everything here: own PostgreSQL, own Redis, demo data", dev},
	{"gtfs", "import a timetable", timetables},
	{"bootstrap", "make the roles and the database, once per cluster", bootstrap},
	{"findings", "what differs between gateways and books, and explain it", findings},
	{"migrate", "bring the schema up to this binary", migrate},
	{"bench", "measure", runBench},
	{"ledger", "derive every balance from its entries and compare", ledgers},
	{"reconcile", "compare a day of an operator's gateways with the books", reconcileDay},
	{"tenant", "create and list operators", tenants},
	{"ticket-key", "list and rotate the keys that sign an operator's tickets", ticketKeys},
	{"user", "create, change and list an operator's people", users},
	{"webhooks", "what gateways told, and replay it", webhooks},
	{"gateway", "add and change an operator's account with a payment service", gateways},
	{"media", "what carries an operator's voices and pictures", medias},
	{"openapi", "print the OpenAPI document of the HTTP API", openapi},
	{"doctor", "say what this machine and this configuration lack", doctor},
	{"version", "say what this binary was built from", version},
}

// terminal is what a command may touch of the world around the process.
type terminal struct {
	in          io.Reader
	out, err    io.Writer
	environment func(name string) string
}

// usage is an error of whoever typed the command; flags have been explained by then.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal asks, the second one kills
	t := &terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr, environment: os.Getenv}
	os.Exit(run(ctx, t, os.Args[1:]))
}

func run(ctx context.Context, t *terminal, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		help(t.out)
		return 0
	}
	for _, c := range commands {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, t, args[1:])
		switch {
		case err == nil || errors.Is(err, flag.ErrHelp):
			return 0
		case ctx.Err() != nil && errors.Is(err, context.Canceled):
			return 0 // asked to end before it had begun
		case errors.Is(err, errUsage):
			return 2
		}
		fmt.Fprintf(t.err, "waymeet %s: %v\n", c.name, err)
		return 1
	}
	fmt.Fprintf(t.err, "waymeet: there is no command %q\n\n", args[0])
	help(t.err)
	return 2
}

func help(w io.Writer) {
	fmt.Fprint(w, "usage: waymeet COMMAND [--help]\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
}

// flags is a command's flag set, which explains itself on the terminal.
func (t *terminal) flags(name, synopsis string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(t.err)
	f.Usage = func() {
		fmt.Fprintf(t.err, "usage: waymeet %s %s\n", name, synopsis)
		f.PrintDefaults()
	}
	return f
}

// parse reads args; want is how many may be left over, -1 for any.
func parse(f *flag.FlagSet, args []string, want int) error {
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage // the flag set has said what is wrong
	}
	if want >= 0 && f.NArg() != want {
		f.Usage()
		return errUsage
	}
	return nil
}
