package identity

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Actor is a session with what it may do now, or unauthenticated when it ended, or its user or tenant is disabled.
func (s *Service) Actor(ctx context.Context, t tenant.ID, user, session uuid.UUID) (policy.Actor, error) {
	key := remembered{t, user, session}
	now := s.now()
	if a, ok := s.memory.recall(key, now); ok {
		return a, nil
	}
	generation := s.memory.generation()
	st, there, err := s.ask(ctx, t, store.Sitting{User: user, Session: session})
	if err != nil {
		return policy.Actor{}, fault.New("unavailable").After(time.Second).Because(err)
	}
	if !there || !st.Active || !st.SignedIn {
		return policy.Actor{}, fault.New("unauthenticated")
	}
	a := policy.Actor{Tenant: t, User: user, Session: session, Locale: st.Locale, Grants: grants(st.Roles), Live: st.Live.Bounded()}
	s.memory.keep(key, a, now, generation)
	if len(st.Unread) > 0 {
		if _, said := s.unread.LoadOrStore(t, true); !said { // once: it stays so until somebody mends it
			s.log.WarnContext(ctx, "live settings of a tenant cannot be read: the defaults count", "tenant", t, "settings", st.Unread)
		}
	}
	return a, nil
}

// Holder is a user with what their roles grant now, whether they are signed in or not; unauthenticated when they or their tenant are disabled.
func (s *Service) Holder(ctx context.Context, t tenant.ID, user uuid.UUID) (policy.Actor, error) {
	st, err := s.db.Read(t).Standing(ctx, user, uuid.Nil)
	if store.IsNotFound(err) || err == nil && !st.Active {
		err = fault.New("unauthenticated")
	}
	return policy.Actor{Tenant: t, User: user, Grants: grants(st.Roles)}, err
}

// grants is what roles come to. A scope that this version does not know grants nothing.
func grants(roles []store.HeldRole) []policy.Grant {
	var out []policy.Grant
	for _, r := range roles {
		var scope policy.Scope
		switch r.Scope {
		case "tenant":
		case "line":
			if r.ScopeID == uuid.Nil {
				continue
			}
			scope.Line = r.ScopeID
		case "unit":
			if r.ScopeID == uuid.Nil {
				continue
			}
			scope.Unit = r.ScopeID
		case "queue":
			if r.ScopeID == uuid.Nil {
				continue
			}
			scope.Queue = r.ScopeID
		default:
			continue
		}
		for _, p := range r.Permissions {
			if known := policy.Permission(p); policy.KnownPermission(known) {
				out = append(out, policy.Grant{Permission: known, Scope: scope})
			}
		}
	}
	return out
}

type remembered struct {
	tenant        tenant.ID
	user, session uuid.UUID
}

type standing struct {
	actor policy.Actor
	at    time.Time
}

// memory is standings that were read, trusted only while the node knows that it hears of revocations in time.
type memory struct {
	mu       sync.Mutex
	now, old map[remembered]standing // guarded by mu; two generations, so that it cannot grow without end
	heard    time.Time               // guarded by mu; everything revoked before this has been heard of
	turn     uint64                  // guarded by mu; grows with each revocation
}

func (m *memory) recall(k remembered, at time.Time) (policy.Actor, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at.Sub(m.heard) > trustFor {
		return policy.Actor{}, false
	}
	st, ok := m.now[k]
	if !ok {
		st, ok = m.old[k]
	}
	if !ok || at.Sub(st.at) > rememberFor {
		return policy.Actor{}, false
	}
	return st.actor, true
}

func (m *memory) generation() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.turn
}

// keep remembers what was read, unless something was revoked while it was being read: it might be what was read.
func (m *memory) keep(k remembered, a policy.Actor, at time.Time, read uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.turn != read {
		return
	}
	if len(m.now) >= rememberMost {
		m.old, m.now = m.now, map[remembered]standing{}
	}
	m.now[k] = standing{a, at}
}

// forget drops what a revocation touches.
func (m *memory) forget(r Revocation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn++
	for _, gen := range []map[remembered]standing{m.now, m.old} {
		for k := range gen {
			if r.Touches(k.tenant, k.user) {
				delete(gen, k)
			}
		}
	}
}

func (m *memory) heardUpTo(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard = at
}
