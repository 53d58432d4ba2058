package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// stage is where a plan is played.
type stage struct {
	*world
	sleepers *distant
	done     atomic.Int64 // faults
	thrown   atomic.Int64 // subscriptions that Redis threw out because they were not read
}

// play runs the lanes side by side and returns when the last fault has ended.
func (s *stage) play(p plan) error {
	began := time.Now()
	errs := make(chan error, len(p.lanes))
	for name, acts := range p.lanes {
		go func() {
			var failed error
			for _, a := range acts {
				time.Sleep(time.Until(began.Add(a.at))) // the plan says when
				if err := s.do(name, a); err != nil && failed == nil {
					failed = fmt.Errorf("%s: %s: %w", name, a.what, err)
				}
				s.done.Add(1)
			}
			errs <- failed
		}()
	}
	var first error
	for range p.lanes {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (s *stage) do(lane string, a act) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	n := s.nodes[a.node%len(s.nodes)]
	wait := func() { time.Sleep(a.last) } // how long a fault lasts is the plan's
	switch lane + " " + a.what {
	case "nodes kill":
		n.kill()
		wait()
		return n.revive()
	case "nodes stop":
		n.signal(syscall.SIGSTOP)
		wait()
		n.signal(syscall.SIGCONT)
	case "nodes leave":
		if err := n.leave(); err != nil {
			return err
		}
		return n.revive()
	case "redis empty":
		if err := s.redis.Kill(); err != nil {
			return err
		}
		wait()
		return s.redis.Restart(ctx)
	case "redis hangup":
		for end := time.Now().Add(a.last); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if _, err := s.tellRedis("CLIENT", "KILL", "TYPE", "pubsub"); err != nil {
				return err
			}
		}
	case "redis overflow":
		return s.overflow(n, a.last)
	case "redis pause":
		_, err := s.tellRedis("CLIENT", "PAUSE", strconv.FormatInt(a.last.Milliseconds(), 10), "ALL")
		wait()
		return err
	case "postgres fast":
		if err := stopPostgres(); err != nil {
			return err
		}
		return database.Restart(ctx)
	case "postgres immediate":
		return database.Restart(ctx)
	case "postgres long":
		release, err := s.holdTail(ctx)
		if err != nil {
			return err
		}
		wait()
		release()
	case "network slow redis":
		n.redis.slow(a.size, a.size)
		wait()
		n.redis.slow(0, 0)
	case "network slow postgres":
		n.pg.slow(a.size/4, a.size/4) // a request is many round trips
		wait()
		n.pg.slow(0, 0)
	case "network slow both":
		n.redis.slow(a.size, a.size)
		n.pg.slow(a.size/4, a.size/4)
		wait()
		n.redis.slow(0, 0)
		n.pg.slow(0, 0)
	case "network reset redis":
		n.redis.reset()
	case "network reset postgres":
		n.pg.reset()
	case "sleepers sleep":
		s.sleepers.sleep(true)
		wait()
		s.sleepers.sleep(false)
	default:
		return fmt.Errorf("nobody knows how to do that")
	}
	return nil
}

// revive starts a node as an orchestrator does: again and again, for PostgreSQL may be away.
func (s *server) revive() error {
	var err error
	for late := time.Now().Add(startWait); time.Now().Before(late); time.Sleep(50 * time.Millisecond) {
		if err = s.start(); err != nil {
			return err
		}
		if err = s.serves(); err == nil {
			return nil
		}
		s.kill()
	}
	return err
}

// overflow has Redis throw a node's subscription out, because it does not take what it is sent.
func (s *stage) overflow(n *server, last time.Duration) error {
	set := func(limit string) error {
		_, err := s.tellRedis("CONFIG", "SET", "client-output-buffer-limit", "pubsub "+limit)
		return err
	}
	before, err := s.subscribers()
	if err == nil {
		err = set("16kb 8kb 1")
	}
	if err != nil {
		return err
	}
	n.redis.hold(true)
	time.Sleep(last) // as the plan says
	after, err := s.subscribers()
	n.redis.hold(false)
	for id := range before {
		if !after[id] {
			s.thrown.Add(1)
		}
	}
	return errors.Join(err, set("32mb 8mb 60"))
}

// subscribers is who listens to Redis, by its own names for them.
func (w *world) subscribers() (map[string]bool, error) {
	list, err := w.tellRedis("CLIENT", "LIST", "TYPE", "pubsub")
	ids := map[string]bool{}
	for line := range strings.Lines(list) {
		id, _, _ := strings.Cut(line, " ")
		ids[id] = true
	}
	return ids, err
}

// stopPostgres is a fast shutdown: it ends every session and writes everything down.
func stopPostgres() error {
	raw, err := os.ReadFile(filepath.Join(database.Dir(), "data", "postmaster.pid"))
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	ended := database.Ended()
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil {
		return err
	}
	select {
	case <-ended:
		return nil
	case <-time.After(startWait):
		return fmt.Errorf("PostgreSQL does not end")
	}
}

// holdTail begins a transaction that every node's tail must go around. One that PostgreSQL's restart ends is released.
func (s *stage) holdTail(ctx context.Context) (release func(), err error) {
	c, err := pgx.Connect(ctx, s.SuperURL())
	if err == nil {
		_, err = c.Exec(ctx, "begin; select pg_current_xact_id()")
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = c.Close(context.Background()) }, nil
}

// blindTail hides the outbox from every node's tail, which finds nothing wrong with that. What is written from then on it never sees.
func (s *stage) blindTail(ctx context.Context) error {
	c, err := pgx.Connect(ctx, s.SuperURL())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.Background()) }()
	_, err = c.Exec(ctx, "alter policy system on outbox using (false)")
	return err
}
