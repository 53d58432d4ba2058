package devstack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// oldestRedis is the oldest major with sharded pub/sub.
const oldestRedis = 7

// ErrNoRedis says that no usable Redis server is installed.
var ErrNoRedis = errors.New("no redis-server of version 7 or newer found in PATH; run scripts/setup, or install redis-server")

// RedisConfig says which Redis to start.
type RedisConfig struct {
	Dir       string // its working directory; empty: a throwaway one
	AllowMini bool   // without redis-server, an imitation inside this process
	Logger    *slog.Logger

	// For servers that work together. The imitation knows none of it.
	Password string   // the same for all; empty: one of its own
	Settings []string // further lines of redis.conf
	Sentinel bool     // watches over others, as Settings say, and keeps nothing but that
}

// Redis is a running server of our own. It keeps nothing: a restart finds it empty.
type Redis struct {
	addr     string
	password string
	settings []string
	sentinel bool
	bin      string
	place    *place
	user     *account
	child    *child
	mini     *mini
}

// StartRedis starts a server and returns when it answers.
func StartRedis(ctx context.Context, cfg RedisConfig) (_ *Redis, err error) {
	begun := time.Now()
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	r := &Redis{password: cfg.Password, settings: cfg.Settings, sentinel: cfg.Sentinel}
	if r.password == "" {
		r.password = rand.Text()
	}
	if r.bin, err = FindRedis(); err != nil {
		if !cfg.AllowMini {
			return nil, err
		}
		log.Warn("REDIS IS AN IMITATION INSIDE THIS PROCESS (miniredis): no second node can share it, it is slow, and it lacks commands; install redis-server for the real one",
			"because", err.Error())
		r.mini, err = startMini(r.password)
		if err != nil {
			return nil, err
		}
		r.addr = r.mini.addr()
		return r, nil
	}
	if r.user, err = unprivileged(); err != nil {
		return nil, err
	}
	if r.place, err = takePlace(cfg.Dir, "redis", r.user, log); err != nil {
		return nil, err
	}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(err, r.place.release())
	}
	log.Info("redis is ready", "addr", r.addr, "took", time.Since(begun).Round(time.Millisecond).String())
	return r, nil
}

// URL holds a password: never log it.
func (r *Redis) URL() string {
	u := url.URL{Scheme: "redis", User: url.UserPassword("", r.password), Host: r.addr, Path: "/0"}
	return u.String()
}

// Addr is where it listens, host:port.
func (r *Redis) Addr() string { return r.addr }

// Mini says that this is the imitation.
func (r *Redis) Mini() bool { return r.mini != nil }

// PID is the process that runs now; 0 for the imitation.
func (r *Redis) PID() int {
	if r.mini != nil {
		return 0
	}
	return r.child.pid()
}

// Ended is closed when the server that runs now has ended, for whatever reason; the imitation never does.
func (r *Redis) Ended() <-chan struct{} {
	if r.mini != nil {
		return nil
	}
	return r.child.done
}

// Stop ends the server and gives its directory back. Calling it again does nothing.
func (r *Redis) Stop() error {
	if r.mini != nil {
		r.mini.stop()
		return nil
	}
	if r.place == nil {
		return nil
	}
	at := r.place
	r.place = nil
	return errors.Join(r.child.stop(step{syscall.SIGTERM, 5 * time.Second}), at.release())
}

// Kill ends the server as a crash would; connections break at once.
func (r *Redis) Kill() error {
	if r.mini != nil {
		r.mini.pause()
		return nil
	}
	return r.child.stop()
}

// Restart brings the server back, empty, at the same address; a running one is
// killed first.
func (r *Redis) Restart(ctx context.Context) error {
	if r.mini != nil {
		return r.mini.restart()
	}
	if err := r.Kill(); err != nil {
		return err
	}
	return r.start(ctx)
}

var redisVersion = regexp.MustCompile(`v=(\d+)\.`)

// FindRedis returns the path of a usable redis-server.
func FindRedis() (string, error) {
	passed := "nothing"
	for _, name := range []string{"redis-server", "valkey-server"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.Command(path, "--version").Output()
		if m := redisVersion.FindSubmatch(out); err == nil && m != nil {
			if major, _ := strconv.Atoi(string(m[1])); major >= oldestRedis {
				return path, nil
			}
		}
		passed = fmt.Sprintf("%s, which says %q", path, strings.TrimSpace(string(out)))
	}
	return "", fmt.Errorf("devstack: %w (passed over: %s)", ErrNoRedis, passed)
}

// probeRedis speaks two commands by hand: only realtime/bus speaks go-redis.
func probeRedis(ctx context.Context, addr, password string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Second)) // a TCP connection takes deadlines
	if _, err := io.WriteString(conn, command("AUTH", password)+command("PING")); err != nil {
		return err
	}
	const want = "+OK\r\n+PONG\r\n"
	got := make([]byte, len(want))
	if n, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		return fmt.Errorf("redis answers %q: %w", got[:n], errors.Join(err, errNotReady))
	}
	return nil
}

var errNotReady = errors.New("not ready")

// command encodes one command of the Redis protocol.
func command(words ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	return b.String()
}
