package realtime

import (
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/realtime/wire"
)

// crowd is everybody who is connected to this node.
type crowd struct {
	mu    sync.Mutex
	conns map[*Conn]struct{} // guarded by mu
	users map[person][]*Conn // guarded by mu, oldest first
	shut  bool               // guarded by mu: nobody may come any more

	quotas map[tenant.ID]*quota // guarded by mu: of tenants that have connections
}

type person struct {
	tenant tenant.ID
	user   uuid.UUID
}

func (c *Conn) person() person {
	a := c.who.Load().Actor
	return person{a.Tenant, a.User}
}

// enter lets a connection in. A user's oldest gives way to one too many.
func (w *crowd) enter(c *Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shut {
		return false
	}
	p := c.person()
	w.conns[c] = struct{}{}
	c.hub.here.entered(c)
	c.tellPresence(true)
	w.users[p] = append(w.users[p], c)
	if n := len(w.users[p]) - c.limits.UserConns; n > 0 {
		for _, old := range w.users[p][:n] {
			old.shut(wire.CloseReplaced, "too many connections of this user")
		}
		w.users[p] = slices.Clone(w.users[p][n:])
	}
	return true
}

// tellPresence tells whoever wants to know that the connection is there, or has gone.
func (c *Conn) tellPresence(here bool) {
	if f := c.hub.cfg.OnPresence; f != nil {
		f(c.who.Load().Actor, c.id, here)
	}
}

// leaving says that the node takes nobody any more.
func (w *crowd) leaving() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.shut
}

func (w *crowd) leave(c *Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := c.person()
	if _, in := w.conns[c]; in {
		delete(w.conns, c)
		c.hub.here.gone(c)
		c.tellPresence(false)
	}
	w.giveBack(p.tenant, c.quota)
	rest := slices.DeleteFunc(w.users[p], func(x *Conn) bool { return x == c })
	if len(rest) == 0 {
		delete(w.users, p)
	} else {
		w.users[p] = rest
	}
}

func (w *crowd) all() []*Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]*Conn, 0, len(w.conns))
	for c := range w.conns {
		out = append(out, c)
	}
	return out
}

func (w *crowd) each(f func(*Conn)) {
	for _, c := range w.all() {
		f(c)
	}
}

// shutAll closes the doors and every socket.
func (w *crowd) shutAll() {
	w.mu.Lock()
	w.shut = true
	w.mu.Unlock()
	w.each(func(c *Conn) { c.shut(wire.CloseDrain, "the node is leaving") })
}
