package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

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
	done  uint64        // guarded by mu: every transaction below has been handed over
	moved chan struct{} // guarded by mu: closed when done grows

	lag Lag // guarded by mu

	// owned by Run
	at       store.Position
	epoch    string
	broken   bool
	xmin     string    // of the last pass
	heldFrom time.Time // when xmin was first seen while later transactions had begun; zero: nothing holds it
	alarmed  bool
}

// Lag is how far behind the log a tail is.
type Lag struct {
	Waiting time.Duration // age of the oldest committed change that may not be handed over yet
	Held    time.Duration // how long one transaction has kept the tail where it is
	Poison  uint64        // rows set aside since the start: their sets were read anew
}

// longHeld is when a transaction that holds the tail back is worth an alarm: while the bus works nothing is late, but
// nothing that the bus lost is mended either, and rows are kept for twelve minutes only.
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
			t.sink.Current(began)
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

// CaughtUp returns when everything that had begun before the call has been handed over.
func (t *Tail) CaughtUp(ctx context.Context) error {
	snapshot, err := t.db.System().Snapshot(ctx)
	if err != nil {
		return fmt.Errorf("outbox: see how far to read: %w", err)
	}
	_, rest, _ := strings.Cut(snapshot, ":")
	xmax, _, _ := strings.Cut(rest, ":")
	target, err := strconv.ParseUint(xmax, 10, 64)
	if err != nil {
		return fmt.Errorf("outbox: read the snapshot %q: %w", snapshot, err)
	}
	for {
		t.mu.Lock()
		done, moved := t.done, t.moved
		t.mu.Unlock()
		if done >= target {
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

// pass hands over everything that has ended by now.
func (t *Tail) pass(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sys := t.db.System()
	if t.epoch == "" || t.broken {
		if err := t.begin(ctx, sys); err != nil {
			return err
		}
	}
	state, err := sys.OutboxState(ctx)
	if err != nil {
		return err
	}
	upto := state.Xmin
	bounds, err := numbers(upto, state.Horizon, t.at.XID)
	if err != nil {
		return err
	}
	t.watch(state, time.Now())
	top, dropped, stood := bounds[0], bounds[1], bounds[2]
	if top < stood {
		t.epoch = ""
		return errRewound
	}
	if dropped >= stood && stood > 0 {
		t.log.Warn("outbox: rows were dropped before this node read them")
		t.at = store.Position{XID: upto}
		t.sink.Missed()
	}
	if err := t.read(ctx, sys, upto); err != nil {
		return err
	}
	t.at = store.Position{XID: upto}
	t.advance(top)
	return nil
}

// begin finds out which history this is, at the start and whenever PostgreSQL comes back.
func (t *Tail) begin(ctx context.Context, sys *store.System) error {
	epoch, err := sys.Epoch(ctx)
	if err != nil {
		return err
	}
	if epoch == t.epoch {
		return nil
	}
	upto, _, err := sys.OutboxBounds(ctx)
	if err != nil {
		return err
	}
	t.epoch, t.at = epoch, store.Position{XID: upto}
	t.sink.Rewound(epoch)
	return nil
}

func (t *Tail) read(ctx context.Context, sys *store.System, upto string) error {
	for {
		rows, err := sys.OutboxTail(ctx, t.at, upto, page)
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
			t.at = r.Position
		}
		if len(rows) < page {
			return nil
		}
	}
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

// watch sees how long one transaction keeps the tail where it is, and raises the alarm once for each.
func (t *Tail) watch(s store.OutboxState, now time.Time) {
	switch {
	case s.Xmin == s.Xmax: // nothing runs
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
			t.log.Warn("outbox: a transaction holds the tail back; see pg_stat_activity for the oldest backend_xid", "held", held, "xid", s.Xmin)
		} else {
			t.log.Info("outbox: the tail is free again")
		}
	}
	t.mu.Lock()
	t.lag.Waiting, t.lag.Held = s.Waiting, held
	t.mu.Unlock()
}

// Lag is how far behind the tail was at its last look.
func (t *Tail) Lag() Lag {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lag
}

func (t *Tail) advance(top uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if top > t.done {
		t.done = top
		close(t.moved)
		t.moved = make(chan struct{})
	}
}

func numbers(texts ...string) ([]uint64, error) {
	out := make([]uint64, len(texts))
	for i, s := range texts {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("outbox: %q is no transaction id: %w", s, err)
		}
		out[i] = n
	}
	return out, nil
}
