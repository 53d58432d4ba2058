package realtime

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime/wire"
)

// Conn is one client's socket.
type Conn struct {
	*socket
	hub        *Hub
	id         uuid.UUID
	since      time.Time
	browser    bool // it came by a ticket
	limits     Limits
	quota      *quota // its tenant's, on this node
	userEntity string // "user/…": whom signals can be addressed to
	who        atomic.Pointer[Principal]
	rights     sync.Mutex // held while who is asked for and changed; nothing else waits for it

	subs    map[string]*subscription // guarded by mu
	dirty   []*subscription          // guarded by mu: those that lack something, in turn
	gone    bool                     // guarded by mu: it has left the hub
	lined   bool                     // guarded by mu: it waits for its tenant's bytes
	told    int                      // guarded by mu: bytes of signals that wait, of all subscriptions
	windows int                      // guarded by mu: subscriptions of wide kinds
	paid    int                      // guarded by mu: bytes that it was charged when it was let go

	// owned by the reader
	in      wire.Inbound
	deaf    bool // its stream is broken: nothing is understood any more
	bidden  bool // it has said goodbye
	pace    allowance
	opened  allowance            // of channels
	idle    allowance            // of what asks nothing: pings, pongs, blank messages
	clumsy  []time.Time          // of broken requests in the last minute
	mayTell map[string]time.Time // until when, by channel
	mayFor  *Principal           // for whom mayTell was found out
	asides  map[string]aside     // by key: what was told aside last
	lore    map[string]lore      // by channel: what signals are judged by where the node does not know

	calls chan struct{} // a place for each call under way

	// owned by the sweep
	pinged   time.Time
	acked    int64
	ackedAt  time.Time
	doubtful atomic.Bool  // its rights must be asked again
	doubted  atomic.Int64 // unix nanoseconds of the first doubt that has no answer; zero: there is none
}

const (
	maxCalls  = 8
	callWait  = 20 * time.Second
	maxClumsy = 5
)

// frames sends one or more objects as one message that must arrive.
func (c *Conn) frame(payload []byte) {
	c.quota.answered(len(payload))
	if c.in.Deflate && len(payload) >= wire.DeflateFrom { // sets, mostly: pushes are encoded once for all, and small
		c.send(wire.AppendDeflated(nil, payload))
		return
	}
	c.send(wire.AppendFrame(nil, payload))
}

// read is the connection's life: it returns when the socket has ended. Once we have said goodbye it waits for the client's,
// as the other side of a close must, until the deadline that came with it.
func (c *Conn) read() {
	defer c.finish()
	defer c.fall()
	for !c.bidden {
		input, err := c.input()
		if err != nil {
			return
		}
		if !c.deaf {
			var broken *wire.Violation
			if errors.As(c.in.Take(input, c.frameIn), &broken) {
				c.deaf = true
				c.fail(broken.Code, broken.Reason)
			}
		}
		c.release()
		if c.deaf { // what is only thrown away is not worth a processor
			time.Sleep(deafPause)
		}
	}
}

// deafPause is between two reads of a stream that is not understood any more, until its client ends it or its moment is over.
const deafPause = time.Millisecond

// idling is how much may come that asks nothing; a client that lives has use for one in 25 seconds.
var idling = Limits{Burst: 100, Every: 50 * time.Millisecond}

// frameIn takes one message or control frame; false ends the reading.
func (c *Conn) frameIn(op byte, payload []byte) bool {
	if (op == wire.OpPing || op == wire.OpPong || op == wire.OpText && wire.Blank(payload)) && !c.idle.take(idling, time.Now(), 1) {
		c.deaf = true
		c.fail(wire.CloseFlooding, "too much that asks nothing")
		return false
	}
	switch op {
	case wire.OpPing:
		if c.sendControl(wire.AppendPong(nil, payload)) != nil {
			c.deaf = true
			c.fail(wire.CloseFlooding, "pings that nobody reads the answers to")
		}
	case wire.OpPong:
	case wire.OpClose:
		c.goodbye(payload)
	default:
		c.message(op, payload)
	}
	return !c.deaf && !c.bidden
}

// goodbye answers a close frame with its own code, unless we were first.
func (c *Conn) goodbye(payload []byte) {
	c.bidden = true
	code, err := wire.Closing(payload)
	var broken *wire.Violation
	switch {
	case errors.As(err, &broken):
		_ = c.sendControl(wire.CloseFrame(broken.Code, broken.Reason))
	case code == 0:
		_ = c.sendControl(wire.CloseWordless)
	default:
		_ = c.sendControl(wire.CloseFrame(code, ""))
	}
}

func (c *Conn) message(op byte, msg []byte) {
	switch {
	case c.leaving(): // whoever was told goodbye is not served
	case op != wire.OpText:
		c.shut(wire.CloseBinary, "text only")
	case !utf8.Valid(msg):
		c.shut(wire.CloseNotUTF8, "text is not UTF-8")
	default:
		c.handle(msg)
	}
}

// finish takes the connection out of everything. A drainer that still has something to
// say, a goodbye perhaps, gets a moment and closes behind itself.
func (c *Conn) finish() {
	c.mu.Lock()
	c.gone = true
	subs := make([]*subscription, 0, len(c.subs))
	for _, s := range c.subs {
		subs = append(subs, s)
	}
	c.mu.Unlock()
	for _, s := range subs {
		s.detach()
	}
	c.hub.crowd.leave(c)
	if !c.part() {
		_ = c.Close()
	}
}

// handle takes a message apart. Requests are answered in order, but for calls and
// signals, which wait for others.
func (c *Conn) handle(msg []byte) {
	left := patience(mostTurns)
	for !wire.Blank(msg) {
		if !c.awaitRoom() {
			return
		}
		req, rest, err := wire.Next(msg)
		now := time.Now()
		own := c.pace.take(c.limits, now, 1) // before any wait: who floods is told so, and closed, however slow his tenant is
		if !own && c.pace.refused > abuse {
			c.shut(wire.CloseFlooding, "too many requests")
			return
		}
		switch {
		case !own || !c.quota.request(now, req.Weight()) || !c.awaitTurn(req, &left):
			c.frame(wire.AppendErr(nil, req.ID, req.HasID, refusal(c.locale(), fault.New("rate_limited"))))
		case err != nil:
			c.broken(req)
		default:
			c.serve(req)
		}
		msg = rest
	}
}

func (c *Conn) serve(r wire.Request) {
	c.hub.counts.requests.Add(1)
	switch r.Verb {
	case wire.Sub:
		c.apart(r, c.subscribe)
	case wire.Unsub:
		c.unsubscribe(r)
	case wire.Call:
		c.call(r)
	case wire.Signal:
		if c.maySurely(r.Channels[0]) {
			c.signal(r) // hundreds a second, and nobody is asked
		} else {
			c.apart(r, c.signal)
		}
	case wire.Auth:
		c.apart(r, c.renew)
	}
}

// apart serves a request on another goroutine and waits for it: what goes deep (PostgreSQL, policies) must not leave every idle
// connection with a grown stack.
func (c *Conn) apart(r wire.Request, serve func(wire.Request)) {
	done := make(chan struct{})
	if c.hub.crew.do(func() { defer close(done); defer c.outlive(r); serve(r) }, c.hub.spawn, c.hub.ctx().Done()) {
		<-done
	}
}

// broken answers what is no request; five in a minute are enough.
func (c *Conn) broken(r wire.Request) {
	now := time.Now()
	kept := c.clumsy[:0]
	for _, t := range c.clumsy {
		if now.Sub(t) < time.Minute {
			kept = append(kept, t)
		}
	}
	c.clumsy = append(kept, now)
	c.frame(wire.AppendErr(nil, r.ID, r.HasID, refusal(c.locale(), fault.New("bad_request"))))
	if len(c.clumsy) >= maxClumsy {
		c.shut(wire.CloseBadRequest, "too many broken requests")
	}
}

func (c *Conn) ok(r wire.Request, body []byte) { c.frame(wire.AppendOK(nil, r.ID, body)) }

func (c *Conn) refuse(r wire.Request, err error) {
	f := fault.As(err)
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		c.hub.log.Warn("realtime: a request failed", "conn", c.id, "code", f.Code, "err", err)
	}
	c.frame(wire.AppendErr(nil, r.ID, true, refusal(c.locale(), f)))
}

// refusal is a fault as the wire tells it.
func refusal(locale string, f *fault.Error) wire.Refusal {
	return wire.Refusal{Code: f.Code, Message: f.Sentence(locale), Retry: f.Kind == fault.Unavailable || f.Kind == fault.RateLimited && f.Code != wire.CodeTooMany}
}

func (c *Conn) locale() string {
	if p := c.who.Load(); p != nil {
		return p.Actor.Locale
	}
	return ""
}

// asking is a context in which the connection's actor asks.
func (c *Conn) asking() (context.Context, context.CancelFunc, policy.Actor) {
	who := c.who.Load().Actor
	ctx, cancel := context.WithTimeout(c.hub.ctx(), callWait)
	return policy.With(ctx, who), cancel, who
}
