package realtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/bus"
)

var (
	// errUnheard is a signal that is told to nobody, and whose sender is not told so.
	errUnheard = errors.New("realtime: a signal that is not passed on")
	// errAhead is a signal of what is known to have changed, if it has: this node may not have heard of it yet.
	errAhead = errors.New("realtime: a signal of what is not known yet")
)

// askAgain is how often a connection may have a thing read because its signals are ahead of what this node knows.
const askAgain = time.Second

// lore is what a connection has had read about a channel's thing, because this node did not know enough.
type lore struct {
	row any
	at  time.Time
}

// pass has a kind judge a signal, and make of it what others may hear, by what this node knows of the channel's thing: the document that it shows
// to those who watch. Only where it shows none, or the signal is ahead of it, the thing is read, and that is remembered: a sender who
// tells a hundred things makes one read.
func (c *Conn) pass(channel Channel, m *bus.Message) (row any, err error) {
	judge := channel.Kind.Pass[m.Sig]
	if judge == nil {
		return nil, nil
	}
	err = errAhead
	if row = c.hub.known(c.who.Load().Actor, channel); row != nil {
		err = judge(m, row)
	}
	if !errors.Is(err, errAhead) {
		return row, err
	}
	read, there := c.lore[channel.Name]
	age := time.Since(read.at)
	if there && age < rememberMay {
		if err = judge(m, read.row); !errors.Is(err, errAhead) {
			return read.row, err
		}
		if age < askAgain {
			return nil, errUnheard
		}
	}
	if row, err = c.learn(channel); err != nil {
		return nil, err
	}
	if err = judge(m, row); errors.Is(err, errAhead) {
		return nil, errUnheard
	}
	return row, err
}

// asideAgain is how often what somebody goes on saying is told aside, for whoever came later.
const asideAgain = 5 * time.Second

// aside is what a connection has told aside last.
type aside struct {
	data string
	at   time.Time
}

// tellAside tells another channel what it may know of a signal that was let pass.
func (c *Conn) tellAside(channel Channel, m *bus.Message, thing any) {
	say := channel.Kind.Aside[m.Sig]
	if say == nil || thing == nil {
		return
	}
	base, key, data := say(m, thing)
	if base == "" {
		return
	}
	now := aside{fmt.Sprint(data), time.Now()}
	if last := c.asides[key]; last.data == now.data && now.at.Sub(last.at) < asideAgain {
		return
	}
	if c.asides == nil || len(c.asides) >= maxMayTell {
		c.asides = map[string]aside{}
	}
	c.asides[key] = now
	if err := c.hub.Tell(c.who.Load().Actor.Tenant.UUID(), base, m.Sig, key, data); err != nil {
		c.hub.log.Warn("realtime: told aside", "error", err)
	}
}

// learn reads a channel's thing, in the tenant's turn like every set.
func (c *Conn) learn(channel Channel) (any, error) {
	ctx, cancel, who := c.asking()
	defer cancel()
	if err := inTurn(ctx, c.hub.turns, who.Tenant); err != nil {
		return nil, err
	}
	defer c.hub.turns.GiveBack(who.Tenant)
	row, err := c.hub.thing(ctx, who, channel)
	if err != nil {
		return nil, err
	}
	if c.lore == nil || len(c.lore) >= maxMayTell {
		c.lore = map[string]lore{}
	}
	c.lore[channel.Name] = lore{row, time.Now()}
	return row, nil
}

func (h *Hub) thing(ctx context.Context, who policy.Actor, channel Channel) (any, error) {
	set, err := load(ctx, h.cfg.DB, who.Tenant, channel)
	if err != nil {
		return nil, err
	}
	for _, e := range channel.canonical(set).Entities {
		if e.Name == channel.Thing && e.row != nil {
			return e.row, nil
		}
	}
	return nil, fault.New("not_found")
}

// known is the row of a channel's thing as this node shows it; nil: it does not.
func (h *Hub) known(who policy.Actor, c Channel) any {
	name := subjectOf(who.Tenant.UUID(), c.Base)
	s := h.shard(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub := s.subjects[name]; sub != nil {
		if e := sub.entities[c.Thing]; e != nil {
			return e.row
		}
	}
	return nil
}
