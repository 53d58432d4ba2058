package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/employer"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/job"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/media/peer"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web"
	"github.com/waymeet/waymeet/web/hook"
	"github.com/waymeet/waymeet/web/rest"
	"github.com/waymeet/waymeet/web/ui"
)

// drainLimit is how long requests that have begun may take once the node was
// asked to end; orchestrators kill after 30 s.
const drainLimit = 20 * time.Second

// node is one serving process, put together: rooms in, requests out.
type node struct {
	cfg config
	log *slog.Logger
	db  *store.DB
	services
	waiting *waiting
	tracing *telemetry.Tracing
	web     *web.Server
	hub     *realtime.Hub
	calls   *calls

	// behind run beside the requests and outlive the last of them.
	behind []part

	draining atomic.Bool
	schema   atomic.Int64 // the highest version seen
}

// part runs until its context ends.
type part struct {
	name string
	run  func(context.Context) error
}

// openNode connects and builds; nothing is served or started yet.
func openNode(ctx context.Context, cfg config, log *slog.Logger) (*node, error) {
	db, err := openStore(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	return buildNode(ctx, cfg, log, db)
}

func openStore(ctx context.Context, cfg config, log *slog.Logger) (*store.DB, error) {
	return store.Open(ctx, store.Config{AppURL: cfg.database.reveal(), SystemURL: cfg.systemDatabase.reveal(), Logger: log})
}

// buildNode builds on a store, which it closes if it cannot.
func buildNode(ctx context.Context, cfg config, log *slog.Logger, db *store.DB) (_ *node, err error) {
	n := &node{cfg: cfg, log: log, db: db}
	defer func() {
		if err != nil {
			n.db.Close()
		}
	}()
	if n.tracing, err = telemetry.NewTracing(ctx, cfg.otlpEndpoint, built(), cfg.node); err != nil {
		return nil, err
	}
	box, err := seal.Parse(cfg.secret.reveal())
	if err != nil {
		return nil, err
	}
	var rate, address pace.Rate // zero: the defaults
	if cfg.addressRate > 0 {
		address = web.AddressRate(cfg.addressRate)
	}
	if cfg.unpaced {
		rate = pace.Rate{Burst: 1_000_000, Every: time.Microsecond}
		address = rate
	}
	n.people = identity.New(identity.Config{DB: n.db, Box: box, Logger: log, PerAddress: rate, PerAccount: rate, PerPair: rate})
	n.seats = booking.New(booking.Config{DB: n.db, Secret: box, Logger: log})
	n.desk = dispatch.New(n.db, log, nil)
	n.firms = employer.New(n.db, nil)
	n.bills = invoicing.New(n.db)
	metrics := telemetry.NewMetrics(built(), cfg.node)
	relays, err := n.openRelays(ctx, box, metrics)
	if err != nil {
		return nil, err
	}
	if n.media, err = mediaSettings(n.db, cfg.secret, cfg.credentialKeys.reveal(), peer.Config{STUN: cfg.turn.stun, Relays: relays}); err != nil {
		return nil, err
	}
	talks := session.Config{DB: n.db, Media: n.media, Holders: n.people, Logger: log}
	if err := n.openFiles(&talks, box); err != nil {
		return nil, err
	}
	n.talks = session.New(talks)
	n.secure = strings.HasPrefix(cfg.publicURL, "https:")
	if err := n.openMoney(box); err != nil {
		return nil, err
	}
	n.openAdvice(talks)
	if err := n.openPush(box); err != nil {
		return nil, err
	}
	jobs, err := job.New(n.db.Jobs, handlers(rooms{desk: n.desk, seats: n.seats, inbox: n.inbox, payments: n.payments, bills: n.bills, reconciler: n.reconciler, talks: n.talks, wake: n.wake, match: n.match}), cfg.node, log)
	if err != nil {
		return nil, err
	}
	n.behind = append(n.behind, part{"identity", n.people.Run}, part{"booking", n.seats.Run}, part{"sessions", n.talks.Run}, part{"jobs", jobs.Run})
	if err := n.openLive(); err != nil {
		return nil, err
	}
	n.sets = sets{n.hub}
	n.measure(metrics)
	n.measureLive(metrics)
	n.measureMoney(metrics)
	n.measureAdvice(metrics)
	numbers := metrics.Handler()
	if cfg.metricsListen != "" {
		l, err := listen(ctx, cfg.metricsListen, "WAYMEET_METRICS_LISTEN")
		if err != nil {
			return nil, err
		}
		log.Info("metrics", "addr", l.Addr().String())
		n.behind = append(n.behind, part{"metrics", serveMetrics(l, numbers)})
		numbers = nil
	}
	n.web = web.New(web.Config{
		Version:        built(),
		Logger:         log,
		Mount:          n.mount(),
		Authenticate:   n.people.Authenticate,
		Made:           n.people.MadeFor,
		Holds:          n.people.Holds,
		ClaimKey:       box.Key("claims"),
		Zone:           n.people.Zone,
		Socket:         n.hub,
		Hooks:          hook.Handler(n.inbox.Receive),
		Back:           hook.Back(n.inbox.Returned),
		UI:             ui.FS(),
		Ready:          n.missing,
		Degraded:       n.degraded,
		Metrics:        numbers,
		Observe:        metrics.ObserveRequest,
		Trace:          n.tracing.Handler,
		TrustedProxies: cfg.trustedProxies,
		AllowedOrigins: cfg.allowedOrigins,
		TileURL:        cfg.tileURL,
		PayPages:       cfg.payPages,
		MediaServers:   cfg.mediaServers,
		StripeURL:      cfg.stripeURL,
		PerIP:          address,
		PerUser:        rate,
	})
	n.calls.web = n.web
	return n, nil
}

// serveMetrics answers /metrics on a listener of its own, until the node has drained.
func serveMetrics(l net.Listener, numbers http.Handler) func(context.Context) error {
	return func(ctx context.Context) error {
		routes := http.NewServeMux()
		routes.Handle("GET /metrics", numbers)
		server := &http.Server{Handler: routes, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
		defer context.AfterFunc(ctx, func() { _ = server.Close() })() // scrapes are repeated, none is worth waiting for
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return ctx.Err()
	}
}

// measure shows the numbers that rooms keep.
func (n *node) measure(m *telemetry.Metrics) {
	m.Gauge("waymeet_db_connections", "Connections of the app pool.", func() float64 { return float64(n.db.Stat().Total) })
	m.Gauge("waymeet_db_connections_idle", "Idle connections of the app pool.", func() float64 { return float64(n.db.Stat().Idle) })
	m.Gauge("waymeet_db_connections_max", "Most connections of the app pool.", func() float64 { return float64(n.db.Stat().Max) })
}

// missing is what keeps this node from being sent traffic.
func (n *node) missing(ctx context.Context) []string {
	var missing []string
	if n.draining.Load() {
		missing = append(missing, "time: the node is shutting down")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := n.db.Ping(ctx); err != nil {
		n.log.WarnContext(ctx, "postgresql does not answer", "err", err)
		return append(missing, "postgresql: no answer")
	}
	if err := n.people.Ready(); err != nil {
		missing = append(missing, "identity: "+err.Error())
	}
	if err := n.hub.Ready(); err != nil {
		missing = append(missing, "live: "+err.Error())
	}
	if wanted := store.SchemaWanted(); n.schema.Load() < wanted {
		reached, err := n.db.System().SchemaVersion(ctx)
		if err != nil {
			n.log.WarnContext(ctx, "the schema's version cannot be read", "err", err)
		}
		n.schema.Store(reached)
		if reached < wanted {
			missing = append(missing, fmt.Sprintf("schema: at version %d, this binary needs %d; run waymeet migrate", reached, wanted))
		}
	}
	return missing
}

// degraded is what this node misses, and serves well without.
func (n *node) degraded(context.Context) []string {
	if n.hub.Stats().Bus {
		return nil
	}
	return []string{"redis: away; changes reach screens within a second, from postgresql"}
}

// run serves on l until ctx ends: then the node says that it is not ready, ends
// what has begun, and only then the parts behind it.
func (n *node) run(ctx context.Context, l net.Listener) error {
	back, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	parts, failed := errgroup.WithContext(back)
	for _, p := range n.behind {
		parts.Go(func() error {
			err := p.run(failed)
			if err == nil && failed.Err() == nil {
				err = errors.New("ended by itself")
			}
			if err != nil && !errors.Is(err, context.Canceled) {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			return nil
		})
	}
	front, end := context.WithCancel(ctx)
	defer end()
	context.AfterFunc(failed, end)

	err := n.serveHTTP(front, back, l)
	stop()
	err = errors.Join(err, parts.Wait())
	n.db.Close()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return errors.Join(err, n.tracing.Close(last))
}

func (n *node) serveHTTP(ctx, requests context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           n.web,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10, // web refuses a quarter of that, in words
		BaseContext:       func(net.Listener) context.Context { return requests },
		ErrorLog:          slog.NewLogLogger(n.log.Handler(), slog.LevelDebug), // what clients do wrong in TLS and HTTP
	}
	front := n.hub.Front(l) // sockets first: most of what comes is theirs
	ended := make(chan error, 1)
	var fronted sync.WaitGroup
	fronted.Go(func() { front.Run(requests) })
	defer fronted.Wait()
	go func() { ended <- server.Serve(front) }()
	n.log.Info("serving", "addr", l.Addr().String())
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	n.draining.Store(true)
	n.log.Info("draining")
	last, cancel := context.WithTimeout(requests, drainLimit)
	defer cancel()
	n.hub.Drain(last, n.cfg.goodbye)
	if err := server.Shutdown(last); err != nil {
		n.log.Warn("requests were cut off", "err", err)
		_ = server.Close() // Shutdown has said what is wrong
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		n.log.Warn("the listener failed", "err", err)
	}
	n.log.Info("ended")
	return nil
}

// identify names what a context is about, for log lines.
func identify(ctx context.Context) []slog.Attr {
	var ids []slog.Attr
	if id := rest.RequestID(ctx); id != "" {
		ids = append(ids, slog.String("request", id))
	}
	if t := tenant.From(ctx); t != tenant.None {
		ids = append(ids, slog.String("tenant", t.String()))
	}
	return ids
}
