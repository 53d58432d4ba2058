package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// redisKeeper knows whether the stack's Redis is meant to run.
type redisKeeper struct {
	mu   sync.Mutex
	down bool          // guarded by mu: stopped by order
	back chan struct{} // guarded by mu: closed when it is started again by order
}

// keepRedis brings Redis back, empty, when it has died without an order: an operator's service manager would.
func (s *stack) keepRedis(ctx context.Context, log *slog.Logger) {
	for wait := time.Duration(0); ; {
		select {
		case <-s.redisEnded():
		case <-ctx.Done():
			return
		}
		s.redis.mu.Lock()
		down, back := s.redis.down, s.redis.back
		over := false
		select {
		case <-s.rd.Ended():
			over = true
		default: // an order has brought it back already
		}
		var err error
		if over && !down && ctx.Err() == nil {
			log.Warn("Redis has ended; it is started again")
			err = s.rd.Restart(ctx)
		}
		s.redis.mu.Unlock()
		switch {
		case down:
			select {
			case <-back:
			case <-ctx.Done():
				return
			}
		case err != nil:
			wait = min(2*wait+100*time.Millisecond, 5*time.Second)
			log.Warn("Redis does not start", "err", err)
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
		default:
			wait = 0
		}
	}
}

func (s *stack) redisEnded() <-chan struct{} {
	s.redis.mu.Lock()
	defer s.redis.mu.Unlock()
	return s.rd.Ended()
}

func (s *stack) killRedis() error {
	s.redis.mu.Lock()
	defer s.redis.mu.Unlock()
	if !s.redis.down {
		s.redis.down, s.redis.back = true, make(chan struct{})
	}
	return s.rd.Kill()
}

func (s *stack) restartRedis(ctx context.Context) error {
	s.redis.mu.Lock()
	defer s.redis.mu.Unlock()
	err := s.rd.Restart(ctx)
	if err == nil && s.redis.down {
		s.redis.down = false
		close(s.redis.back)
	}
	return err
}
