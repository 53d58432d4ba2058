package realtime

import (
	"runtime/debug"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
)

// A bug that one request, one set or one connection meets is not everybody's: whoever asked is told `internal`, and the node
// goes on. What brings news to all (lanes, the tail, the bus) is not held together like that: after a bug there nobody
// knows what was shown, and a node that starts anew does.

// caught notes what recover returned, and says it as a fault. It must be called by the function that recovered.
func (h *Hub) caught(where string, cause any) error {
	h.counts.panics.Add(1)
	h.log.Error("realtime: panic", "in", where, "cause", cause, "stack", string(debug.Stack()))
	return fault.New("internal")
}

// outlive is deferred around a request that may meet a bug: it has its answer all the same. What it was about is half done,
// rights perhaps, so the connection begins anew.
func (c *Conn) outlive(r wire.Request) {
	if p := recover(); p != nil {
		c.refuseFor(r, c.hub.caught("a request", p))
		c.shut(wire.CloseInternal, "an error of ours")
	}
}

// outliveCall is outlive for what leaves nothing half done here.
func (c *Conn) outliveCall(r wire.Request) {
	if p := recover(); p != nil {
		c.refuseFor(r, c.hub.caught("a call", p))
	}
}

// fall is deferred around what a connection's own goroutines do.
func (c *Conn) fall() {
	if p := recover(); p != nil {
		_ = c.hub.caught("a connection", p)
		c.shut(wire.CloseInternal, "an error of ours")
	}
}

// encodeOrFall is encode for the drainer.
func (c *Conn) encodeOrFall() []byte {
	defer c.fall()
	return c.encode()
}

// abandon takes a subscription away that a bug left without its answer.
func (c *Conn) abandon(channel string) {
	c.mu.Lock()
	s := c.subs[channel]
	left := s != nil && s.held
	c.mu.Unlock()
	if left {
		s.detach()
	}
}

// refuseFor answers a request whose bug is in the log already.
func (c *Conn) refuseFor(r wire.Request, err error) {
	c.frame(wire.AppendErr(nil, r.ID, true, refusal(c.locale(), fault.As(err))))
}
