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
	// pipeline is for publications; nil when nothing was located yet.
	pipeline() redis.Pipeliner
	close() error
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
		return single{redis.NewClient(a.at(a.hosts[0]))}
	}
}

// everywhere is the layout of one server.
func everywhere(addr string) (l layout) {
	for i := range l {
		l[i] = addr
	}
	return l
}

type single struct{ client *redis.Client }

func (s single) locate(context.Context) (layout, error) {
	return everywhere(s.client.Options().Addr), nil
}
func (s single) pipeline() redis.Pipeliner { return s.client.Pipeline() }
func (s single) close() error              { return s.client.Close() }

// bound closes a client of one question when ctx ends, which go-redis' reads do not heed;
// release closes it in any case.
func bound(ctx context.Context, c io.Closer) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	return func() {
		stop()
		_ = c.Close() // it was only a question
	}
}
