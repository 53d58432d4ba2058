package realtime

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/realtime/wire"
)

// ServeHTTP upgrades GET /v1/realtime. It returns as soon as the socket stands: a handler
// that stayed would keep the request, its buffers and a grown stack for the socket's life.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(as *atomic.Uint64, err error) {
		as.Add(1)
		w.Header().Set("Connection", "close") // one knock a connection: a hundred in one write would cost their sender nothing
		h.cfg.Refuse(w, r, err)
	}
	heard := h.heardOfAccess.Load()
	p, err := h.admit(r)
	if err != nil {
		as := &h.counts.strangers
		if kind := fault.As(err).Kind; kind == fault.Unavailable || kind == fault.Internal { // nobody can tell whether they are
			as = &h.counts.refused
		}
		refuse(as, err)
		return
	}
	key, ok := handshake(w, r)
	if !ok {
		return
	}
	limits := h.limits(p)
	place := h.crowd.reserve(h, p.Actor.Tenant, limits.Tenant)
	if place == nil {
		refuse(&h.counts.refused, fault.New("too_many").After(retryFull))
		return
	}
	free := func() {
		h.crowd.mu.Lock()
		h.crowd.giveBack(p.Actor.Tenant, place)
		h.crowd.mu.Unlock()
	}
	// Last, so that whoever opens nothing takes nobody's turn.
	if wait, ok := h.accept.take(p.Actor, limits.UserConns, time.Now()); !ok {
		free()
		refuse(&h.counts.refused, fault.New("rate_limited").After(wait))
		return
	}
	s, err := h.take(w)
	if err != nil {
		free()
		return
	}
	deflate := limits.Deflate && wire.AcceptsDeflate(r.Header.Values("Sec-WebSocket-Extensions"))
	first, err := s.begin(agreed(key, deflate))
	if err != nil {
		free()
		_ = s.Close()
		return
	}
	h.counts.accepted.Add(1)
	c := &Conn{
		socket: s, hub: h, id: ident.New(), limits: limits, quota: place,
		userEntity: "user/" + p.Actor.User.String(),
		subs:       map[string]*subscription{}, calls: make(chan struct{}, maxCalls),
	}
	c.browser = strings.Contains(r.Header.Get("Sec-WebSocket-Protocol"), wire.TicketPrefix)
	c.in.Limit, c.in.Deflate = limits.Frame, deflate
	c.refill = c.encodeOrFall
	c.who.Store(&p)
	now := time.Now()
	c.since, c.pinged, c.ackedAt, c.acked = now, now, now, -1
	c.send(wire.AppendFrame(first, wire.AppendHello(nil, wire.Hello{
		Conn: c.id.String(), Node: h.cfg.Node, User: c.userEntity, Epoch: h.Epoch(), PingMS: int(h.cfg.Timing.Ping.Milliseconds()),
		MaxFrame: int(limits.Frame), AuthExp: p.Expires.Unix(),
	})))
	if !h.crowd.enter(c) || !h.spawn(c.read) { // the node began to leave while they came in
		c.bid()
		c.shut(wire.CloseDrain, "the node is leaving")
		h.crowd.leave(c)
		_ = c.Close()
		return
	}
	if h.heardOfAccess.Load() != heard { // it was let in on what was read before, and whoever was asked anew was asked without it
		c.doubt()
		h.spawn(c.reconsider)
	}
}

// limits are a principal's, with those of its tenant.
func (h *Hub) limits(p Principal) Limits {
	l := h.cfg.Limits(p)
	if l.Tenant == (TenantLimits{}) {
		l.Tenant = DefaultTenantLimits
	}
	return l
}

// retryFull is when a tenant that has all its connections may try again.
const retryFull = 10 * time.Second

// Misses are knocks without a valid credential: so many at once from an address and then ten a second, whatever they cost the
// node. Beyond that nobody from there is looked at but for those who show what this installation made: an office or a carrier
// stands behind one address, and must not be locked out by one of its people. Of what it made and what counts no more (a used
// ticket, an ended session), a few tries each are looked at; what somebody else made of it counts against nobody's.
var (
	misses = pace.Rate{Burst: 300, Every: 100 * time.Millisecond}
	stale  = pace.Rate{Burst: 5, Every: 10 * time.Second}
)

const missers = 50_000 // addresses, and credentials, that are remembered

// admit says who knocks, before anything is upgraded. Who may not come in is counted by address.
func (h *Hub) admit(r *http.Request) (p Principal, err error) {
	from, offered := h.cfg.Address(r), offers(r.Header)
	token, ticket := credential(r.Header, offered)
	if wait, ok := h.misses.Peek(from, time.Now()); !ok && !h.ours(token) {
		return p, fault.New("rate_limited").After(wait)
	}
	defer func() {
		if err == nil {
			return
		}
		switch fault.As(err).Kind {
		case fault.Unavailable, fault.RateLimited, fault.Internal: // not the client's fault
		default:
			h.misses.Take(from, time.Now())
			if mark, made := h.cfg.Auth.Made(token); made && errors.Is(err, ErrSpent) {
				h.stale.Take(mark, time.Now())
			}
		}
	}()
	if !slices.Contains(offered, wire.Subprotocol) {
		return p, fault.New("bad_request").At("header/Sec-WebSocket-Protocol")
	}
	if h.Epoch() == "" || h.crowd.leaving() {
		return p, fault.New("unavailable").After(time.Second)
	}
	return h.identify(r, token, ticket)
}

// credential is what a request shows; empty: nothing.
func credential(header http.Header, offered []string) (token string, ticket bool) {
	for _, o := range offered {
		if token, ok := strings.CutPrefix(o, wire.TicketPrefix); ok {
			return token, true
		}
	}
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") { // RFC 9110: in any letter case
		return strings.TrimLeft(token, " "), false
	}
	return "", false
}

// ours says that a credential was made by this installation, and was not refused again and again: then it is worth a look,
// whatever else comes from its address. It costs a keyed hash.
func (h *Hub) ours(token string) bool {
	mark, made := h.cfg.Auth.Made(token)
	if made {
		_, made = h.stale.Peek(mark, time.Now())
	}
	return made
}

// identify looks at the credential.
func (h *Hub) identify(r *http.Request, token string, ticket bool) (Principal, error) {
	switch {
	case ticket && !h.allowed(r):
		return Principal{}, fault.New("forbidden").At("header/Origin")
	case ticket:
		return h.cfg.Auth.Ticket(r.Context(), token)
	case token == "":
		return Principal{}, fault.New("unauthenticated")
	}
	return h.cfg.Auth.Bearer(r.Context(), token)
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

// take makes the connection ours.
func (h *Hub) take(w http.ResponseWriter) (*socket, error) {
	if g, direct := w.(*greeting); direct {
		return g.take(), nil
	}
	nc, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	_ = nc.SetDeadline(time.Time{}) // the server's deadlines were for a request
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	if b, ok := nc.(*begun); ok && len(b.early) == 0 { // a Front's, and all that it had read is read
		nc = b.Conn
	}
	return newSocket(nc, early, h.spawn), nil
}

// address is who is counted as one where nobody says better.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
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
