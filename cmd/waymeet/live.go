package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/realtime/bus"
	"github.com/waymeet/waymeet/store/outbox"
	"github.com/waymeet/waymeet/web"
)

// sayGoodbye is how long the sockets of a node that ends are sent away over, so that
// the other nodes do not meet all of them at once. Dev has no other nodes.
const sayGoodbye = 4 * time.Second

// openLive joins the live layer with identity behind it; its calls go to the web server, which stands later.
func (n *node) openLive() (err error) {
	n.calls = &calls{}
	n.hub, err = realtime.New(realtime.Config{
		DB: n.db, RedisURL: n.cfg.redis.reveal(), Node: n.cfg.node, Origins: append([]string{origin(n.cfg.publicURL)}, n.cfg.allowedOrigins...), Logger: n.log,
		Auth: doors{n.people}, Caller: n.calls, OnAccess: n.people.Heard,
		Refuse:     func(w http.ResponseWriter, r *http.Request, err error) { n.web.Refuse(w, r, err) },
		OnPresence: n.attend, OnQueues: n.match.Heard,
		Limits: n.limits, Address: func(r *http.Request) string { return web.ClientKey(web.ClientAddr(r, n.cfg.trustedProxies)) },
	})
	if err != nil {
		return fmt.Errorf("live: %w", err)
	}
	n.people.OnRevoked(func(r identity.Revocation) { n.hub.Recheck(r.Tenant, event.Access{User: r.User}) })
	n.behind = append(n.behind, part{"live", n.hub.Run})
	return nil
}

// origin is a URL's, as browsers say it.
func origin(of string) string {
	u, err := url.Parse(of)
	if err != nil {
		return of // no browser says that
	}
	return u.Scheme + "://" + u.Host
}

// limits are the protocol's, but for what the tenant has settled otherwise.
func (n *node) limits(p realtime.Principal) realtime.Limits {
	l, own := realtime.DefaultLimits, p.Actor.Live
	if n.cfg.unpaced && !n.cfg.limited {
		l.Burst, l.Every = 1_000_000, time.Microsecond
	}
	if own.FrameBytes > 0 {
		l.Frame = own.FrameBytes
	}
	if own.Subscriptions > 0 {
		l.Subscriptions = own.Subscriptions
	}
	if own.Windows > 0 {
		l.Windows = own.Windows
	}
	if own.RequestsPerS > 0 {
		l.Every = time.Second / time.Duration(own.RequestsPerS)
	}
	if own.Burst > 0 {
		l.Burst = own.Burst
	}
	if own.Connections > 0 {
		l.UserConns = own.Connections
	}
	l.Deflate = own.Deflate
	if own.AllConnections > 0 {
		l.Tenant.Connections = own.AllConnections
	}
	if own.AllSubscriptions > 0 {
		l.Tenant.Subscriptions = own.AllSubscriptions
	}
	if own.AllWindows > 0 {
		l.Tenant.Windows = own.AllWindows
	}
	if own.AllRequestsPerS > 0 {
		l.Tenant.RequestsPerS = own.AllRequestsPerS
	}
	if own.AllBytesPerS > 0 {
		l.Tenant.BytesPerS = own.AllBytesPerS
	}
	return l
}

// doors is identity as the live layer asks it.
type doors struct{ people *identity.Service }

func (d doors) Made(credential string) (mark string, ok bool) { return d.people.Made(credential) }

func (d doors) Ticket(ctx context.Context, token string) (realtime.Principal, error) {
	c, err := d.people.UseTicket(ctx, token)
	return realtime.Principal(c), spent(err)
}

func (d doors) Bearer(ctx context.Context, token string) (realtime.Principal, error) {
	c, err := d.people.Check(ctx, token)
	return realtime.Principal(c), spent(err)
}

// spent is identity's word for a credential that counts no more, as the live layer says it.
func spent(err error) error {
	if errors.Is(err, identity.ErrSpent) {
		return fmt.Errorf("%w: %w", realtime.ErrSpent, err)
	}
	return err
}

func (d doors) Refresh(ctx context.Context, p realtime.Principal) (realtime.Principal, error) {
	a, err := d.people.Actor(ctx, p.Actor.Tenant, p.Actor.User, p.Actor.Session)
	p.Actor = a
	return p, err
}

// calls hands socket calls to the web server, so that they pass the same doors.
type calls struct{ web *web.Server }

func (c *calls) Call(ctx context.Context, a policy.Actor, operation, key string, args json.RawMessage) (int, json.RawMessage) {
	if c.web == nil {
		return http.StatusServiceUnavailable, nil
	}
	return c.web.Call(ctx, a, operation, key, args)
}

// sets reads live channels over HTTP.
type sets struct{ hub *realtime.Hub }

// Expects says whether a ticket would be of use here just now.
func (s sets) Expects(ctx context.Context) error {
	a, ok := policy.ActorFrom(ctx)
	if !ok {
		return fault.New("unauthenticated")
	}
	return s.hub.Expects(a)
}

func (s sets) Set(ctx context.Context, channel string) (json.RawMessage, error) {
	return s.hub.Set(ctx, channel)
}

// measureLive shows the live layer's numbers.
func (n *node) measureLive(m *telemetry.Metrics) {
	gauge := func(name, help string, of func(realtime.Stats) float64) {
		m.Gauge("waymeet_live_"+name, help, func() float64 { return of(n.hub.Stats()) })
	}
	counter := func(name, help string, of func(realtime.Stats) uint64) {
		m.Counter("waymeet_live_"+name+"_total", help, func() float64 { return float64(of(n.hub.Stats())) })
	}
	flag := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	gauge("connections", "Open sockets.", func(s realtime.Stats) float64 { return float64(s.Connections) })
	gauge("subscriptions", "Subscriptions of open sockets.", func(s realtime.Stats) float64 { return float64(s.Subscriptions) })
	gauge("windows", "Boards with their filters that are kept current, each once.", func(s realtime.Stats) float64 { return float64(s.Windows) })
	gauge("bus_up", "Whether Redis is heard.", func(s realtime.Stats) float64 { return flag(s.Bus) })
	gauge("stale", "Whether this node may lack something.", func(s realtime.Stats) float64 { return flag(s.Stale) })
	counter("requests", "Requests on sockets.", func(s realtime.Stats) uint64 { return s.Requests })
	counter("deliveries", "Frames handed to sockets.", func(s realtime.Stats) uint64 { return s.Deliveries })
	counter("conflations", "Changes that a slow client skipped for a newer one.", func(s realtime.Stats) uint64 { return s.Conflations })
	counter("dropped_signals", "Signals that a slow client did not get.", func(s realtime.Stats) uint64 { return s.DroppedSignals })
	m.Counters("waymeet_live_refused_total", "Upgrades refused: of those who may come later, and of strangers, without a credential that counts.", "who",
		map[string]func() float64{
			"later":    func() float64 { return float64(n.hub.Stats().Refused) },
			"stranger": func() float64 { return float64(n.hub.Stats().Strangers) },
		})
	counter("resumed_by_patch", "Entities that a client was brought up to date with by a patch.", func(s realtime.Stats) uint64 { return s.ResumedByPatch })
	counter("accepted", "Sockets opened.", func(s realtime.Stats) uint64 { return s.Accepted })
	gauge("backlog_bytes", "Bytes that wait for sockets which cannot take them.", func(s realtime.Stats) float64 { return float64(s.Backlog) })
	gauge("behind", "Sockets that something waits for.", func(s realtime.Stats) float64 { return float64(s.Behind) })
	m.Counters("waymeet_live_resumes_total", "Subscriptions of clients that had something: told what differs (patch), or all (snapshot).", "kind",
		map[string]func() float64{
			"patch":    func() float64 { return float64(n.hub.Stats().Resumed) },
			"snapshot": func() float64 { return float64(n.hub.Stats().BegunAnew) },
		})
	m.Histogram("waymeet_live_lag_seconds", "From a change's commit to its being written to this node's sockets.",
		func() (uint64, time.Duration, map[time.Duration]uint64) {
			l := n.hub.Stats().Lag
			return l.Count, l.Sum, l.Classes
		})
	tail := func(name, help string, of func(outbox.Lag) float64) {
		m.Gauge("waymeet_outbox_"+name, help, func() float64 { return of(n.hub.Stats().Tail) })
	}
	tail("waiting_seconds", "Age of the newest row that the tail has read, while more wait to be read.", func(l outbox.Lag) float64 { return l.Waiting.Seconds() })
	tail("held_seconds", "How long one transaction has been open.", func(l outbox.Lag) float64 { return l.Held.Seconds() })
	m.Counter("waymeet_outbox_poison_total", "Rows set aside because they cannot be read.", func() float64 { return float64(n.hub.Stats().Tail.Poison) })
	counter("throttled", "Batches of changes that waited for their tenant's bytes.", func(s realtime.Stats) uint64 { return s.Throttled })
	carried := func(name, help string, of func(bus.Stats) uint64) {
		m.Counter("waymeet_bus_"+name+"_total", help, func() float64 { return float64(of(n.hub.Stats().Traffic)) })
	}
	carried("reconnects", "Times that Redis was heard again after a loss.", func(s bus.Stats) uint64 { return s.Reconnects })
	carried("received", "Messages heard.", func(s bus.Stats) uint64 { return s.Received })
	carried("published", "Messages that Redis took.", func(s bus.Stats) uint64 { return s.Published })
	carried("dropped", "Messages that Redis did not take; the outbox heals changes.", func(s bus.Stats) uint64 { return s.Dropped })
	counter("sets_read", "Sets read from PostgreSQL.", func(s realtime.Stats) uint64 { return s.SetsRead })
	counter("panics", "Bugs that one request, set or connection met; the log has each with its stack.", func(s realtime.Stats) uint64 { return s.Panics })
	counter("sent_whole", "Entities sent whole in a set.", func(s realtime.Stats) uint64 { return s.SentWhole })
}
