package realtime

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/internal/turns"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/outbox"
)

// timeFormat is how instants are written in frames.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// Config of a hub. DB, RedisURL, Auth and Node must be given.
type Config struct {
	DB       *store.DB
	RedisURL string
	Auth     Authenticator
	Caller   Caller
	Node     string
	Origins  []string // besides the server's own: "https://app.example"
	Logger   *slog.Logger

	// Limits of one connection; nil: DefaultLimits for everybody.
	Limits func(Principal) Limits
	// Refuse answers a request that is not upgraded; nil: a small problem document.
	Refuse func(http.ResponseWriter, *http.Request, error)
	// Address says which address a request comes from, as those without a credential are counted; nil: the connection's.
	Address func(*http.Request) string
	// OnAccess hears whose rights have changed, on any node. It must not block.
	OnAccess func(tenant.ID, event.Access)
	// OnPresence hears of sockets that open (here) and close. It must not block.
	OnPresence func(a policy.Actor, conn uuid.UUID, here bool)
	// OnQueues hears that something has changed in a tenant's queues, on any node, and whom it concerns. It must not block.
	OnQueues func(t tenant.ID, people []uuid.UUID)
	// Timing is for tests; zero fields are the protocol's.
	Timing Timing
}

// Timing is what the hub waits for.
type Timing struct {
	Ping   time.Duration // between pings
	Dead   time.Duration // without a sign of life
	Linger time.Duration // that a view without subscribers is kept current
	Stale  time.Duration // that the tail may be silent before readers are told
	Lease  time.Duration // that a node which says nothing is believed to be there
	Doubt  time.Duration // that a connection lives on of which nobody can tell what it may do
}

func (t Timing) withDefaults() Timing {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&t.Ping, 25*time.Second)
	set(&t.Dead, 60*time.Second)
	set(&t.Linger, 10*time.Second)
	set(&t.Stale, 3*time.Second)
	set(&t.Lease, 15*time.Second)
	set(&t.Doubt, 1500*time.Millisecond)
	return t
}

const shardsPerLane = 4

// Hub is a node's live layer.
type Hub struct {
	cfg     Config
	log     *slog.Logger
	bus     *bus.Bus
	tail    *outbox.Tail
	lanes   []*lane
	shards  []*shard
	seed    maphash.Seed
	node    uint64   // what its signals are known by; never 0
	live    sync.Map // subjects that this node shows, by name
	epoch   atomic.Pointer[string]
	health  health
	crowd   crowd
	turns   *turns.Turns
	sets    *turns.Turns // of sets that are read over HTTP
	windows windows
	here    *presence
	accept  *accepts
	misses  *pace.Limiter // by address
	stale   *pace.Limiter // by credential
	counts  counts
	crew    *crew
	told    tellings

	heardOfAccess atomic.Uint64 // how often somebody's rights were asked anew

	partings sync.Pool // of *[][]item: a batch of the bus, by lane

	life    sync.Mutex
	running context.Context // guarded by life: nil before Run and after its end
	tasks   sync.WaitGroup
}

// New makes a hub with its bus and its tail, and has the store tell it of commits.
func New(cfg Config) (*Hub, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Refuse == nil {
		cfg.Refuse = refuse
	}
	if cfg.Limits == nil {
		cfg.Limits = func(Principal) Limits { return DefaultLimits }
	}
	if cfg.Address == nil {
		cfg.Address = address
	}
	cfg.Timing = cfg.Timing.withDefaults()
	h := &Hub{cfg: cfg, log: cfg.Logger, seed: maphash.MakeSeed(), node: rand.Uint64() | 1, crew: newCrew(), misses: pace.New(misses, missers), stale: pace.New(stale, missers), accept: newAccepts()}
	h.crowd.conns = map[*Conn]struct{}{}
	h.crowd.users = map[person][]*Conn{}
	h.here = newPresence(h)
	h.turns = readTurns(int(cfg.DB.Stat().Max), runtime.GOMAXPROCS(0))
	h.sets = turns.Of(runtime.GOMAXPROCS(0), 1)
	h.crowd.quotas = map[tenant.ID]*quota{}
	var err error
	h.bus, err = bus.Open(bus.Config{URL: cfg.RedisURL, Logger: cfg.Logger, Receive: h.receive, State: h.busState})
	if err != nil {
		return nil, err
	}
	h.hearQuestions()
	h.tail = outbox.NewTail(cfg.DB, h, cfg.Logger)
	h.partings.New = func() any { p := make([][]item, len(h.lanes)); return &p }
	for i := range runtime.GOMAXPROCS(0) {
		l := &lane{hub: h, place: i, wake: make(chan struct{}, 1)}
		h.lanes = append(h.lanes, l)
		for range shardsPerLane {
			h.shards = append(h.shards, newShard(h, l))
		}
	}
	cfg.DB.OnCommit((&outbox.Publisher{Bus: h.bus, Sink: h}).Committed)
	return h, nil
}

// Run carries news until ctx ends, then closes every socket and returns when all is quiet.
func (h *Hub) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	h.life.Lock()
	h.running = ctx
	h.life.Unlock()
	var wg sync.WaitGroup
	errs := make(chan error, 2)
	wg.Go(func() { errs <- h.bus.Run(ctx) })
	wg.Go(func() { errs <- h.tail.Run(ctx) })
	for _, l := range h.lanes {
		wg.Go(func() { l.run(ctx) })
	}
	wg.Go(func() { h.sweep(ctx) })
	wg.Go(func() { h.here.run(ctx) })
	<-ctx.Done()
	h.crowd.shutAll()
	last := time.AfterFunc(2*lingerClose, func() { h.crowd.each(func(c *Conn) { _ = c.Close() }) }) // whoever has not gone by then
	defer last.Stop()
	h.life.Lock()
	h.running = nil
	h.life.Unlock()
	h.tasks.Wait()
	wg.Wait()
	return errors.Join(<-errs, <-errs)
}

// spawn runs f as part of Run; false when Run has not begun or is over.
func (h *Hub) spawn(f func()) bool {
	h.life.Lock()
	defer h.life.Unlock()
	if h.running == nil {
		return false
	}
	h.tasks.Go(f)
	return true
}

// ctx is Run's; a cancelled one when it is over.
func (h *Hub) ctx() context.Context {
	h.life.Lock()
	defer h.life.Unlock()
	if h.running == nil {
		return over
	}
	return h.running
}

var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (h *Hub) shard(subject string) *shard {
	return h.shards[maphash.String(h.seed, subject)%uint64(len(h.shards))]
}

// Epoch is the history that versions belong to; empty while PostgreSQL has not been asked.
func (h *Hub) Epoch() string {
	if e := h.epoch.Load(); e != nil {
		return *e
	}
	return ""
}

func subjectOf(t uuid.UUID, base string) string { return bus.Subject(t, base) }
