package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// maxBatch is how many messages are handed on at once at most.
const maxBatch = 1024

// looks is how often within cfg.Silence each lane is pinged and looked at.
const looks = 3

// session is the life of the connections: it ends with the first error on any of them,
// because after one nobody knows what was missed, and a server that holds other tags
// than it did is an error too.
type session struct {
	bus     *Bus
	held    layout
	sharded bool
	lanes   map[string]*lane // by the server's address; not written after the start

	cancel context.CancelFunc
	once   sync.Once
	err    error
}

var (
	errSilent = errors.New("bus: redis says nothing")
	errMoved  = errors.New("bus: another server holds now what this one held")
	errNode   = errors.New("bus: this server is a node of a Redis Cluster; its URL begins with redis+cluster://")
)

func (b *Bus) session(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	held, err := b.fleet.locate(ctx)
	if err != nil {
		return err
	}
	mode, err := b.probe(ctx, held[0])
	if err != nil {
		return fmt.Errorf("bus: ask whether redis shards its pub/sub: %w", err)
	}
	b.out.reconnect(mode)
	s := &session{bus: b, held: held, sharded: mode == sharded, lanes: map[string]*lane{}, cancel: cancel}
	for _, addr := range held {
		if s.lanes[addr] == nil {
			s.lanes[addr] = newLane(ctx, b.at.brief(addr), b.cfg.Receive)
		}
	}
	b.begin(len(s.lanes))
	var wg sync.WaitGroup
	for _, l := range s.lanes {
		wg.Go(func() { s.end(s.receive(ctx, l)) })
	}
	wg.Go(func() { s.end(s.command(ctx)) })
	if b.at.kind != oneServer {
		wg.Go(func() { s.end(s.follow(ctx)) })
	}
	s.end(s.watch(ctx))
	wg.Wait()
	b.down()
	return s.err
}

// probe asks Redis how it does pub/sub, by a publication that nobody hears. Nodes on one
// Redis must agree, so what it can decides.
func (b *Bus) probe(ctx context.Context, addr string) (int32, error) {
	one := redis.NewClient(b.at.brief(addr))
	defer bound(ctx, one)()
	err := one.SPublish(ctx, prefixes()[0]+"probe", "").Err()
	switch {
	case redis.HasErrorPrefix(err, "unknown command"): // Redis 6, miniredis
		return plain, nil
	case err != nil && !isMovedError(err): // who knows where to, knows how
		return plain, err
	}
	return sharded, nil
}

func (s *session) end(err error) {
	s.once.Do(func() {
		s.err = err
		s.cancel()
		for _, l := range s.lanes {
			l.close()
		}
	})
}

// watch finds the connection that died without a word.
func (s *session) watch(ctx context.Context) error {
	tick := time.NewTicker(s.bus.cfg.Silence / looks)
	defer tick.Stop()
	for {
		for _, l := range s.lanes {
			if err := l.ps.Ping(ctx); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		for addr, l := range s.lanes {
			if l.silent(looks) {
				return fmt.Errorf("%w: %s", errSilent, addr)
			}
		}
	}
}

// follow finds that what we listen to has moved without a word to us: a master that was
// cut off from its cluster or its sentinels does not know it.
func (s *session) follow(ctx context.Context) error {
	tick := time.NewTicker(s.bus.cfg.Silence / looks)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		// Who does not answer says nothing about who is heard.
		if now, err := s.bus.fleet.locate(ctx); err == nil && now != s.held {
			return errMoved
		}
	}
}

// command sends what Listen and Forget ordered, in their order, many in one command.
func (s *session) command(ctx context.Context) error {
	oneTag := s.bus.at.kind == clusterOfServers // it refuses two slots in one command
	var names []string
	for {
		for batch := range batches(s.bus.take(), oneTag) {
			names = names[:0]
			for _, o := range batch {
				names = append(names, o.channel)
			}
			lane := s.lanes[s.held[batch[0].tag]]
			if err := lane.send(ctx, s.sharded, batch[0].leave, names); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.bus.wake:
		}
	}
}

func (s *session) receive(ctx context.Context, l *lane) error {
	b := s.bus
	defer l.deliver(b.cfg.Receive)
	for {
		got, err := l.ps.ReceiveTimeout(ctx, 0)
		if err != nil {
			return s.explain(err)
		}
		if l.heard.Add(1) == 1 {
			b.met()
		}
		switch m := got.(type) {
		case *redis.Message:
			b.counts.received.Add(1)
			if l.batch = append(l.batch, Delivery{subjectOf(m.Channel), m.Payload}); len(l.batch) >= maxBatch {
				l.deliver(b.cfg.Receive)
			}
		case *redis.Subscription:
			switch m.Kind {
			case "subscribe", "ssubscribe":
				b.confirm(m.Channel)
			default:
				if !b.left(m.Channel) {
					return errMoved // nobody asked for it: the slot has left this server
				}
			}
		}
	}
}

func (s *session) explain(err error) error {
	alone := s.bus.at.kind == oneServer
	switch {
	case alone && (isMovedError(err) || redis.HasErrorPrefix(err, "CROSSSLOT")):
		return errNode
	case isMovedError(err):
		return errMoved
	}
	return err
}

func isMovedError(err error) bool {
	_, moved := redis.IsMovedError(err)
	return moved
}
