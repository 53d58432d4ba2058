package bus

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// lane is a session's connection to one server, on which all that the server holds is heard.
type lane struct {
	client *redis.Client
	ps     *redis.PubSub
	heard  atomic.Int64 // words from Redis so far

	// Owned by receive.
	batch []Delivery

	// Owned by watch.
	seen  int64 // of heard, at the last look
	quiet int   // looks since without a word
}

var errOneLife = errors.New("bus: a lane connects once")

// newLane prepares a connection that is not mended: left alone, go-redis dials again
// and subscribes to everything anew before it tells that anything was lost.
func newLane(ctx context.Context, o *redis.Options, take func([]Delivery)) *lane {
	l := &lane{}
	dial := redis.NewDialer(o)
	var used atomic.Bool
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if used.Swap(true) {
			return nil, errOneLife
		}
		nc, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &seam{nc, func() { l.deliver(take) }}, nil
	}
	l.client = redis.NewClient(o)
	l.ps = l.client.Subscribe(ctx)
	return l
}

// deliver hands on what has been read since the last time.
func (l *lane) deliver(take func([]Delivery)) {
	if len(l.batch) > 0 {
		take(l.batch)
		clear(l.batch)
		l.batch = l.batch[:0]
	}
}

// seam is a connection that says when its reader has taken apart all that came and asks for more: there one batch of
// messages ends. Before the first message it is read by whoever connects, and nothing is in the batch.
type seam struct {
	net.Conn
	before func()
}

func (s *seam) Read(p []byte) (int, error) {
	s.before()
	return s.Conn.Read(p)
}

// send gives Redis one order for names that one command may hold.
func (l *lane) send(ctx context.Context, sharded, leave bool, names []string) error {
	switch {
	case sharded && leave:
		return l.ps.SUnsubscribe(ctx, names...)
	case sharded:
		return l.ps.SSubscribe(ctx, names...)
	case leave:
		return l.ps.Unsubscribe(ctx, names...)
	default:
		return l.ps.Subscribe(ctx, names...)
	}
}

// silent says whether n looks passed without a word.
func (l *lane) silent(n int) bool {
	heard := l.heard.Load()
	if heard != l.seen {
		l.seen, l.quiet = heard, 0
		return false
	}
	l.quiet++
	return l.quiet >= n
}

// close breaks the connection first: a writer that the network holds up keeps PubSub's lock.
func (l *lane) close() {
	_ = l.client.Close()
	_ = l.ps.Close()
}
