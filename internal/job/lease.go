package job

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/waymeet/waymeet/internal/ident"
)

const (
	// leaseFor is how long a run of a node that says nothing is believed to do its jobs; it says something every beatEvery.
	leaseFor  = 10 * time.Second
	beatEvery = leaseFor / 5
)

// errLapsed is why the context of a job ended that may run elsewhere by now.
var errLapsed = errors.New("job: this run's lease has lapsed")

// lease is what one run of a node holds while PostgreSQL hears from it. Its jobs carry its id; jobs that run under a lease which is no more
// are given back by whoever looks next. A run that was not heard of for a while, and goes on, ends the contexts of the jobs that it has.
type lease struct {
	run    uuid.UUID // a node that begins again under its name is another
	node   string
	engine Engine
	log    *slog.Logger

	heard time.Time // when the last beat that PostgreSQL took was sent; owned by whoever beats

	mu   sync.Mutex
	held context.Context // guarded by mu: of jobs that begin now
	end  context.CancelFunc
}

func newLease(node string, log *slog.Logger) *lease {
	l := &lease{run: ident.New(), node: node, log: log}
	l.held, l.end = context.WithCancel(context.Background())
	return l
}

// id is what the rows of its jobs say: the node for people, the run for machines. River takes 100 bytes.
func (l *lease) id() string {
	return strings.ToValidUTF8(l.node[:min(len(l.node), 60)], "") + "/" + l.run.String()
}

// beat renews the lease.
func (l *lease) beat(ctx context.Context) error {
	sent := time.Now()
	fresh, err := l.engine.Beat(ctx, l.run, l.node, leaseFor)
	lapsed := fresh || err != nil && sent.Sub(l.heard) > leaseFor
	if first := l.heard.IsZero(); lapsed && !first {
		l.lapse(ctx)
	}
	if err == nil {
		l.heard = sent
	}
	return err
}

// lapse ends the jobs that began before now.
func (l *lease) lapse(ctx context.Context) {
	l.log.WarnContext(ctx, "this node was not heard of for a while; its jobs are given up to others")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
	l.held, l.end = context.WithCancel(context.Background())
}

// keep beats, and looks for jobs whose node is gone, until ctx ends; then the lease is given up, and with it what was cut off.
func (l *lease) keep(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), beatEvery)
			defer cancel()
			if err := l.engine.Leave(last, l.run); err != nil {
				l.log.WarnContext(last, "the lease of this node's jobs runs out by itself", "err", err)
			}
			return
		case <-tick.C:
		}
		l.look(ctx)
	}
}

func (l *lease) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	if err := l.beat(ctx); err != nil {
		l.log.WarnContext(ctx, "the lease of this node's jobs is not renewed", "err", err)
		return
	}
	n, err := l.engine.TakeUp(ctx)
	if err != nil {
		l.log.WarnContext(ctx, "jobs of nodes that are gone are not looked for", "err", err)
	} else if n > 0 {
		l.log.InfoContext(ctx, "jobs of a node that is gone are taken up", "jobs", n)
	}
}

// work runs a job under the lease. What fails without it did not fail: it runs elsewhere, or is to be run again.
func (l *lease) work(ctx context.Context, _ *rivertype.JobRow, do func(context.Context) error) error {
	l.mu.Lock()
	held := l.held
	l.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(held, func() { cancel(errLapsed) })()
	err := do(ctx)
	if err != nil && held.Err() != nil {
		return river.JobSnooze(0)
	}
	return err
}
