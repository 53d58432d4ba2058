package devstack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startLimit bounds a start; a recovery after a crash is part of it.
const startLimit = 60 * time.Second

var errPortTaken = errors.New("the port was taken meanwhile")

// start runs the server, again on another port when a free one was taken between
// our look and its bind. A restart keeps its port.
func (p *Postgres) start(ctx context.Context) error {
	keep := p.port != 0
	var err error
	for range 5 {
		if !keep {
			if p.port, err = freePort(); err != nil {
				return err
			}
		}
		if err = p.startOnce(ctx); !errors.Is(err, errPortTaken) {
			return err
		}
	}
	return err
}

func (p *Postgres) startOnce(ctx context.Context) error {
	out, err := newLog(p.place.dir)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(filepath.Join(p.bin.dir, "postgres"), p.arguments()...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.place.dir, serverEnv(p.bin.dir, p.place.dir), out, out
	death := syscall.SIGINT // a clean shutdown, should we be killed
	if p.place.throwaway {
		death = syscall.SIGQUIT
	}
	if p.child, err = startChild(cmd, p.user, death); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	err = awaitReady(ctx, p.child, func(ctx context.Context) error { return probePostgres(ctx, p.port) })
	if err == nil {
		return nil
	}
	stopped := p.child.stop(step{syscall.SIGQUIT, 5 * time.Second})
	words := lastWords(p.place.dir)
	if strings.Contains(words, "Address already in use") {
		return errors.Join(errPortTaken, stopped)
	}
	return errors.Join(fmt.Errorf("devstack: start PostgreSQL: %w; its log ends:\n%s", err, words), stopped)
}

func (p *Postgres) arguments() []string {
	settings := []string{
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=" + p.sockets,
		"max_connections=400",
		"max_locks_per_transaction=256", // a table for each service date
		"max_wal_senders=0", "wal_level=minimal",
		"log_timezone=UTC", "lc_messages=C",
	}
	if !p.cfg.Fsync {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"min_wal_size=80MB", "max_wal_size=256MB") // it may lie in memory
	}
	args := []string{"-D", p.data(), "-p", strconv.Itoa(p.port)}
	for _, s := range append(settings, p.cfg.Settings...) {
		args = append(args, "-c", s)
	}
	return args
}

// awaitReady returns when probe succeeds. A server that ends is told at once.
func awaitReady(ctx context.Context, c *child, probe func(context.Context) error) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := probe(ctx)
		if err == nil && !c.ended() {
			return nil
		}
		select {
		case <-c.done:
			return fmt.Errorf("it ended: %s", c.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("it is not ready: %w (last: %w)", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("devstack: find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// newLog opens the log of this start and keeps the one before.
func newLog(dir string) (*os.File, error) {
	path := filepath.Join(dir, "server.log")
	_ = os.Rename(path, path+".1") // there is none at the first start
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("devstack: open the server's log: %w", err)
	}
	return f, nil
}

func lastWords(dir string) string {
	raw, err := os.ReadFile(filepath.Join(dir, "server.log"))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
