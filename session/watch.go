package session

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

const (
	watching = 500 * time.Millisecond
	absent   = 15 * time.Second // a supervisor who says nothing for so long has gone
	reseen   = 3 * time.Second  // how exactly it is known
)

// Holder is somebody with what they may do now; unauthenticated: nothing any more.
type Holder interface {
	Holder(ctx context.Context, t tenant.ID, user uuid.UUID) (policy.Actor, error)
}

// wayOf is what a supervisor's part needs a right to.
var wayOf = map[string]policy.Action{store.RoleObserver: policy.SessionListen, store.RoleWhisperer: policy.SessionWhisper, store.RoleSupervisor: policy.SessionBarge}

// Watch ends what supervisors may not do any more, of all tenants: their right was taken, the conversation is over, their page is gone. A second expert needs no right, and is let
// go when they do not come or are gone. Whichever node comes first does; a right that cannot be read now is read the next time.
func (s *Service) Watch(ctx context.Context) error {
	all, err := s.db.System().Supervisions(ctx, bite)
	if err != nil {
		return err
	}
	for _, v := range all {
		var a policy.Actor
		var failed error
		if supervises(v.Role) {
			a, failed = s.holders.Holder(ctx, v.Tenant, v.User)
		}
		if failed != nil && !fault.Is(failed, "unauthenticated") {
			err = errors.Join(err, failed)
			continue
		}
		err = errors.Join(err, s.db.InTx(ctx, v.Tenant, func(tx *store.Tx) error { return s.look(ctx, tx, v, a) }))
	}
	return err
}

// look ends one part, if it is to end. What has none of the reasons is not written.
func (s *Service) look(ctx context.Context, tx *store.Tx, v store.Supervision, a policy.Actor) error {
	locked, pg, err := tx.LockSessions(ctx, v.Session)
	if err != nil || len(locked) == 0 {
		return err
	}
	x, at := &locked[0], s.clock(pg)
	p, found := x.Party(v.User)
	var why string
	if found && p.Role == store.RoleSecond {
		if stays(x, p, at) {
			return nil
		}
		if err := s.missed(ctx, tx, x, at); err != nil {
			return err
		}
		return tx.SaveSessions(ctx, pg, locked)
	}
	if !found || !supervises(p.Role) {
		return nil
	}
	switch res := (policy.Resource{Tenant: v.Tenant, Kind: "session", ID: x.ID, Owner: x.Client, Queue: x.Queue}); {
	case x.Ended():
		why = whyOver
	case policy.Can(policy.With(ctx, a), wayOf[p.Role], res) != nil:
		why = whyRevoked
	case at.Sub(p.SeenAt) > absent:
		why = whyGone
	default:
		return nil
	}
	if err := release(ctx, tx, x, *p, uuid.Nil, why, at); err != nil {
		return err
	}
	return tx.SaveSessions(ctx, pg, locked)
}
