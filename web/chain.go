package web

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/web/hook"
	"github.com/waymeet/waymeet/web/rest"
)

// chain is what every request passes, outermost first.
func (s *Server) chain() http.Handler {
	inner := s.readable(s.timed(s.router))
	s.calls = s.named(s.recovered(inner))
	whole := s.named(s.headed(s.recovered(s.paced(s.sameOrigin(s.packed(inner))))))
	if s.config.Trace != nil {
		whole = s.config.Trace(whole) // outermost, so that the request's log line carries the trace's id
	}
	return whole
}

// LogIDs is what log lines say of a context: request and tenant.
func LogIDs(ctx context.Context) []slog.Attr { return rest.LogIDs(ctx) }

// named gives the request its name and language, and logs it when it is answered: no address, no path, nobody's name.
func (s *Server) named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		req, ctx := s.name(w, r)
		if s.config.Socket != nil && r.URL.Path == "/v1/realtime" && isUpgrade(r) {
			// The socket takes the connection over; it must see it as the server gave it, and counts for itself.
			s.config.Socket.ServeHTTP(w, r.WithContext(ctx))
			return
		}
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r.WithContext(ctx))
		took := time.Since(started)
		route := req.Route
		if route == "" {
			route = "-"
		}
		if s.config.Observe != nil {
			s.config.Observe(ctx, route, rec.code(), took)
		}
		attrs := []any{"route", route, "method", r.Method, "status", rec.code(), "bytes", rec.bytes, "ms", took.Milliseconds()}
		for _, id := range rest.LogIDs(ctx) {
			attrs = append(attrs, id)
		}
		s.config.Logger.InfoContext(ctx, "answered", attrs...)
	})
}

func (s *Server) name(w http.ResponseWriter, r *http.Request) (*rest.Request, context.Context) {
	req := &rest.Request{ID: ident.New().String(), Client: ClientAddr(r, s.config.TrustedProxies), Query: r.URL.RawQuery, Log: s.config.Logger}
	w.Header().Set("X-Request-Id", req.ID)
	return req, rest.WithLanguage(rest.WithRequest(r.Context(), req), r.Header)
}

// Refuse answers for the socket, to whom requests may come that have not passed the chain.
func (s *Server) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	ctx := r.Context()
	if rest.RequestID(ctx) == "" {
		_, ctx = s.name(w, r)
	}
	rest.WriteProblem(w, r.WithContext(ctx), err)
}

// recovered turns a panic into a problem. The stack goes to the log.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // it is a value, not a wrapped error
				panic(p)
			}
			s.config.Logger.ErrorContext(r.Context(), "panic", "request", rest.RequestID(r.Context()), "cause", p, "stack", string(debug.Stack()))
			if rec, ok := w.(*recorder); ok && rec.status != 0 {
				panic(http.ErrAbortHandler) // half an answer is out: the client must see that it was cut
			}
			rest.WriteProblem(w, r, fault.New("internal"))
		}()
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses writes that another site's page sends: the refresh cookie must not work for it.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	for _, o := range s.config.AllowedOrigins {
		if err := guard.AddTrustedOrigin(o); err != nil {
			panic("web: allowed origin: " + err.Error()) // configuration, read before anything is served
		}
	}
	guard.AddInsecureBypassPattern(http.MethodPost + " " + hook.BackPath) // a payer comes from the acquirer's page; its hash is what is believed
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest.WriteProblem(w, r, fault.New("forbidden"))
	}))
	return guard.Handler(next)
}

// readable refuses addresses that are not text: PostgreSQL would, with an error that says too much.
func (s *Server) readable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if long(r) {
			rest.WriteProblem(w, r, fault.New("header_too_large"))
			return
		}
		if !utf8.ValidString(r.URL.Path) {
			rest.WriteProblem(w, r, fault.New("invalid_utf8").At("path"))
			return
		}
		for name, values := range r.URL.Query() {
			if len(values) > 1 { // which one is meant?
				rest.WriteProblem(w, r, fault.New("duplicate_key").At("query/"+cut(name)))
				return
			}
			for _, v := range append(values, name) {
				if !utf8.ValidString(v) {
					rest.WriteProblem(w, r, fault.New("invalid_utf8").At("query"))
					return
				}
				if strings.ContainsRune(v, 0) {
					rest.WriteProblem(w, r, fault.New("bad_value").At("query"))
					return
				}
			}
		}
		if strings.ContainsRune(r.URL.Path, 0) {
			nothing(w, r)
			return
		}
		if r.Method == http.MethodHead { // every GET has its HEAD; the server leaves the body out
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// maxHeader is what an address and its header may take together. The server itself takes more (cmd), so that who sends too
// much is told in words; who sends far too much is told by the server, in plain text.
const maxHeader = 16 << 10

func long(r *http.Request) bool {
	n := len(r.RequestURI)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n > maxHeader
}

// cut keeps a caller's own names from filling the answer.
func cut(name string) string {
	if len(name) > 64 || !utf8.ValidString(name) {
		return "…"
	}
	return name
}

// timed bounds what one request may take of the machine.
func (s *Server) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.config.Timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
