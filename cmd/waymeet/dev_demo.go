package main

import (
	"context"
	"log/slog"
	"net"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/internal/demo"
	walkers "github.com/waymeet/waymeet/internal/demo/crowd"
)

// seed makes the demo's operators, logins and trips, and then, behind the running
// nodes, their people and a day's bookings. A program gets all of that before it is
// told that dev is ready; a person does not wait for it.
func seed(ctx context.Context, group *errgroup.Group, o devOptions, n *node, listeners []net.Listener, log *slog.Logger) error {
	d := demo.New(demo.Config{DB: n.db, Identity: n.people, Dispatch: n.desk, Booking: n.seats, Matching: n.match, Logger: log})
	if err := d.Found(ctx); err != nil {
		return err
	}
	if o.json {
		if err := d.Fill(ctx); err != nil {
			return err
		}
	}
	group.Go(func() error { return d.Run(ctx) })
	if o.quiet {
		return nil
	}
	people := demo.Crowd(addresses(listeners))
	people.Logger = log
	group.Go(func() error {
		err := walkers.Run(ctx, people)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // they go when the server goes
		}
		return err
	})
	return nil
}

// logins are the demo's, to print.
func logins() []login {
	var all []login
	for _, l := range demo.Logins() {
		all = append(all, login(l))
	}
	return all
}

func addresses(listeners []net.Listener) []string {
	var all []string
	for _, l := range listeners {
		all = append(all, "http://"+l.Addr().String())
	}
	return all
}
