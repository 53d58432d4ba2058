package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/internal/cmiemu"
	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

const devDatabase = "waymeet"

// stack is what dev runs beside the nodes.
type stack struct {
	pg        *devstack.Postgres
	rd        *devstack.Redis
	redis     redisKeeper
	stripe    *stripeemu.Emulator // forgets when dev ends; nil where no payments are made
	cmi       *cmiemu.Emulator    // likewise: an acquirer whose page payers are sent to
	media     []string            // media servers that pages may connect to
	secret    sealed
	passwords store.Passwords
}

// startStack starts PostgreSQL and Redis in dir and brings the schema up. Without a
// dir everything is thrown away by stop; PostgreSQL is durable all the same.
func startStack(ctx context.Context, dir string, log *slog.Logger) (_ *stack, err error) {
	s := &stack{}
	home, pgDir, rdDir := ".waymeet", "", ""
	if dir != "" {
		home, pgDir, rdDir = dir, filepath.Join(dir, "postgres"), filepath.Join(dir, "redis")
		s.secret, err = devSecret(dir)
	} else {
		s.secret = newSecret()
	}
	if err != nil {
		return nil, err
	}
	if s.passwords, err = devPasswords(s.secret); err != nil {
		return nil, err
	}
	var starting errgroup.Group
	starting.Go(func() (err error) {
		s.pg, err = devstack.StartPostgres(ctx, devstack.PostgresConfig{Dir: pgDir, Home: home, Fsync: true, Logger: log})
		return err
	})
	starting.Go(func() (err error) {
		s.rd, err = devstack.StartRedis(ctx, devstack.RedisConfig{Dir: rdDir, AllowMini: true, Logger: log})
		return err
	})
	err = starting.Wait()
	if err == nil {
		err = store.Bootstrap(ctx, repeatable(s.pg.SuperURL("postgres")), devDatabase, s.passwords)
	}
	if err == nil {
		_, err = store.Migrate(ctx, repeatable(s.url("waymeet_migrator", s.passwords.Migrator).reveal()))
	}
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// repeatable is url for work that the next start would do again: its commits need
// not wait for the disk, which may be busy when a machine is new.
func repeatable(url string) string { return url + "&synchronous_commit=off" }

func (s *stack) stop() error {
	var errs []error
	if s.stripe != nil {
		errs = append(errs, s.stripe.Close())
	}
	if s.cmi != nil {
		errs = append(errs, s.cmi.Close())
	}
	if s.rd != nil {
		errs = append(errs, s.rd.Stop())
	}
	if s.pg != nil {
		errs = append(errs, s.pg.Stop())
	}
	return errors.Join(errs...)
}

// config is what a node on this stack would be told by its environment.
func (s *stack) config(l net.Listener, i int) config {
	return config{
		listen:         l.Addr().String(),
		database:       s.url("waymeet_app", s.passwords.App),
		systemDatabase: s.url("waymeet_system", s.passwords.System),
		redis:          hide(s.rd.URL()),
		secret:         s.secret,
		publicURL:      "http://" + l.Addr().String(),
		node:           nodeName(i),
		goodbye:        100 * time.Millisecond,
		unpaced:        true, // the crowd comes from one address
		stripeURL:      s.stripeURL(),
		payPages:       s.payPages(),
		mediaServers:   s.media,
	}
}

// payPages is where payers may be sent.
func (s *stack) payPages() []string {
	if s.cmi == nil {
		return nil
	}
	return []string{s.cmi.FormURL()}
}

func (s *stack) stripeURL() string {
	if s.stripe == nil {
		return ""
	}
	return s.stripe.URL()
}

// environ is the stack as the other commands are told of it.
func (s *stack) environ() []string {
	return []string{
		"WAYMEET_DATABASE_URL=" + s.url("waymeet_app", s.passwords.App).reveal(),
		"WAYMEET_SYSTEM_DATABASE_URL=" + s.url("waymeet_system", s.passwords.System).reveal(),
		"WAYMEET_MIGRATE_DATABASE_URL=" + s.url("waymeet_migrator", s.passwords.Migrator).reveal(),
		"WAYMEET_REDIS_URL=" + s.rd.URL(),
		"WAYMEET_SECRET=" + s.secret.reveal(),
		"WAYMEET_STRIPE_URL=" + s.stripeURL(),
	}
}

// writeEnv leaves the stack's environment in the directory, for a shell to read, until end is called.
func (s *stack) writeEnv(dir, url string) (end func(), err error) {
	var text strings.Builder
	text.WriteString("# While `waymeet dev` runs: . " + filepath.Join(dir, "env") + "\n")
	for _, pair := range append(s.environ(), "WAYMEET_PUBLIC_URL="+url) {
		name, value, _ := strings.Cut(pair, "=")
		text.WriteString("export " + name + "='" + value + "'\n") // URLs and base64 hold no quotes
	}
	path := filepath.Join(dir, "env")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		return nil, fmt.Errorf("leave the environment: %w", err)
	}
	return func() { _ = os.Remove(path) }, nil // a stale one names a server that is gone
}

// url is the stack's database for one role.
func (s *stack) url(role, password string) sealed {
	u, err := url.Parse(s.pg.SuperURL(devDatabase))
	if err != nil {
		panic("dev: devstack's URL: " + err.Error()) // made by net/url
	}
	u.User = url.UserPassword(role, password)
	return hide(u.String())
}

// devSecret reads the directory's secret, or makes one. Without it the data of the
// directory cannot be read: they belong together.
func devSecret(dir string) (sealed, error) {
	path := filepath.Join(dir, "secret")
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		raw = []byte(newSecret().reveal() + "\n")
		err = errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, raw, 0o600))
	}
	if err != nil {
		return sealed{}, fmt.Errorf("keep the secret: %w", err)
	}
	text := strings.TrimSpace(string(raw))
	if _, err := seal.Parse(text); err != nil {
		return sealed{}, fmt.Errorf("%s is damaged; remove %s to start afresh", path, dir)
	}
	return hide(text), nil
}

// devPasswords are the roles', derived: nothing more to keep.
func devPasswords(secret sealed) (store.Passwords, error) {
	box, err := seal.Parse(secret.reveal())
	if err != nil {
		return store.Passwords{}, err
	}
	of := func(role string) string {
		return base64.RawURLEncoding.EncodeToString(box.Key("dev: password of " + role))
	}
	return store.Passwords{Migrator: of("migrator"), Backup: of("backup"), App: of("app"), System: of("system")}, nil
}

func newSecret() sealed {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // crypto/rand does not fail
	return hide(base64.StdEncoding.EncodeToString(b))
}
