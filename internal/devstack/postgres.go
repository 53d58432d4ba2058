package devstack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const superuser = "postgres"

// PostgresConfig says which PostgreSQL to start.
type PostgresConfig struct {
	Dir      string   // keeps the data between runs; empty: a throwaway directory that Stop removes
	BinDir   string   // the server's binaries; empty: they are looked for
	Home     string   // the .waymeet directory that scripts/setup filled; empty: none
	Fsync    bool     // durable, as in production; off for tests
	Settings []string // further settings, "name=value"
	Logger   *slog.Logger
}

// Postgres is a running server of our own.
type Postgres struct {
	port     int
	password string
	bin      binaries
	place    *place
	user     *account
	child    *child
	sockets  string
	cfg      PostgresConfig
	log      *slog.Logger
}

// StartPostgres starts a server and returns when it takes connections.
func StartPostgres(ctx context.Context, cfg PostgresConfig) (_ *Postgres, err error) {
	begun := time.Now()
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	u, err := unprivileged()
	if err != nil {
		return nil, err
	}
	all, err := findBinaries(cfg.BinDir, cfg.Home)
	if err != nil {
		return nil, err
	}
	var quick []string
	if !cfg.Fsync { // nothing of it is to last: tests make and drop databases by the thousand, which a disk's file system makes slow
		quick = memory()
	}
	at, err := takePlace(cfg.Dir, "postgres", u, log, quick...)
	if err != nil {
		return nil, err
	}
	p := &Postgres{place: at, user: u, cfg: cfg, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.discard())
		}
	}()
	if p.bin, err = pick(all, p.data()); err != nil {
		return nil, err
	}
	if p.bin, err = brought(p.bin, u); err != nil {
		return nil, err
	}
	if err := p.initialise(ctx); err != nil {
		return nil, err
	}
	if err := p.clearOrphan(); err != nil {
		return nil, err
	}
	if err := p.chooseSockets(); err != nil {
		return nil, err
	}
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	log.Info("postgresql is ready", "version", p.bin.major, "port", p.port, "dir", p.place.dir,
		"runs_as", u.String(), "took", time.Since(begun).Round(time.Millisecond).String())
	return p, nil
}

// SuperURL is a connection URL of the superuser for one database. It holds a
// password: never log it.
func (p *Postgres) SuperURL(db string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, p.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)), Path: "/" + db, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Dir is where the server's files are, which is not where they were asked to be
// when the server's account cannot reach that.
func (p *Postgres) Dir() string { return p.place.dir }

// Major is the server's major version.
func (p *Postgres) Major() int { return p.bin.major }

// Ended is closed when the server is no longer running.
func (p *Postgres) Ended() <-chan struct{} { return p.child.done }

// Stop ends the server and gives its directory back. Calling it again does nothing.
func (p *Postgres) Stop() error {
	if p.place == nil {
		return nil
	}
	steps := []step{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}}
	if p.place.throwaway {
		steps = steps[1:] // nothing to keep: no checkpoint
	}
	return errors.Join(p.child.stop(steps...), p.discard())
}

// Kill ends the server as a crash would; its next start recovers. It is what
// tests do to those that hold connections.
func (p *Postgres) Kill() error {
	return p.child.stop(step{syscall.SIGQUIT, 5 * time.Second})
}

// Restart brings the server back on the same port and data; a running one is
// killed first.
func (p *Postgres) Restart(ctx context.Context) error {
	if err := p.Kill(); err != nil {
		return err
	}
	return p.start(ctx)
}

// discard gives back all that is not the process.
func (p *Postgres) discard() error {
	var errs []error
	if p.sockets != "" && p.sockets != p.place.dir {
		errs = append(errs, os.RemoveAll(p.sockets))
	}
	errs = append(errs, p.place.release())
	p.place = nil
	return errors.Join(errs...)
}

func (p *Postgres) data() string { return filepath.Join(p.place.dir, "data") }

// chooseSockets keeps the socket beside the data, or in a short private directory
// where the path would not fit into a socket address.
func (p *Postgres) chooseSockets() error {
	const longest = 103 // of a socket path; 104 bytes with its end on macOS, 108 on Linux
	p.sockets = p.place.dir
	if len(filepath.Join(p.sockets, ".s.PGSQL.65535")) <= longest {
		return nil
	}
	short, err := os.MkdirTemp("/tmp", "wm-")
	if err != nil {
		return fmt.Errorf("devstack: directory for the socket: %w", err)
	}
	p.sockets = short
	return p.user.own(short)
}
