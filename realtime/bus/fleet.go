package bus

import (
	"context"
	"io"
	"time"

	"github.com/redis/go-redis/v9"
)

// layout says which server holds each tag, by its address. Two layouts are the same
// when they are equal.
type layout [tags]string

// fleet is the Redis behind a URL: one server, those of a cluster, or the one that
// sentinels call master.
type fleet interface {
	// locate asks where the tags are now.
	locate(ctx context.Context) (layout, error)
	// connect opens a client for publications; nil when nothing was located yet.
	connect() client
}

// client is what publications go through.
type client interface {
	Pipeline() redis.Pipeliner
	Close() error
}

// locateTimeout bounds the question, all servers taken together.
const locateTimeout = 4 * time.Second

func open(a address) fleet {
	switch a.kind {
	case clusterOfServers:
		return newCluster(a)
	case behindSentinels:
		return newSentinels(a)
	default:
		return single{a}
	}
}

// everywhere is the layout of one server.
func everywhere(addr string) (l layout) {
	for i := range l {
		l[i] = addr
	}
	return l
}

type single struct{ address }

func (s single) locate(context.Context) (layout, error) { return everywhere(s.hosts[0]), nil }
func (s single) connect() client                        { return redis.NewClient(s.at(s.hosts[0])) }

// bound closes a client of one question when ctx ends, which go-redis' reads do not heed;
// release closes it in any case.
func bound(ctx context.Context, c io.Closer) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	return func() {
		stop()
		_ = c.Close() // it was only a question
	}
}
