package realtime

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/store"
)

// bug:WHERE is a channel that panics where its name says.
var _ = register(&Kind{
	Name: "bug",
	Read: policy.TripRead,
	Parse: func(rest string, _ policy.Actor) (Channel, bool) {
		if rest == "parse" {
			panic("a bug in a parser")
		}
		c := Channel{Base: "bug:" + rest, Key: rest}
		if rest == "match" {
			c.Match = func(any) bool { panic("a bug in a filter") }
		}
		return c, true
	},
	Load: func(_ context.Context, _ *store.Reader, c Channel) (Set, error) {
		if c.Key == "load" {
			panic("a bug in a reader")
		}
		x := event.Trip{Version: 1}
		return Set{Resource: policy.Resource{Kind: "trip"}, Entities: []Entity{tripEntity(&x, event.OnTrip)}}, nil
	},
})

// Gate holds one tenant's reads of gate: channels back.
type Gate struct {
	tenant tenant.ID
	open   chan struct{}
	once   sync.Once
	under  atomic.Int64
}

var gates sync.Map // of *Gate, by tenant

// HoldReads has a tenant's reads hang until the gate is opened.
func HoldReads(t tenant.ID) *Gate {
	g := &Gate{tenant: t, open: make(chan struct{})}
	gates.Store(t, g)
	return g
}

// Open lets all through.
func (g *Gate) Open() { g.once.Do(func() { gates.Delete(g.tenant); close(g.open) }) }

// Under is how many hang.
func (g *Gate) Under() int { return int(g.under.Load()) }

// ReadShare is how many reads of sets a tenant may have under way.
func (h *Hub) ReadShare() int { return h.turns.Share() }

// SetsWaiting is how many sets wait to be read over HTTP.
func (h *Hub) SetsWaiting() int { return h.sets.Waiting() }

// gate:N is a channel whose reading may hang.
var _ = register(&Kind{
	Name: "gate",
	Read: policy.TripRead,
	Parse: func(rest string, who policy.Actor) (Channel, bool) {
		return Channel{Base: "gate:" + rest, Key: who.Tenant}, true
	},
	Load: func(_ context.Context, _ *store.Reader, c Channel) (Set, error) {
		if g, held := gates.Load(c.Key); held {
			g := g.(*Gate)
			g.under.Add(1)
			<-g.open
		}
		return Set{Resource: policy.Resource{Kind: "trip"}}, nil
	},
})

// TailHurries says whether the tail looks more often, because nothing else brings news.
func (h *Hub) TailHurries() bool { return h.tail.Hurried() }
