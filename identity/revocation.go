package identity

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/xact"
	"github.com/waymeet/waymeet/store"
)

// Revocation says whose rights may have shrunk: a user's, everybody's of a tenant (no User), or everybody's (neither).
// It does not say how: whoever hears it asks Actor again.
type Revocation struct {
	Tenant tenant.ID
	User   uuid.UUID
}

// Touches tells whether the revocation concerns a user.
func (r Revocation) Touches(t tenant.ID, user uuid.UUID) bool {
	return (r.Tenant == tenant.None || r.Tenant == t) && (r.User == uuid.Nil || r.User == user)
}

// revoke commits a revocation with its cause.
func revoke(tx *store.Tx, user, session uuid.UUID) error {
	return tx.Emit(event.Access{User: user, Session: session}.Change())
}

// Heard is for whoever hears of a change of access sooner than this node looks: the bus.
func (s *Service) Heard(t tenant.ID, a event.Access) { s.heard(Revocation{t, a.User}) }

// OnRevoked has f told of every revocation that this node hears of, whichever node it came from; some twice, when the
// bus told of them first.
// f must not block.
func (s *Service) OnRevoked(f func(Revocation)) {
	s.watchMu.Lock()
	defer s.watchMu.Unlock()
	s.watchers = append(s.watchers, f)
}

// heard forgets what a revocation touches and tells those who watch.
func (s *Service) heard(r Revocation) {
	s.memory.forget(r)
	s.watchMu.Lock()
	watchers := s.watchers
	s.watchMu.Unlock()
	for _, f := range watchers {
		f(r)
	}
}

// Run looks for revocations twice a second, and after keys and leftovers now and then, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	if err := s.awaitKeys(ctx); err != nil {
		return err
	}
	look, keys, sweep := time.NewTicker(lookEvery), time.NewTicker(time.Minute), time.NewTicker(10*time.Minute)
	defer look.Stop()
	defer keys.Stop()
	defer sweep.Stop()
	var last lookout
	for {
		var err error
		if last, err = s.look(ctx, last); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "revocations were not read: this node trusts no memory until they are", "cause", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		case <-keys.C:
			err = s.loadKeys(ctx)
		case <-sweep.C:
			_, err = s.db.System().SweepCredentials(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "housekeeping failed", "cause", err)
		}
	}
}

// lookout is where the last look stood. Owned by Run.
type lookout struct {
	begun bool
	at    xact.Snapshot
	seen  map[int64]bool // rows at or above at's xmin that were heard
}

// look reads what was revoked since the last look. Rows of transactions that were still open then have an xid at or above
// that look's xmin, so nothing is missed however long they took.
func (s *Service) look(ctx context.Context, last lookout) (lookout, error) {
	ctx, cancel := context.WithTimeout(ctx, trustFor)
	defer cancel()
	started := s.now()
	state, err := s.db.System().OutboxState(ctx)
	if err != nil {
		return last, err
	}
	if !last.begun || last.at.Lost(state.Snapshot, state.Dropped) { // we begin, or slept so long that rows were dropped unseen
		s.heard(Revocation{})
		last = lookout{at: state.Snapshot}
	}
	rows, err := s.db.System().RevocationsSince(ctx, last.at.Xmin)
	if err != nil {
		return last, err
	}
	next := lookout{true, state.Snapshot, map[int64]bool{}}
	told := map[Revocation]bool{}
	for _, row := range rows {
		next.seen[row.Row] = true
		_, name, _ := strings.Cut(row.Entity, "/")
		r := Revocation{Tenant: row.Tenant}
		if r.User, err = uuid.Parse(name); err != nil {
			s.log.WarnContext(ctx, "a change of access of nobody: taken for everybody's", "entity", row.Entity)
			r.User = uuid.Nil
		}
		if !last.seen[row.Row] && !told[r] {
			told[r] = true
			s.heard(r)
		}
	}
	s.memory.heardUpTo(started)
	return next, nil
}
