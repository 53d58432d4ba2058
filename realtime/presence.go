package realtime

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// presence tells PostgreSQL who is connected to this node: one lease for the node, renewed, and a row for each connection,
// written in batches. Whoever asks sees only what belongs to a lease that runs, so a node that dies without a word is
// believed for a lease at most; one that was stopped and goes on finds its lease gone and tells everything anew.
//
// On failure: PostgreSQL away, what is to be told waits (as sets, so it cannot grow beyond the connections), and once it is
// back everything is told.
type presence struct {
	hub   *Hub
	epoch uuid.UUID // of this run
	wake  chan struct{}

	mu    sync.Mutex
	come  map[*Conn]struct{}          // guarded by mu: not told yet
	left  map[uuid.UUID]store.Present // guarded by mu
	whole bool                        // guarded by mu: everybody must be told again
}

const (
	presenceBatch = 250 * time.Millisecond // what one write waits for company
	presenceMost  = 2000                   // in one write
	presenceWait  = 5 * time.Second
)

func newPresence(h *Hub) *presence {
	return &presence{hub: h, epoch: ident.New(), wake: make(chan struct{}, 1), come: map[*Conn]struct{}{}, left: map[uuid.UUID]store.Present{}}
}

func (p *presence) entered(c *Conn) { p.note(func() { p.come[c] = struct{}{} }) }

func (p *presence) gone(c *Conn) {
	p.note(func() {
		if _, untold := p.come[c]; untold {
			delete(p.come, c)
			return
		}
		p.left[c.id] = c.present()
	})
}

func (p *presence) note(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (c *Conn) present() store.Present {
	a := c.who.Load().Actor
	return store.Present{Tenant: a.Tenant, User: a.User, Conn: c.id, Device: a.Session, Browser: c.browser, Since: c.since}
}

// run tells until ctx ends, and then gives the lease up.
func (p *presence) run(ctx context.Context) {
	lease := p.hub.cfg.Timing.Lease
	beat := time.NewTimer(0)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			if err := p.hub.cfg.DB.System().NodeGone(last, p.epoch); err != nil {
				p.hub.log.Warn("realtime: the node's lease runs out by itself", "err", err)
			}
			return
		case <-beat.C:
			p.beat(ctx, lease)
			beat.Reset(lease / 3)
			continue
		case <-p.wake:
		}
		select { // some company
		case <-ctx.Done():
			continue
		case <-time.After(presenceBatch):
		}
		p.tell(ctx)
	}
}

func (p *presence) beat(ctx context.Context, lease time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, presenceWait)
	defer cancel()
	sys := p.hub.cfg.DB.System()
	fresh, err := sys.NodeBeat(ctx, p.epoch, p.hub.cfg.Node, lease)
	if err != nil {
		p.hub.log.Warn("realtime: the node's lease is not renewed", "err", err)
		p.again()
		return
	}
	p.note(func() { p.whole = p.whole || fresh })
	if err := sys.NodesReap(ctx); err != nil {
		p.hub.log.Debug("realtime: dead nodes are not swept", "err", err)
	}
}

// tell writes who has come and who has left, and asks to be called again if that was not all.
func (p *presence) tell(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, presenceWait)
	defer cancel()
	come, left := p.take()
	sys := p.hub.cfg.DB.System()
	if len(left) > 0 {
		if err := sys.PresenceLeave(ctx, left); err != nil {
			p.mu.Lock()
			for _, x := range left { // rows that stay would say that somebody is here
				p.left[x.Conn] = x
			}
			p.mu.Unlock()
			p.hub.log.Warn("realtime: who has left is not told", "err", err)
			p.again()
		}
	}
	if len(come) > 0 {
		if err := sys.PresenceEnter(ctx, p.epoch, come); err != nil {
			p.hub.log.Warn("realtime: who has come is not told", "err", err)
			p.again()
		}
	}
}

// take is the next batch.
func (p *presence) take() (come, left []store.Present) {
	everybody := p.hub.crowd.all()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.whole {
		p.whole = false
		for _, c := range everybody {
			p.come[c] = struct{}{}
		}
	}
	for c := range p.come {
		if len(come) == presenceMost {
			break
		}
		delete(p.come, c)
		come = append(come, c.present())
	}
	for id, x := range p.left {
		if len(left) == presenceMost {
			break
		}
		delete(p.left, id)
		left = append(left, x)
	}
	if len(p.come)+len(p.left) > 0 {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
	return come, left
}

// again has everything told with the next beat.
func (p *presence) again() {
	p.mu.Lock()
	p.whole = true
	p.mu.Unlock()
}
