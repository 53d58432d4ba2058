package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/billing/gateway/redirect"
	"github.com/waymeet/waymeet/internal/cmiemu"
	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/internal/telemetry"
)

// devOptions are dev's flags.
type devOptions struct {
	dir    string
	listen string
	nodes  int
	quiet  bool
	limits bool
	empty  bool
	json   bool
	tie    bool
	media  string
	level  slog.Level
}

func dev(ctx context.Context, t *terminal, args []string) error {
	var o devOptions
	f := t.flags("dev", "[flags]\n\nRuns everything on this machine: a PostgreSQL and a Redis of its own, an emulator of Stripe, the schema, demo data, and the server.\nCtrl-C ends all of it; the data stays in the directory until you remove that.\n")
	f.StringVar(&o.dir, "dir", ".waymeet", "where data, secret and logs are kept")
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to serve on; further nodes take free ports")
	f.IntVar(&o.nodes, "nodes", 1, "how many nodes share the PostgreSQL and the Redis")
	f.BoolVar(&o.quiet, "quiet", false, "demo data, but nobody moves by himself")
	f.BoolVar(&o.limits, "limits", false, "a socket may ask no more than in production; without, this machine's may ask without end")
	f.BoolVar(&o.empty, "empty", false, "no demo data at all")
	f.BoolVar(&o.json, "json", false, "for programs: one JSON line when ready; reads commands from standard input and ends with it")
	f.BoolVar(&o.tie, "tie", false, "end when the parent process ends (for make)")
	f.StringVar(&o.media, "media-server", "", "origin of a LiveKit server of yours that the pages may connect to: ws://127.0.0.1:7880")
	f.TextVar(&o.level, "log-level", slog.LevelWarn, "what is shown here; the directory's log/dev.log has everything from info on")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if o.nodes < 1 || o.nodes > 9 {
		return errors.New("--nodes must be 1 to 9")
	}
	if o.tie {
		if err := devstack.TieToParent(); err != nil {
			return err
		}
	}
	begun := time.Now()
	release, err := devstack.Hold(o.dir) // before anything of the one that runs is touched: its log, its port
	if errors.Is(err, devstack.ErrHeld) {
		return fmt.Errorf("another `waymeet dev` runs on %s: end it, or give this one a place of its own with --dir DIR --listen ADDRESS (make run ARGS='--dir .waymeet2 --listen 127.0.0.1:8081')", o.dir)
	}
	if err != nil {
		return err
	}
	defer func() { _ = release() }() // the process ends behind it
	listeners, err := listenAll(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		for _, l := range listeners {
			_ = l.Close() // those that served are closed already
		}
	}()
	log, closeLog, err := devLog(t, o)
	if err != nil {
		return err
	}
	defer closeLog()
	s, err := startStack(ctx, o.dir, log)
	if err != nil {
		return err
	}
	if o.media != "" {
		s.media = []string{o.media}
	}
	if s.stripe, err = stripeemu.Start(stripeemu.Options{Logger: log}); err != nil {
		return errors.Join(err, s.stop())
	}
	// No operator of the demo uses it: an account there is opened by hand, as it would be (docs/deployment.md).
	if s.cmi, err = cmiemu.Start(cmiemu.Options{Client: "600001", StoreKey: "store_demo", User: "api", Password: "cmi_demo", Hash: redirect.Hash}); err != nil {
		return errors.Join(err, s.stop())
	}
	forget, err := s.writeEnv(o.dir, addresses(listeners)[0])
	if err == nil {
		err = runNodes(ctx, t, o, s, listeners, log, begun)
		forget()
	}
	return errors.Join(err, s.stop())
}

// runNodes serves until ctx ends or something that cannot be missed ends.
func runNodes(ctx context.Context, t *terminal, o devOptions, s *stack, listeners []net.Listener, log *slog.Logger, begun time.Time) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	context.AfterFunc(ctx, sync.OnceFunc(func() { log.Info("ending", "because", context.Cause(ctx).Error()) }))

	group, running := errgroup.WithContext(ctx)
	var nodes []*node
	for i, l := range listeners {
		cfg := s.config(l, i)
		cfg.limited, cfg.turn, cfg.filesDir = o.limits, devTurn(), filepath.Join(o.dir, "files")
		n, err := openNode(running, cfg, log.With("node", nodeName(i)))
		if err != nil {
			end(err)
			return errors.Join(err, group.Wait())
		}
		nodes = append(nodes, n)
		group.Go(func() error { return n.run(running, l) })
	}
	group.Go(func() error {
		select {
		case <-s.pg.Ended():
			return errors.New("PostgreSQL has ended; its log is in " + filepath.Join(s.pg.Dir(), "server.log"))
		case <-running.Done():
			return nil
		}
	})
	group.Go(func() error { s.keepRedis(running, log); return nil })
	err := awaitReady(running, nodes)
	if err == nil && !o.empty {
		err = seed(running, group, o, nodes[0], listeners, log)
	}
	if err == nil && !o.empty {
		err = openTills(running, s, nodes[0], addresses(listeners)[0])
	}
	if err == nil {
		err = announce(t, o, s, listeners, time.Since(begun))
	}
	if err != nil {
		end(err)
		return errors.Join(err, group.Wait())
	}
	if o.json {
		go func() { end(s.obey(running, t)) }() // ends with standard input; a read cannot be interrupted
	}
	return group.Wait()
}

// awaitReady returns when every node may be sent traffic.
func awaitReady(ctx context.Context, nodes []*node) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for _, n := range nodes {
		for missing := n.missing(ctx); len(missing) > 0; missing = n.missing(ctx) {
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s is not ready: %s", n.cfg.node, strings.Join(missing, ", "))
			case <-tick.C:
			}
		}
	}
	return nil
}

func listenAll(ctx context.Context, o devOptions) ([]net.Listener, error) {
	var all []net.Listener
	addr := o.listen
	for range o.nodes {
		l, err := listen(ctx, addr, "--listen (make run ARGS='--listen 127.0.0.1:8081')")
		if err != nil {
			for _, l := range all {
				_ = l.Close() // unused yet
			}
			return nil, err
		}
		all = append(all, l)
		host, _, err := net.SplitHostPort(o.listen)
		if err != nil {
			return nil, err
		}
		addr = net.JoinHostPort(host, "0")
	}
	return all, nil
}

// devLog shows what matters here and writes the rest into the directory.
func devLog(t *terminal, o devOptions) (*slog.Logger, func(), error) {
	dir := filepath.Join(o.dir, "log")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, fmt.Errorf("directory for logs: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "dev.log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	shown := telemetry.NewLogger(t.err, telemetry.LogConfig{Level: o.level, Text: true, IDs: identify})
	kept := telemetry.NewLogger(file, telemetry.LogConfig{Level: slog.LevelInfo, IDs: identify})
	return slog.New(slog.NewMultiHandler(shown.Handler(), kept.Handler())), func() { _ = file.Close() }, nil
}

func nodeName(i int) string { return fmt.Sprintf("dev-%d", i+1) }
