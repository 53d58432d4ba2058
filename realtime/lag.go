package realtime

import (
	"sync/atomic"
	"time"
)

// lagBounds are the upper ends of the classes that lags are counted in.
var lagBounds = [...]time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second,
}

// lags counts how long changes took from their commit to their being written to this node's sockets. A commit on another
// node is timed by that node's clock, one that the tail found by PostgreSQL's: the figure is as good as the clocks agree.
type lags struct {
	classes [len(lagBounds) + 1]atomic.Uint64
	sum     atomic.Int64 // nanoseconds
}

func (l *lags) observe(d time.Duration) {
	d = max(d, 0)
	i := 0
	for i < len(lagBounds) && d > lagBounds[i] {
		i++
	}
	l.classes[i].Add(1)
	l.sum.Add(int64(d))
}

// Lag is how long changes took from commit to write, since the node began.
type Lag struct {
	Count   uint64
	Sum     time.Duration
	Classes map[time.Duration]uint64 // how many took at most that long
}

func (l *lags) read() Lag {
	out := Lag{Sum: time.Duration(l.sum.Load()), Classes: make(map[time.Duration]uint64, len(lagBounds))}
	for i := range l.classes {
		out.Count += l.classes[i].Load()
		if i < len(lagBounds) {
			out.Classes[lagBounds[i]] = out.Count
		}
	}
	return out
}
