package web

import (
	"encoding/json"
	"net/http"
)

// healthz: the process answers. It asks nobody else, or a slow database would have every node restarted.
func healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"status": "ok"})
}

// readyz: send traffic here, or what is missing; and what is missing without being a reason to send it elsewhere.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	var missing []string
	if s.config.Ready != nil {
		missing = s.config.Ready(r.Context())
	}
	if len(missing) > 0 {
		writeJSON(w, http.StatusServiceUnavailable, map[string]any{"status": "not ready", "missing": missing})
		return
	}
	answer := map[string]any{"status": "ready"}
	if s.config.Degraded != nil {
		if degraded := s.config.Degraded(r.Context()); len(degraded) > 0 {
			answer["degraded"] = degraded
		}
	}
	writeJSON(w, http.StatusOK, answer)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
