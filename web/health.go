package web

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// healthz: the process answers. It asks nobody else, or a slow database would have every node restarted.
func healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"status": "ok"})
}

// readyz: send traffic here, or what is missing; and what is missing without being a reason to send it elsewhere.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	status, answer := s.readiness.look(r.Context(), s.ready)
	writeJSON(w, status, answer)
}

func (s *Server) ready(ctx context.Context) (status int, answer map[string]any) {
	if s.config.Ready != nil {
		if missing := s.config.Ready(ctx); len(missing) > 0 {
			return http.StatusServiceUnavailable, map[string]any{"status": "not ready", "missing": missing}
		}
	}
	answer = map[string]any{"status": "ready"}
	if s.config.Degraded != nil {
		if degraded := s.config.Degraded(ctx); len(degraded) > 0 {
			answer["degraded"] = degraded
		}
	}
	return http.StatusOK, answer
}

// readyFor is how long one look at what a node needs is the answer for all who ask.
const readyFor = 250 * time.Millisecond

// readiness is looked at once for all who ask: nobody is asked who they are, so nothing else bounds what a flood would have PostgreSQL do.
type readiness struct {
	mu     sync.Mutex // held while one looks: the others wait for what it finds
	until  time.Time
	status int
	answer map[string]any
}

func (r *readiness) look(ctx context.Context, at func(context.Context) (int, map[string]any)) (int, map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !time.Now().Before(r.until) {
		r.status, r.answer = at(context.WithoutCancel(ctx)) // who asked first may hang up
		r.until = time.Now().Add(readyFor)
	}
	return r.status, r.answer
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
