package realtime

import (
	"context"
	"strconv"

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
	c.mu.Lock()
	subs := make([]*subscription, 0, len(c.subs))
	for _, s := range c.subs {
		subs = append(subs, s)
	}
	c.mu.Unlock()
	ctx := policy.With(c.hub.ctx(), p.Actor)
	for _, s := range subs {
		if s.view.channel.Kind.Moves {
			c.ask(ctx, s, p.Actor.Tenant)
		}
		s.shard.mu.Lock()
		if err := may(ctx, s.view.channel.Kind.Read, s.view.resource); err != nil {
			c.expel(s, wire.CodeForbidden)
			s.view.leave(s)
		}
		s.shard.mu.Unlock()
	}
}

// ask reads anew what the policy is asked about a set. While it cannot be read the connection stays doubtful.
func (c *Conn) ask(ctx context.Context, s *subscription, t tenant.ID) {
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	res, err := c.hub.resource(ctx, t, s.view.channel)
	switch {
	case err == nil:
		s.shard.mu.Lock()
		s.view.resource = res
		s.shard.mu.Unlock()
	case fault.As(err).Kind != fault.NotFound:
		c.doubtful.Store(true)
	}
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
		c.doubtful.Store(true)
		h.spawn(c.reconsider)
	})
}

// reconsider asks what the connection's session may do now, one question at a time. While nobody can tell it stays
// doubtful, and the sweep asks again, until its credential ends.
func (c *Conn) reconsider() {
	if !c.rights.TryLock() {
		return // it is being asked; who came to doubt meanwhile is heard by the sweep
	}
	defer c.fall() // nobody knows what it may do
	defer c.rights.Unlock()
	c.doubtful.Store(false)
	ctx, cancel := context.WithTimeout(c.hub.ctx(), readWait)
	defer cancel()
	p, err := c.hub.cfg.Auth.Refresh(ctx, *c.who.Load())
	switch {
	case err == nil:
		c.become(p)
	case fault.As(err).Kind == fault.Unauthenticated:
		c.shut(wire.CloseCredential, "credential revoked")
	default:
		c.doubtful.Store(true)
	}
}
