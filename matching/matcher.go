package matching

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// look is how long a queue without an owner is overlooked at most. With the lease before it, that is how long nobody is rung
// after an owner died.
const look = 400 * time.Millisecond

// matcher is this node's part of ringing: a floor for each tenant of whom it owns a queue.
type matcher struct {
	s    *Service
	poke chan struct{}

	mu     sync.Mutex
	floors map[tenant.ID]*floor // guarded by mu
}

func newMatcher(s *Service) *matcher {
	return &matcher{s: s, poke: make(chan struct{}, 1), floors: map[tenant.ID]*floor{}}
}

// run adopts queues in which somebody waits and that nobody owns, until ctx ends. Floors end before it does, and give their queues up.
func (m *matcher) run(ctx context.Context) {
	var floors sync.WaitGroup
	defer floors.Wait()
	next := time.NewTicker(look)
	defer next.Stop()
	for ctx.Err() == nil {
		if err := m.adopt(ctx, &floors); err != nil && ctx.Err() == nil {
			m.s.log.Warn("matching: queues without an owner are not found", "error", err) // PostgreSQL is away for a moment
		}
		select {
		case <-ctx.Done():
		case <-m.poke:
		case <-next.C:
		}
	}
}

func (m *matcher) adopt(ctx context.Context, floors *sync.WaitGroup) error {
	orphans, err := m.s.Orphans(ctx)
	if err != nil {
		return err
	}
	for _, q := range orphans {
		o, err := m.s.Take(ctx, q.Tenant, q.Queue)
		if errors.Is(err, ErrNotOwner) {
			continue // somebody was quicker
		}
		if err != nil {
			return err
		}
		m.give(ctx, o, floors)
	}
	return nil
}

// give lets the tenant's floor serve a queue.
func (m *matcher) give(ctx context.Context, o store.Owned, floors *sync.WaitGroup) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.floors[o.Tenant]
	if f == nil {
		f = newFloor(m.s, o.Tenant)
		m.floors[o.Tenant] = f
		floors.Go(func() { f.run(ctx, func() bool { return m.left(f) }) })
	}
	f.take(o)
}

// left is asked by a floor that has nothing to serve: true: it is forgotten, and nothing comes to it any more.
func (m *matcher) left(f *floor) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.expecting() {
		return false
	}
	delete(m.floors, f.tenant)
	return true
}

// stir tells the tenant's floor that something has changed: experts are looked at again, and whoever waits.
func (m *matcher) stir(t tenant.ID, experts ...uuid.UUID) {
	m.mu.Lock()
	f := m.floors[t]
	m.mu.Unlock()
	if f != nil {
		f.stir(experts)
	}
}

// Heard says that something has changed in a tenant's queues, on whichever node, and whom it concerns. It does not block.
func (s *Service) Heard(t tenant.ID, people []uuid.UUID) { s.matcher.stir(t, people...) }

// placed says that somebody waits: in a queue that may have no owner yet.
func (m *matcher) placed(t tenant.ID, queue uuid.UUID) {
	m.mu.Lock()
	f := m.floors[t]
	m.mu.Unlock()
	if f != nil && f.serves(queue) {
		f.stir(nil)
		return
	}
	select {
	case m.poke <- struct{}{}:
	default:
	}
}

// owned is how many queues this node makes the offers of.
func (m *matcher) owned() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.floors {
		f.mu.Lock()
		n += len(f.owns)
		f.mu.Unlock()
	}
	return n
}
