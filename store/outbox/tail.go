package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/waymeet/waymeet/internal/xact"
	"github.com/waymeet/waymeet/store"
)

// How often the tail looks: it must find what was lost within a second, and is the only
// way while the bus is down.
const (
	calm     = time.Second
	hurried  = 200 * time.Millisecond
	patience = 5 * time.Second // for one statement
	page     = 1000
)

// Tail reads the outbox of all tenants on this node.
type Tail struct {
	db   *store.DB
	sink Sink
	log  *slog.Logger
	poke chan struct{}

	mu    sync.Mutex
	hurry bool          // guarded by mu
	done  xact.Snapshot // guarded by mu: all that it sees has been handed over
	moved chan struct{} // guarded by mu: closed when done grows

	lag Lag // guarded by mu

	// owned by Run
	at       xact.Snapshot // as done
	to       xact.Snapshot // what is handed over just now
	rest     []span        // of it, what has not been read
	epoch    string
	broken   bool
	xmin     uint64    // of the last look
	heldFrom time.Time // when xmin was first seen while later transactions had begun; zero: nothing runs
	alarmed  bool
}

// Lag is how far behind the log a tail is.
type Lag struct {
	Waiting time.Duration // age of the newest row that was read, while more wait to be
	Held    time.Duration // how long one transaction has been open
	Poison  uint64        // rows set aside since the start: their sets were read anew
}

// longHeld is when an open transaction is worth an alarm: it keeps the drum from being emptied where it has written, and
// what it has written itself is dropped unseen when it takes longer than rows are kept.
const longHeld = 10 * time.Second

// NewTail makes a tail; Run starts it.
func NewTail(db *store.DB, sink Sink, log *slog.Logger) *Tail {
	return &Tail{db: db, sink: sink, log: log, poke: make(chan struct{}, 1), moved: make(chan struct{})}
}

// Run follows the log until ctx ends. It begins with what is not committed yet: whoever
// reads a set after Run has begun misses nothing.
func (t *Tail) Run(ctx context.Context) error {
	rotate := time.NewTicker(time.Minute)
	defer rotate.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-rotate.C:
			t.rotate(ctx)
			continue
		case <-next.C:
		case <-t.poke:
		}
		began := time.Now()
		err := t.pass(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if (err != nil) != t.broken {
			t.broken = err != nil
			if err != nil {
				t.log.Error("outbox: the tail stands still", "err", err)
			} else {
				t.log.Info("outbox: the tail moves again")
			}
		}
		if err == nil {
			t.sink.Alive(began)
		}
		next.Reset(t.pause())
	}
}

// Hurry makes the tail look more often, for as long as nothing else brings news.
func (t *Tail) Hurry(on bool) {
	t.mu.Lock()
	t.hurry = on
	t.mu.Unlock()
	t.Poke()
}

// Hurried says whether it does.
func (t *Tail) Hurried() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hurry
}

// Poke makes the tail look now.
func (t *Tail) Poke() {
	select {
	case t.poke <- struct{}{}:
	default:
	}
}

func (t *Tail) pause() time.Duration {
	if t.Hurried() {
		return hurried
	}
	return calm
}

// CaughtUp returns when everything that had ended before the call has been handed over.
func (t *Tail) CaughtUp(ctx context.Context) error {
	text, err := t.db.System().Snapshot(ctx)
	if err != nil {
		return fmt.Errorf("outbox: see how far to read: %w", err)
	}
	target, err := xact.Parse(text)
	if err != nil {
		return err
	}
	for {
		t.mu.Lock()
		done, moved := t.done, t.moved
		t.mu.Unlock()
		if done.Covers(target) {
			return nil
		}
		t.Poke()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

func (t *Tail) rotate(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := t.db.System().OutboxRotate(ctx); err != nil { // somebody holds the slot: the next minute will do
		t.log.Debug("outbox: not rotated", "err", err)
	}
}

var errRewound = errors.New("transaction ids went back")

// pass hands over everything that has ended by now and has not been handed over. What was left when the last pass failed
// comes first, from where it stood.
func (t *Tail) pass(ctx context.Context) error {
	sys := t.db.System()
	if t.epoch == "" || t.broken {
		if err := t.begin(ctx, sys); err != nil {
			return err
		}
	}
	now, dropped, err := look(ctx, sys)
	if err != nil {
		return err
	}
	t.watch(now, time.Now())
	if now.Xmax < t.at.Xmax {
		t.epoch = ""
		return errRewound
	}
	if len(t.rest) == 0 {
		t.to, t.rest = now, until(t.at, now)
	}
	if t.at.Lost(t.to, dropped) {
		t.miss(now)
		return nil
	}
	pages, wanted := 0, len(t.rest)
	for ; len(t.rest) > 0; pages++ {
		if err := t.read(ctx, sys); err != nil {
			return err
		}
	}
	if pages > wanted { // it took its time: were rows dropped under its hands?
		if now, dropped, err = look(ctx, sys); err != nil {
			return err
		}
		if t.at.Lost(t.to, dropped) {
			t.miss(now)
			return nil
		}
	}
	t.advance(t.to)
	return nil
}

func look(ctx context.Context, sys *store.System) (now xact.Snapshot, dropped uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	state, err := sys.OutboxState(ctx)
	return state.Snapshot, state.Dropped, err
}

// miss goes on from now: every set is read anew.
func (t *Tail) miss(now xact.Snapshot) {
	t.log.Warn("outbox: rows were dropped before this node read them")
	t.rest = nil
	t.sink.Missed()
	t.advance(now)
}

// begin finds out which history this is, at the start and whenever PostgreSQL comes back.
func (t *Tail) begin(ctx context.Context, sys *store.System) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	epoch, err := sys.Epoch(ctx)
	if err != nil {
		return err
	}
	if epoch == t.epoch {
		return nil
	}
	now, _, err := look(ctx, sys)
	if err != nil {
		return err
	}
	t.epoch, t.rest = epoch, nil
	t.sink.Rewound(epoch)
	t.advance(now)
	return nil
}

// read hands over a page. A tail that has much to read is alive with each.
func (t *Tail) read(ctx context.Context, sys *store.System) error {
	began, s := time.Now(), &t.rest[0]
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	rows, err := sys.OutboxTail(ctx, store.Position{XID: strconv.FormatUint(s.from, 10), N: s.n}, strconv.FormatUint(s.to, 10), t.to.Text, page)
	if err != nil {
		return err
	}
	for _, r := range rows {
		xid, err := strconv.ParseUint(r.XID, 10, 64)
		if err != nil {
			return err
		}
		if r.Poison != nil {
			t.setAside(r)
		}
		t.sink.Committed(Entry{Tenant: r.Tenant, XID: xid, At: r.At, Change: r.Change})
		s.from, s.n = xid, r.N
	}
	if len(rows) < page {
		t.rest = t.rest[1:]
		return nil
	}
	t.mu.Lock()
	t.lag.Waiting = max(time.Since(rows[page-1].At), 0)
	t.mu.Unlock()
	t.sink.Alive(began)
	return nil
}

// setAside tells of a row whose documents cannot be read. It is handed on without them, so that its sets are read anew,
// and the log goes on behind it.
func (t *Tail) setAside(r store.Logged) {
	t.log.Error("outbox: a row is set aside, its sets are read anew", "tenant", r.Tenant, "entity", r.Change.Entity, "version", r.Change.Version,
		"xid", r.XID, "n", r.N, "err", r.Poison)
	t.mu.Lock()
	t.lag.Poison++
	t.mu.Unlock()
}

// watch sees how long one transaction stays open, and raises the alarm once for each.
func (t *Tail) watch(s xact.Snapshot, now time.Time) {
	switch {
	case len(s.Running) == 0:
		t.heldFrom = time.Time{}
	case s.Xmin != t.xmin || t.heldFrom.IsZero():
		t.heldFrom = now
	}
	t.xmin = s.Xmin
	var held time.Duration
	if !t.heldFrom.IsZero() {
		held = now.Sub(t.heldFrom)
	}
	if long := held >= longHeld; long != t.alarmed {
		t.alarmed = long
		if long {
			t.log.Warn("outbox: a transaction stays open; see pg_stat_activity for the oldest backend_xid", "held", held, "xid", s.Xmin)
		} else {
			t.log.Info("outbox: that transaction has ended")
		}
	}
	t.mu.Lock()
	t.lag.Held = held
	t.mu.Unlock()
}

// Lag is how far behind the tail was at its last look.
func (t *Tail) Lag() Lag {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lag
}

// advance notes that all which a snapshot sees has been handed over.
func (t *Tail) advance(s xact.Snapshot) {
	t.at = s
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lag.Waiting = 0
	t.done = s
	close(t.moved)
	t.moved = make(chan struct{})
}
