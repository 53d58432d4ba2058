package bus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

// sentinels watch over a master and its replicas. go-redis' failover client is not used:
// it follows a switch with new connections and leaves the one that we listen on where it
// is. Here the master's address is a layout like any other, so a switch ends the session.
type sentinels struct {
	address

	mu    sync.Mutex
	asked []string // guarded by mu; the one who answered last first
	found string   // guarded by mu; the master's address
}

func newSentinels(a address) *sentinels {
	return &sentinels{address: a, asked: slices.Clone(a.hosts)}
}

func (s *sentinels) connect() client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found == "" {
		return nil
	}
	return redis.NewClient(s.at(s.found))
}

// locate asks one sentinel after the other, and believes one only when the server that
// it names calls itself master: a sentinel that was away may not have heard of a switch.
func (s *sentinels) locate(ctx context.Context) (layout, error) {
	ctx, cancel := context.WithTimeout(ctx, locateTimeout)
	defer cancel()
	s.mu.Lock()
	asked := slices.Clone(s.asked)
	s.mu.Unlock()
	var errs []error
	for i, addr := range asked {
		at, err := s.ask(ctx, addr)
		if err == nil {
			err = s.isMaster(ctx, at)
		}
		if err == nil {
			s.mu.Lock()
			s.asked, s.found = append([]string{addr}, slices.Delete(asked, i, i+1)...), at
			s.mu.Unlock()
			return everywhere(at), nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", addr, err))
	}
	return layout{}, fmt.Errorf("bus: ask the sentinels for the master: %w", errors.Join(errs...))
}

func (s *sentinels) ask(ctx context.Context, addr string) (string, error) {
	o := s.brief(addr)
	o.Username, o.Password, o.DB = s.sentinelUser, s.sentinelPassphrase, 0
	one := redis.NewSentinelClient(o)
	defer bound(ctx, one)()
	at, err := one.GetMasterAddrByName(ctx, s.master).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return "", errors.New("this sentinel knows no master of that name")
	case err != nil:
		return "", err
	case len(at) != 2:
		return "", errors.New("this sentinel's answer is no address")
	}
	return net.JoinHostPort(at[0], at[1]), nil
}

func (s *sentinels) isMaster(ctx context.Context, addr string) error {
	one := redis.NewClient(s.brief(addr))
	defer bound(ctx, one)()
	role, err := one.Do(ctx, "role").Slice()
	if redis.HasErrorPrefix(err, "NOPERM") {
		return nil // a user who may not ask takes the sentinel's word
	}
	if err == nil && (len(role) == 0 || role[0] != "master") {
		err = fmt.Errorf("%s does not call itself master", addr)
	}
	return err
}
