package realtime

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/realtime/wire"
)

const (
	maxSignal   = 16 << 10
	maxJudged   = 48 << 10 // of one that its kind judges: a description of four places
	maxSigName  = 64
	maxKey      = 128
	rememberMay = 30 * time.Second // how long a sender need not be asked again
	maxMayTell  = 512
)

// signal tells this node's sockets at once, and publishes for all other nodes: a rider beside the driver's node does not
// wait for Redis, nor for the company that publications keep. Nothing is stored; the answer says that Redis has taken it.
func (c *Conn) signal(r wire.Request) {
	who := c.who.Load().Actor
	if r.Sig == "" {
		r.Sig = "msg"
	}
	if len(r.Data) > maxJudged || len(r.Sig) > maxSigName || !sound(r.Key) || len(r.To) > maxName || r.Key == nodeKey {
		c.refuse(r, fault.New("bad_request"))
		return
	}
	channel, err := parse(r.Channels[0], who)
	if err == nil {
		err = c.mayTellOn(channel)
	}
	if err == nil && (!channel.Kind.tells(r) || len(r.Data) > maxSignal && channel.Kind.Pass[r.Sig] == nil) {
		err = fault.New("bad_request")
	}
	if err != nil {
		c.refuse(r, err)
		return
	}
	// Canonical: on one line, and nothing but JSON.
	data, err := wire.Canonical(nil, bytes.Clone(r.Data))
	if err != nil {
		c.refuse(r, fault.New("bad_request"))
		return
	}
	m := bus.Message{Kind: bus.Signal, Node: c.hub.node, Sig: r.Sig, Key: r.Key, From: c.userEntity, To: r.To, At: time.Now().UTC(), Data: data}
	thing, err := c.pass(channel, &m)
	switch {
	case errors.Is(err, errUnheard):
		c.ok(r, []byte("{}"))
		return
	case err != nil:
		c.refuse(r, err)
		return
	}
	c.tellAside(channel, &m, thing)
	subject := subjectOf(who.Tenant.UUID(), channel.Base)
	c.hub.bus.PublishThen(subject, m.Encode(), func(err error) {
		if err != nil {
			c.frame(wire.AppendErr(nil, r.ID, true, refusal(who.Locale, fault.New("unavailable"))))
			return
		}
		c.frame(wire.AppendOK(nil, r.ID, []byte("{}")))
	})
	if m.Sig == channel.Kind.Keep && m.Key != "" && m.To == "" {
		c.hub.told.note(tenantOf(subject), subject, m)
	}
	if _, shown := c.hub.live.Load(subject); shown {
		s := c.hub.shard(subject)
		s.lane.bring([]item{{shard: s, subject: subject, message: m}})
	}
}

// sound says that a key is one that may be kept and shown: a short name, without what a frame would have to spell out.
func sound(key string) bool {
	return len(key) <= maxKey && !strings.ContainsFunc(key, unicode.IsControl)
}

// maySurely says that the policy was asked about this channel a moment ago, for who the connection still is.
func (c *Conn) maySurely(channel string) bool {
	return c.mayFor == c.who.Load() && time.Now().Before(c.mayTell[channel])
}

// mayTellOn asks the policy about the thing itself, and again after a while.
func (c *Conn) mayTellOn(channel Channel) error {
	if c.maySurely(channel.Name) {
		return nil
	}
	action := channel.Kind.Signal
	if action == "" {
		return fault.New("not_found")
	}
	p := c.who.Load() // before the question: an answer for who it was is none for who it has become
	if c.mayFor != p {
		c.mayFor, c.mayTell = p, nil
	}
	ctx, cancel, who := c.asking()
	defer cancel()
	err := policy.Door(ctx, action)
	if err != nil {
		return fault.New("not_found")
	}
	res, shown := c.hub.shown(who, channel)
	if !shown {
		if res, err = c.hub.resource(ctx, who.Tenant, channel); err != nil {
			return err
		}
	}
	if err := may(ctx, action, res); err != nil {
		return err
	}
	if c.mayTell == nil || len(c.mayTell) >= maxMayTell {
		c.mayTell = map[string]time.Time{}
	}
	c.mayTell[channel.Name] = time.Now().Add(rememberMay)
	return nil
}

// resource reads what the policy must be asked about, in the tenant's turn like every set.
func (h *Hub) resource(ctx context.Context, t tenant.ID, c Channel) (policy.Resource, error) {
	if err := inTurn(ctx, h.turns, t); err != nil {
		return policy.Resource{}, err
	}
	defer h.turns.GiveBack(t)
	set, err := load(ctx, h.cfg.DB, t, c)
	return set.Resource, err
}

// shown is what the policy must be asked about a channel that this node shows, if nothing of it has changed since that was
// read: who tells a thousand channels something need not have each of them read.
func (h *Hub) shown(who policy.Actor, c Channel) (policy.Resource, bool) {
	name := subjectOf(who.Tenant.UUID(), c.Base)
	s := h.shard(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subjects[name]
	if sub == nil {
		return policy.Resource{}, false
	}
	v := sub.views[c.View]
	if v == nil || len(v.subs) == 0 || !v.current() || v.moved {
		return policy.Resource{}, false
	}
	return v.resource, true
}

// tells says whether a client may send such a signal on channels of this kind.
func (k *Kind) tells(r wire.Request) bool {
	fits, known := k.Tells[r.Sig]
	return known && (fits == nil || fits(r.Data))
}
