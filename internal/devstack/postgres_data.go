package devstack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// initialise makes the data directory and the superuser's password once, and
// reads the password back afterwards.
func (p *Postgres) initialise(ctx context.Context) error {
	secret := filepath.Join(p.place.dir, "password")
	if _, err := os.Stat(filepath.Join(p.data(), "PG_VERSION")); err == nil {
		raw, err := os.ReadFile(secret)
		if err != nil {
			return fmt.Errorf("devstack: read the superuser's password: %w", err)
		}
		p.password = strings.TrimSpace(string(raw))
		return nil
	}
	p.password = rand.Text()
	if err := errors.Join(os.WriteFile(secret, []byte(p.password+"\n"), 0o600), p.user.own(secret)); err != nil {
		return fmt.Errorf("devstack: keep the superuser's password: %w", err)
	}
	// initdb writes into a directory of another name: one that was killed half-way
	// must not look like a database.
	part := p.data() + ".part"
	if err := os.RemoveAll(part); err != nil {
		return fmt.Errorf("devstack: clear a broken initdb: %w", err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin.dir, "initdb"), "-D", part, "-U", superuser, "-A", "scram-sha-256",
		"--pwfile", secret, "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	cmd.Dir, cmd.Env = p.place.dir, serverEnv(p.bin.dir, p.place.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if p.user != nil {
		cmd.SysProcAttr.Credential = p.user.credential()
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("devstack: initdb as %s: %w: %s", p.user, err, out)
	}
	if err := os.Rename(part, p.data()); err != nil {
		return fmt.Errorf("devstack: keep what initdb made: %w", err)
	}
	return nil
}

// clearOrphan deals with the postmaster.pid that an earlier run left: its server
// may still be shutting down (wait, then insist), or be long gone while its
// number was given to a stranger (PostgreSQL alone would refuse to start).
func (p *Postgres) clearOrphan() error {
	file := filepath.Join(p.data(), "postmaster.pid")
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("devstack: read %s: %w", file, err)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || !worksIn(pid, p.data()) {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("devstack: remove the stale %s: %w", file, err)
		}
		return p.awaitBackends()
	}
	p.log.Info("a server of an earlier run is still in the directory; stopping it", "pid", pid)
	for _, s := range []step{{syscall.SIGINT, 10 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}} {
		_ = syscall.Kill(pid, s.signal.(syscall.Signal)) // it may end by itself meanwhile
		if until(s.wait, func() bool { return !worksIn(pid, p.data()) }) {
			return p.awaitBackends()
		}
	}
	return fmt.Errorf("devstack: the server of an earlier run (process %d) in %s does not end", pid, p.place.dir)
}

// awaitBackends waits until no process of a killed server is left: they notice
// its death and end, and a new server beside them would ruin the data.
func (p *Postgres) awaitBackends() error {
	if until(10*time.Second, func() bool { return len(runningIn(p.data())) == 0 }) {
		return nil
	}
	return fmt.Errorf("devstack: processes %v of an earlier server are still in %s", runningIn(p.data()), p.place.dir)
}
