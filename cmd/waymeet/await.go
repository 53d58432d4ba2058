package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/web"
)

const (
	tryAtFirst = time.Second // how long PostgreSQL has before the node says that it waits for it
	tryFor     = 5 * time.Second
	tryWait    = 250 * time.Millisecond // after the first try, doubled after each
	tryRarely  = 5 * time.Second
)

// awaitStore opens the store, and goes on trying while PostgreSQL is away: meanwhile l is answered that the node lives and is not ready. What
// waiting does not mend, such as a password or a role that may see everything, it returns at once.
func awaitStore(ctx context.Context, cfg config, log *slog.Logger, l net.Listener) (*store.DB, error) {
	try := func(limit time.Duration) (*store.DB, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return openStore(ctx, cfg, log)
	}
	db, err := try(tryAtFirst)
	if !store.IsAway(err) {
		return db, err
	}
	defer answerWaiting(l, cfg, log)()
	for wait := tryWait; store.IsAway(err); wait = min(2*wait, tryRarely) {
		log.WarnContext(ctx, "waiting for postgresql", "addr", l.Addr().String(), "again_in", wait.String(), "err", err)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
		db, err = try(tryFor)
	}
	return db, err
}

// answerWaiting serves l for a node that is not there yet, until the returned function gives l back.
func answerWaiting(l net.Listener, cfg config, log *slog.Logger) (giveBack func()) {
	edge := web.New(web.Config{Version: built(), Logger: log, TrustedProxies: cfg.trustedProxies, Ready: func(context.Context) []string {
		return []string{"postgresql: no answer"}
	}})
	routes := http.NewServeMux()
	routes.Handle("/healthz", edge)
	routes.Handle("/readyz", edge)
	routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		edge.Refuse(w, r, fault.New("unavailable").After(tryRarely))
	})
	server := &http.Server{
		Handler: routes, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	server.SetKeepAlivesEnabled(false) // the next request is the node's
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(lent{l}) // ends when it is closed
	}()
	return func() {
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close() // who has not asked by now
		}
		<-ended
		_ = deadline(l, time.Time{})
	}
}

// lent is a listener that stays open when its server is closed, which then takes nothing more.
type lent struct{ net.Listener }

func (l lent) Close() error { return deadline(l.Listener, time.Unix(1, 0)) }

func deadline(l net.Listener, t time.Time) error {
	if tcp, ok := l.(*net.TCPListener); ok {
		return tcp.SetDeadline(t)
	}
	return l.Close()
}
