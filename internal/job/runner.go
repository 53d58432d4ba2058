package job

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	// pollEvery is how often a node looks for jobs. Nothing here waits for seconds; what does has timers of its own.
	pollEvery = 2 * time.Second
	// dueEvery is how often what is due is looked for.
	dueEvery = 5 * time.Minute
	// timeout bounds one run of one job; rescueAfter is when one counts as left behind whose node lives. A dead node's are taken up by lease.
	timeout     = 10 * time.Minute
	rescueAfter = 11 * time.Minute
	// atOnce is how many jobs a node runs at a time: they are heavy, and requests come first.
	atOnce = 2
	// Money has a queue of its own: somebody looks at a screen meanwhile, and most of a job's time is an acquirer's.
	moneyQueue  = "money"
	moneyEvery  = 200 * time.Millisecond
	moneyAtOnce = 8
	// So have push messages: the servers that take them are strangers', and may be as slow as they like.
	pushQueue  = "push"
	pushEvery  = 500 * time.Millisecond
	pushAtOnce = 4
	// stopLimit is how long jobs that have begun may take once the node was asked to end; they are taken up elsewhere.
	stopLimit = 10 * time.Second
	// startLimit is how long PostgreSQL may take to answer the first time; then it is asked again.
	startLimit = 5 * time.Second
)

// Engine keeps and runs jobs. The store has it.
type Engine interface {
	Start(ctx context.Context) error // until Stop; ctx bounds the beginning
	Stop(ctx context.Context) error
	Insert(ctx context.Context, jobs []river.InsertManyParams) error

	// Beat renews the lease of a run, and says true when it had none; Leave gives it up. TakeUp makes jobs available again that run under
	// no lease.
	Beat(ctx context.Context, run uuid.UUID, node string, lease time.Duration) (fresh bool, err error)
	Leave(ctx context.Context, run uuid.UUID) error
	TakeUp(ctx context.Context) (jobs int64, err error)
}

// Handlers is who does the work.
type Handlers struct {
	Extend  Extend
	Webhook Webhook
	Carry   Carry
	Refund  Refund
	Seat    Seat
	Bill    Bill
	Share   Share
	Method  Method
	Session Session

	Withdraw Withdraw

	Reconcile Reconcile
}

// Runner runs a node's share of the jobs.
type Runner struct {
	engine Engine
	lease  *lease
	log    *slog.Logger
}

// New makes a runner; open is the store's. Nothing runs before Run.
func New[E Engine](open func(*river.Config) (E, error), h Handlers, node string, log *slog.Logger) (*Runner, error) {
	r := &Runner{log: log, lease: newLease(node, log)}
	workers := river.NewWorkers()
	h.Webhook.register(workers)
	h.Carry.register(workers)
	h.Refund.register(workers)
	h.Seat.register(workers)
	h.Bill.register(workers)
	h.Withdraw.register(workers)
	h.Share.register(workers)
	h.Method.register(workers)
	h.Session.register(workers)
	periodic := []*river.PeriodicJob{h.Extend.register(workers, r), h.Reconcile.register(workers, r)}
	engine, err := open(&river.Config{
		ID:                   r.lease.id(),
		Logger:               log,
		PollOnly:             true,
		FetchPollInterval:    pollEvery,
		FetchCooldown:        pollEvery / 2,
		JobTimeout:           timeout,
		RescueStuckJobsAfter: rescueAfter,
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: atOnce},
			moneyQueue:         {MaxWorkers: moneyAtOnce, FetchPollInterval: moneyEvery, FetchCooldown: moneyEvery / 2},
			pushQueue:          {MaxWorkers: pushAtOnce, FetchPollInterval: pushEvery, FetchCooldown: pushEvery / 2},
		},
		Workers:             workers,
		Middleware:          []rivertype.Middleware{river.WorkerMiddlewareFunc(r.lease.work)},
		PeriodicJobs:        periodic,
		ReindexerIndexNames: []string{}, // only owners may reindex; autovacuum is enough for tables this small
	})
	if err != nil {
		return nil, fmt.Errorf("job: open: %w", err)
	}
	r.engine, r.lease.engine = engine, engine
	return r, nil
}

// Run works until ctx ends; jobs under way get a moment, then are left to other nodes. PostgreSQL may be away for a moment when it begins.
func (r *Runner) Run(ctx context.Context) error {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		try, cancel := context.WithTimeout(ctx, startLimit)
		err := r.lease.beat(try) // nobody takes up what begins now
		if err == nil {
			err = r.engine.Start(try)
		}
		cancel()
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return nil
		}
		r.log.WarnContext(ctx, "jobs do not run here yet", "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
	keep, leave := context.WithCancel(context.WithoutCancel(ctx))
	var lease sync.WaitGroup
	lease.Go(func() { r.lease.keep(keep) })
	defer lease.Wait()
	defer leave() // after the last job
	<-ctx.Done()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	if err := r.engine.Stop(last); err != nil {
		r.log.WarnContext(ctx, "jobs were cut off; another node takes them up", "err", err)
	}
	return nil
}
