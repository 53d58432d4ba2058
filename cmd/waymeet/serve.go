package main

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/waymeet/waymeet/internal/telemetry"
)

func serve(ctx context.Context, t *terminal, args []string) error {
	var meaning strings.Builder
	for _, v := range variables {
		fmt.Fprintf(&meaning, "  %-30s %s\n", v.name, v.meaning)
	}
	f := t.flags("serve", "\n\nRuns one node until SIGTERM or SIGINT; as many as you like may share one PostgreSQL and one Redis.\nIt is configured by its environment alone:\n\n"+meaning.String())
	if err := parse(f, args, 0); err != nil {
		return err
	}
	cfg, err := readConfig(t.environment)
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(t.err, telemetry.LogConfig{Level: cfg.logLevel, Node: cfg.node, IDs: identify})
	l, err := listen(ctx, cfg.listen, "WAYMEET_LISTEN")
	if err != nil {
		return err
	}
	db, err := awaitStore(ctx, cfg, log, l)
	if err != nil {
		_ = l.Close() // the store's error is the one to tell
		return err
	}
	n, err := buildNode(ctx, cfg, log, db)
	if err != nil {
		_ = l.Close()
		return err
	}
	return n.run(ctx, l)
}

// listen takes the address early, so that a taken one is told before anything is started.
func listen(ctx context.Context, addr, setBy string) (net.Listener, error) {
	// No keep-alives of TCP's: live sockets have pings of their own, other connections end when they idle.
	l, err := (&net.ListenConfig{KeepAlive: -1}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be served on (%w): end the other program, or choose another address with %s", addr, err, setBy)
	}
	return l, nil
}
