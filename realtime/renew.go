package realtime

import (
	"context"
	"strconv"
	"time"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"

	"github.com/google/uuid"
)

// renew takes a new access token of the same user.
func (c *Conn) renew(r wire.Request) {
	ctx, cancel, who := c.asking()
	defer cancel()
	c.rights.Lock() // an answer about the old credential must not come after the new one
	defer c.rights.Unlock()
	p, err := c.hub.cfg.Auth.Bearer(ctx, r.Token)
	if err == nil && (p.Actor.User != who.User || p.Actor.Tenant != who.Tenant) {
		err = fault.New("forbidden")
	}
	if err != nil {
		c.refuse(r, err)
		return
	}
	c.become(p)
	c.ok(r, append(strconv.AppendInt([]byte(`{"auth_exp":`), p.Expires.Unix(), 10), '}'))
}

// become is called with rights held. It gives the connection what its principal may do now, and ends what it no longer may.
func (c *Conn) become(p Principal) {
	c.who.Store(&p)
	ctx := policy.With(c.hub.ctx(), p.Actor)
	for _, s := range c.subscriptions() {
		c.judge(ctx, s)
	}
}

func (c *Conn) subscriptions() []*subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	subs := make([]*subscription, 0, len(c.subs))
	for _, s := range c.subs {
		subs = append(subs, s)
	}
	return subs
}

func (c *Conn) judge(ctx context.Context, s *subscription) {
	s.shard.mu.Lock()
	defer s.shard.mu.Unlock()
	if err := may(ctx, s.view.channel.Kind.Read, s.view.resource); err != nil {
		c.expel(s, wire.CodeForbidden)
		s.view.leave(s)
	}
}

// ask reads anew what the policy is asked about sets that move, after what needs no reading has been judged.
func (c *Conn) ask(ctx context.Context, p Principal) error {
	ctx = policy.With(ctx, p.Actor)
	for _, s := range c.subscriptions() {
		if !s.view.channel.Kind.Moves {
			continue
		}
		res, err := c.hub.resource(ctx, p.Actor.Tenant, s.view.channel)
		switch {
		case err == nil:
			s.shard.mu.Lock()
			s.view.resource = res
			s.shard.mu.Unlock()
			c.judge(ctx, s)
		case fault.As(err).Kind != fault.NotFound:
			return err
		}
	}
	return nil
}

// access hears that somebody's rights have changed, on some node, a moment or a second ago.
func (h *Hub) access(t tenant.ID, a event.Access) {
	if h.cfg.OnAccess != nil {
		h.cfg.OnAccess(t, a)
	}
	h.Recheck(t, a)
}

// Recheck asks anew what connections may do: those of a user or a sign-in, of a whole tenant, or, without one, all. It is
// for whoever hears of a change of access sooner than the tail, which may have a large transaction's pages to read first.
func (h *Hub) Recheck(t tenant.ID, a event.Access) {
	h.heardOfAccess.Add(1) // first: who enters after the others were looked at sees it
	h.crowd.each(func(c *Conn) {
		who := c.who.Load().Actor
		if t != tenant.None && who.Tenant != t || a.User != uuid.Nil && who.User != a.User || a.Session != uuid.Nil && who.Session != a.Session {
			return
		}
		c.doubt()
		h.spawn(c.reconsider)
	})
}

// doubt says that nobody knows what the connection may do. An answer comes soon or the connection ends: what was taken away must not
// be served for as long as PostgreSQL is slow.
func (c *Conn) doubt() {
	c.doubtful.Store(true)
	c.doubted.CompareAndSwap(0, time.Now().UnixNano())
}

// settle is the end of what was doubted before the last question.
func (c *Conn) settle() {
	c.doubted.Store(0)
	if c.doubtful.Load() { // somebody came to doubt meanwhile
		c.doubted.CompareAndSwap(0, time.Now().UnixNano())
	}
}

// untold ends a connection of which nobody could tell. Its client comes back, and the door asks.
func (c *Conn) untold() { c.shut(wire.CloseDrain, "nobody can tell what it may do") }

// reconsider asks what the connection's session may do now, one question at a time. While nobody can tell it stays
// doubtful, and the sweep asks again, for a moment.
func (c *Conn) reconsider() {
	if !c.rights.TryLock() {
		return // it is being asked; who came to doubt meanwhile is heard by the sweep
	}
	defer c.fall() // nobody knows what it may do
	defer c.rights.Unlock()
	if !c.doubtful.Swap(false) {
		return // it has been asked
	}
	c.doubted.CompareAndSwap(0, time.Now().UnixNano()) // whoever doubts says both, one behind the other
	ctx, cancel := context.WithDeadline(c.hub.ctx(), time.Unix(0, c.doubted.Load()).Add(c.hub.cfg.Timing.Doubt))
	defer cancel()
	p, err := c.hub.cfg.Auth.Refresh(ctx, *c.who.Load())
	if err == nil {
		c.become(p)
		err = c.ask(ctx, p)
	}
	switch {
	case err == nil:
		c.settle()
	case fault.As(err).Kind == fault.Unauthenticated:
		c.shut(wire.CloseCredential, "credential revoked")
	case ctx.Err() != nil && c.hub.ctx().Err() == nil:
		c.untold()
	default:
		c.doubtful.Store(true)
	}
}
