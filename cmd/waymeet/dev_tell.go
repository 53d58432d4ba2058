package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/waymeet/waymeet/internal/demo"
)

// login is one way into the demo.
type login struct {
	Tenant   string `json:"tenant"`
	Role     string `json:"role"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

// announce says that dev is ready: to a person, or as one JSON line to a program.
func announce(t *terminal, o devOptions, s *stack, listeners []net.Listener, took time.Duration) error {
	nodes, ways := addresses(listeners), logins()
	if o.empty {
		ways = []login{}
	}
	if o.json {
		return json.NewEncoder(t.out).Encode(map[string]any{"nodes": nodes, "logins": ways, "stripe": s.stripe.URL(), "dir": o.dir,
			"acquirer": map[string]string{"url": s.cmi.FormURL(), "api": s.cmi.APIURL(), "client": "600001", "store_key": "store_demo", "user": "api", "password": "cmi_demo"}})
	}
	fmt.Fprintf(t.out, "\nWaymeet is ready after %.1f s (PostgreSQL %d, %s).\n\n", took.Seconds(), s.pg.Major(), redisName(s))
	for _, n := range nodes {
		fmt.Fprintf(t.out, "  %s\n", n)
	}
	fmt.Fprintf(t.out, "  %s/docs         the API\n", nodes[0])
	fmt.Fprintf(t.out, "  %s/emu         an emulator of Stripe: test cards, no money; forgets when this ends\n\n", s.stripe.URL())
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, l := range ways {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", l.Tenant, l.Role, l.Email, l.Password)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !o.empty {
		fmt.Fprintf(t.out, "\n  %s%s\n", demo.Hours, whoMoves(o))
	}
	fmt.Fprintf(t.out, "\nFor bin/waymeet in another shell: . %s/env\nRequests are not limited here: everybody has one address.\n", o.dir)
	_, err := fmt.Fprintf(t.out, "Log: %s/log/dev.log. Ctrl-C ends everything; remove %s to start afresh.\n", o.dir, o.dir)
	return err
}

func whoMoves(o devOptions) string {
	if o.quiet {
		return "Nobody moves by himself."
	}
	return "Riders, drivers, vehicles, clients and experts move by themselves; --quiet stops that."
}

func redisName(s *stack) string {
	if s.rd.Mini() {
		return "an IMITATION of Redis: install redis-server for the real one"
	}
	return "Redis"
}

var errInputEnded = errors.New("standard input ended")

// obey does what a program asks on standard input, a command a line, and answers
// each; the end of the input is the order to end.
func (s *stack) obey(ctx context.Context, t *terminal) error {
	answers := json.NewEncoder(t.out)
	for lines := bufio.NewScanner(t.in); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		var err error
		switch line {
		case "":
			continue
		case "redis restart", "redis start":
			err = s.restartRedis(ctx)
		case "redis stop":
			err = s.killRedis()
		default:
			err = errors.New("there are: redis restart, redis stop, redis start")
		}
		answer := map[string]string{"done": line}
		if err != nil {
			answer["error"] = err.Error()
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
	return errInputEnded
}
