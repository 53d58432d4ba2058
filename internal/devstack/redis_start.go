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
)

// start runs the server; the first time on a free port, later on the same.
func (r *Redis) start(ctx context.Context) error {
	keep := r.addr != ""
	var err error
	for range 5 {
		if !keep {
			port, err := freePort()
			if err != nil {
				return err
			}
			r.addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		}
		if err = r.startOnce(ctx); !errors.Is(err, errPortTaken) {
			return err
		}
	}
	return err
}

func (r *Redis) startOnce(ctx context.Context) error {
	out, err := newLog(r.place.dir)
	if err != nil {
		return err
	}
	defer out.Close()
	host, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		return fmt.Errorf("devstack: redis address %s: %w", r.addr, err)
	}
	// The configuration goes through standard input: a password among the
	// arguments could be read by every user of the machine.
	lines := []string{"bind " + host, "port " + port, "requirepass " + r.password, "daemonize no", "dir " + quoted(r.place.dir)}
	if !r.sentinel {
		lines = append(lines, `save ""`, "appendonly no")
	}
	config := strings.Join(append(append(lines, r.settings...), ""), "\n")
	cmd := exec.Command(r.bin, "-")
	if r.sentinel {
		if cmd, err = r.sentinelCommand(config); err != nil {
			return err
		}
	}
	cmd.Dir, cmd.Env, cmd.Stdin = r.place.dir, serverEnv("/usr/bin", r.place.dir), strings.NewReader(config)
	cmd.Stdout, cmd.Stderr = out, out
	if r.child, err = startChild(cmd, r.user, syscall.SIGKILL); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	err = awaitReady(ctx, r.child, func(ctx context.Context) error { return probeRedis(ctx, r.addr, r.password) })
	if err == nil {
		return nil
	}
	stopped := r.child.stop()
	words := lastWords(r.place.dir)
	if strings.Contains(words, "Address already in use") {
		return errors.Join(errPortTaken, stopped)
	}
	return errors.Join(fmt.Errorf("devstack: start Redis: %w; its log ends:\n%s", err, words), stopped)
}

// sentinelCommand keeps the configuration in a file, which a sentinel insists on: it writes
// there what it learns. Only the account may read it.
func (r *Redis) sentinelCommand(config string) (*exec.Cmd, error) {
	path := filepath.Join(r.place.dir, "sentinel.conf")
	if err := errors.Join(os.WriteFile(path, []byte(config), 0o600), r.user.own(path)); err != nil {
		return nil, fmt.Errorf("devstack: configure a sentinel: %w", err)
	}
	return exec.Command(r.bin, path, "--sentinel"), nil
}

// quoted writes s as a string of redis.conf.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
