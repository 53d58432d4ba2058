package matching

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
)

// beatEvery is how often a node says that the sockets of its experts live: three times within a lease.
const beatEvery = 5 * time.Second

// attendance is which experts have sockets on this node. However many of them an expert has, one lease speaks for all: it begins with
// the first and is suspect when the last has closed.
//
// An expert with sockets on two nodes is spoken for by the one that came last. When that lease is suspect or over, a node that still
// has a socket takes it back with its next beat.
type attendance struct {
	wake chan struct{}

	mu    sync.Mutex
	here  map[By]map[uuid.UUID]bool // guarded by mu: sockets
	fresh map[By]bool               // guarded by mu: who came or went since the last look

	epochs map[By]int64 // owned by run; 0: not spoken for by this node
}

func newAttendance() *attendance {
	return &attendance{wake: make(chan struct{}, 1), here: map[By]map[uuid.UUID]bool{}, fresh: map[By]bool{}, epochs: map[By]int64{}}
}

// Came says that an expert opened a socket on this node. It does not block.
func (s *Service) Came(by By, conn uuid.UUID) {
	s.attend.note(by, func(conns map[uuid.UUID]bool) { conns[conn] = true })
}

// Went says that it closed.
func (s *Service) Went(by By, conn uuid.UUID) {
	s.attend.note(by, func(conns map[uuid.UUID]bool) { delete(conns, conn) })
}

func (a *attendance) note(by By, change func(map[uuid.UUID]bool)) {
	a.mu.Lock()
	conns := a.here[by]
	if conns == nil {
		conns = map[uuid.UUID]bool{}
		a.here[by] = conns
	}
	change(conns)
	a.fresh[by] = true
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// run keeps the leases of those who are here until ctx ends. What PostgreSQL does not take is said again with the next beat.
func (a *attendance) run(ctx context.Context, s *Service) {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		all := false
		select {
		case <-ctx.Done():
			return // the sockets close with the node, and the leases run out
		case <-beat.C:
			all = true
		case <-a.wake:
		}
		for by, here := range a.due(all) {
			if err := a.speak(ctx, s, by, here); err != nil && ctx.Err() == nil {
				s.log.Warn("matching: the presence of an expert is not kept", "error", err)
			}
		}
	}
}

// due is whom to look at, and whether they have a socket here.
func (a *attendance) due(all bool) map[By]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make(map[By]bool, len(a.fresh))
	for by, conns := range a.here {
		if all || a.fresh[by] {
			out[by] = len(conns) > 0
		}
		if len(conns) == 0 {
			delete(a.here, by)
		}
	}
	clear(a.fresh)
	return out
}

func (a *attendance) speak(ctx context.Context, s *Service, by By, here bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	epoch := a.epochs[by]
	if !here {
		delete(a.epochs, by)
		if epoch == 0 {
			return nil
		}
		err := s.Close(ctx, by, epoch)
		s.matcher.stir(by.Tenant, by.User)
		return unless(err, "presence_superseded")
	}
	if epoch != 0 {
		err := s.Beat(ctx, by, epoch)
		if !fault.Is(err, "presence_superseded") {
			return err
		}
		reach, err := s.db.Read(by.Tenant).Reach(ctx, by.User)
		if err != nil || reach == "connected" {
			return err // another node speaks for them
		}
	}
	epoch, err := s.Connect(ctx, by)
	if err == nil {
		a.epochs[by] = epoch
	}
	return unless(err, "expert_not_found") // who has not applied yet has nothing to be reached for
}

func unless(err error, code string) error {
	if fault.Is(err, code) {
		return nil
	}
	return err
}
