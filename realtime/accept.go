package realtime

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/realtime/wire"
)

// ServeHTTP upgrades GET /v1/realtime. It returns as soon as the socket stands: a handler
// that stayed would keep the request, its buffers and a grown stack for the socket's life.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, err := h.admit(r)
	if err != nil {
		h.counts.refused.Add(1)
		h.cfg.Refuse(w, r, err)
		return
	}
	limits := h.cfg.Limits(p)
	if limits.Tenant == (TenantLimits{}) {
		limits.Tenant = DefaultTenantLimits
	}
	place := h.crowd.reserve(h, p.Actor.Tenant, limits.Tenant)
	if place == nil {
		h.counts.refused.Add(1)
		h.cfg.Refuse(w, r, fault.New("too_many").After(retryFull))
		return
	}
	g, direct := w.(*greeting)
	var rw *upgrade
	if !direct {
		rw = &upgrade{ResponseWriter: w, spawn: h.spawn}
		w = rw
	}
	ws, err := websocket.Accept(w, r, &acceptOptions)
	if err != nil { // Accept has answered
		h.crowd.mu.Lock()
		h.crowd.giveBack(p.Actor.Tenant, place)
		h.crowd.mu.Unlock()
		return
	}
	var s *socket
	var first []byte
	if direct {
		s = g.taken
		if first, err = g.begin(); err != nil {
			_ = ws.CloseNow()
			h.crowd.mu.Lock()
			h.crowd.giveBack(p.Actor.Tenant, place)
			h.crowd.mu.Unlock()
			return
		}
	} else {
		s = rw.socket
	}
	h.counts.accepted.Add(1)
	ws.SetReadLimit(limits.Frame)
	c := &Conn{
		socket: s, hub: h, ws: ws, id: ident.New(), limits: limits, quota: place,
		userEntity: "user/" + p.Actor.User.String(),
		subs:       map[string]*subscription{}, calls: make(chan struct{}, maxCalls),
	}
	c.browser = strings.Contains(r.Header.Get("Sec-WebSocket-Protocol"), wire.TicketPrefix)
	c.refill = c.encode
	c.who.Store(&p)
	now := time.Now()
	c.since, c.pinged, c.ackedAt, c.acked = now, now, now, -1
	c.send(wire.AppendFrame(first, wire.AppendHello(nil, wire.Hello{
		Conn: c.id.String(), Node: h.cfg.Node, User: c.userEntity, Epoch: h.Epoch(), PingMS: int(h.cfg.Timing.Ping.Milliseconds()),
		MaxFrame: int(limits.Frame), AuthExp: p.Expires.Unix(),
	})))
	if !h.crowd.enter(c) || !h.spawn(c.read) {
		c.shut(wire.CloseDrain, "the node is leaving")
		h.crowd.leave(c)
		_ = ws.CloseNow()
	}
}

// retryFull is when a tenant that has all its connections may try again.
const retryFull = 10 * time.Second

var acceptOptions = websocket.AcceptOptions{
	Subprotocols:       []string{wire.Subprotocol},
	InsecureSkipVerify: true, // admit has looked at the origin
	CompressionMode:    websocket.CompressionDisabled,
}

// admit says who knocks, before anything is upgraded.
func (h *Hub) admit(r *http.Request) (p Principal, err error) {
	offered := offers(r.Header)
	if !slices.Contains(offered, wire.Subprotocol) {
		return p, fault.New("bad_request").At("header/Sec-WebSocket-Protocol")
	}
	if h.Epoch() == "" || h.crowd.leaving() {
		return p, fault.New("unavailable").After(time.Second)
	}
	if wait, ok := h.accept.take(time.Now()); !ok {
		return p, fault.New("rate_limited").After(wait)
	}
	for _, o := range offered {
		if token, ok := strings.CutPrefix(o, wire.TicketPrefix); ok {
			if !h.allowed(r) {
				return p, fault.New("forbidden").At("header/Origin")
			}
			p, err = h.cfg.Auth.Ticket(r.Context(), token)
			return p, err
		}
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return h.cfg.Auth.Bearer(r.Context(), token)
	}
	return p, fault.New("unauthenticated")
}

func offers(header http.Header) (out []string) {
	for _, line := range header.Values("Sec-WebSocket-Protocol") {
		for _, o := range strings.Split(line, ",") {
			out = append(out, strings.TrimSpace(o))
		}
	}
	return out
}

// allowed says that a browser's page may connect: it is our own, or one of a list.
func (h *Hub) allowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(u.Host, r.Host) || slices.Contains(h.cfg.Origins, origin)
}

// upgrade gives coder/websocket our socket and small buffers: a control frame fits, and
// input is lent a buffer only while there is some.
type upgrade struct {
	http.ResponseWriter
	spawn  func(func()) bool
	socket *socket
}

func (u *upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, brw, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	_ = nc.SetDeadline(time.Time{}) // the server's deadlines were for a request
	early, _ := brw.Reader.Peek(brw.Reader.Buffered())
	u.socket = newSocket(nc, early, u.spawn)
	return u.socket, small(u.socket), nil
}

func small(s *socket) *bufio.ReadWriter {
	return bufio.NewReadWriter(bufio.NewReaderSize(s, 16), bufio.NewWriterSize(s, 128))
}

// accepts paces upgrades, so that a storm of reconnects is told to come later, one by one.
type accepts struct {
	mu   sync.Mutex
	full time.Time // guarded by mu
}

const (
	acceptEvery = 400 * time.Microsecond // what two cores can do
	acceptBurst = 15_000
)

func (a *accepts) take(now time.Time) (wait time.Duration, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.full.Before(now) {
		a.full = now
	}
	if ahead := a.full.Sub(now); ahead > acceptBurst*acceptEvery {
		return ahead.Round(time.Second) + time.Second, false
	}
	a.full = a.full.Add(acceptEvery)
	return 0, true
}

// refuse answers as RFC 9457 asks.
func refuse(w http.ResponseWriter, _ *http.Request, err error) {
	f := fault.As(err)
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds()+0.999)))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(f.Kind.Status())
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "about:blank", "title": http.StatusText(f.Kind.Status()), "status": f.Kind.Status(), "code": f.Code, "detail": f.Sentence("en"),
	})
}
