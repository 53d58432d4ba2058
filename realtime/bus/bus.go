package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrDown says that Redis cannot be heard just now. ErrFull: more waits to be published than is sane to keep.
var (
	ErrDown = errors.New("bus: redis is away")
	ErrFull = errors.New("bus: too much waits to be published")
)

// Config of a bus.
type Config struct {
	URL    string // redis://, redis+cluster:// or redis+sentinel://; with TLS rediss…
	Logger *slog.Logger

	// Receive gets every message on the goroutine that reads its connection, all that came
	// with one read at once: it must not wait for long, nor keep the slice. Messages of one
	// subject come one after the other, those of others may come at the same time from
	// another server of a cluster. State is told each time the bus goes up or down, in order,
	// and when the first attempt to reach Redis has failed.
	Receive func([]Delivery)
	State   func(up bool)

	// Window is the least time between two batches of publications; 4 ms by default.
	Window time.Duration
	// Silence is how long Redis may say nothing, pings unanswered, before it counts as
	// dead; 6 s by default.
	Silence time.Duration
}

// Delivery is a message that was heard.
type Delivery struct{ Subject, Payload string }

// Bus is one node's end of the bus.
type Bus struct {
	cfg    Config
	at     address
	fleet  fleet
	out    publisher
	counts counters
	wake   chan struct{}

	mu       sync.Mutex
	subjects map[string]*interest // guarded by mu; by Redis channel
	owed     map[string]int       // guarded by mu; subscribe commands sent and not confirmed
	leaving  map[string]int       // guarded by mu; the same of unsubscribe commands
	todo     []order              // guarded by mu; commands not sent yet
	mute     int                  // guarded by mu; lanes that have not said a word yet
	up       bool                 // guarded by mu
	told     bool                 // guarded by mu: State was told something
}

// interest is a subject that the node wants to hear.
type interest struct {
	tag             int
	sent, confirmed bool
	done            chan struct{} // closed when confirmed, or when the session ends
}

// Open prepares a bus; Run connects it.
func Open(cfg Config) (*Bus, error) {
	at, err := parse(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("bus: the URL of redis %w", err)
	}
	if cfg.Window == 0 {
		cfg.Window = 4 * time.Millisecond
	}
	if cfg.Silence == 0 {
		cfg.Silence = 6 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	quiet()
	b := &Bus{
		cfg: cfg, at: at, fleet: open(at), wake: make(chan struct{}, 1),
		subjects: map[string]*interest{}, owed: map[string]int{}, leaving: map[string]int{},
	}
	b.out.init(b.fleet, cfg.Window, &b.counts)
	name, tag := channel(Control)
	b.subjects[name] = &interest{tag: tag, done: make(chan struct{})}
	return b, nil
}

// quiet keeps go-redis from writing to standard error: what matters, the bus logs.
var quiet = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Run carries messages until ctx ends.
func (b *Bus) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { b.out.run(ctx) })
	pause := 20 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		err := b.session(ctx)
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > 5*time.Second {
			pause = 20 * time.Millisecond
		}
		b.unmet()
		b.cfg.Logger.Warn("bus: lost redis, will try again", "err", err, "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Second)
	}
	wg.Wait()
	return nil //nolint:nilerr // a session ends with an error when ctx ends: that is no failure
}

// Listen makes the node hear a subject and returns when Redis has confirmed it.
// On an error the subject stays wanted: it will be heard once Redis is back.
func (b *Bus) Listen(ctx context.Context, subject string) error {
	name, tag := channel(subject)
	b.mu.Lock()
	in := b.subjects[name]
	if in == nil {
		in = &interest{tag: tag, done: make(chan struct{})}
		b.subjects[name] = in
		b.order(order{channel: name, tag: tag})
	}
	up, done := b.up, in.done
	b.mu.Unlock()
	if !up {
		return ErrDown
	}
	select {
	case <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !in.confirmed {
		return ErrDown
	}
	return nil
}

// Forget ends what Listen began.
func (b *Bus) Forget(subject string) {
	name, tag := channel(subject)
	b.mu.Lock()
	defer b.mu.Unlock()
	if in := b.subjects[name]; in != nil {
		delete(b.subjects, name)
		b.order(order{channel: name, tag: tag, leave: true})
	}
}

// order is called with mu held.
func (b *Bus) order(o order) {
	b.todo = append(b.todo, o)
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Up says whether Redis is heard.
func (b *Bus) Up() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.up
}

// Publish sends a message to all nodes, soon, if it can.
func (b *Bus) Publish(subject string, payload []byte) { b.out.add(subject, payload, nil) }

// PublishThen is Publish that tells how it went, from another goroutine.
func (b *Bus) PublishThen(subject string, payload []byte, then func(error)) {
	b.out.add(subject, payload, then)
}
