package telemetry

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// LogConfig says how to log.
type LogConfig struct {
	Level slog.Leveler
	Text  bool // for people at a terminal; JSON otherwise
	Node  string
	// IDs names what a context is about: request and tenant. It keeps telemetry
	// from knowing the rooms that put them there.
	IDs func(context.Context) []slog.Attr
}

// NewLogger is a logger whose lines carry the ids of their context and no secrets.
func NewLogger(w io.Writer, c LogConfig) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Level, ReplaceAttr: redact}
	var h slog.Handler
	if c.Text {
		h = slog.NewTextHandler(w, options)
	} else {
		h = slog.NewJSONHandler(w, options)
	}
	log := slog.New(&identified{Handler: h, ids: c.IDs})
	if c.Node != "" {
		log = log.With("node", c.Node)
	}
	return log
}

// identified adds the ids of a record's context that the record does not name itself.
type identified struct {
	slog.Handler
	ids func(context.Context) []slog.Attr
}

func (h *identified) Handle(ctx context.Context, r slog.Record) error {
	var ids []slog.Attr
	if h.ids != nil {
		ids = h.ids(ctx)
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		ids = append(ids, slog.String("trace", span.TraceID().String()))
	}
	if len(ids) == 0 {
		return h.Handler.Handle(ctx, r)
	}
	named := map[string]bool{}
	r.Attrs(func(a slog.Attr) bool {
		named[a.Key] = true
		return true
	})
	r = r.Clone()
	for _, id := range ids {
		if !named[id.Key] {
			r.AddAttrs(id)
		}
	}
	return h.Handler.Handle(ctx, r)
}

func (h *identified) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &identified{h.Handler.WithAttrs(attrs), h.ids}
}

func (h *identified) WithGroup(name string) slog.Handler {
	return &identified{h.Handler.WithGroup(name), h.ids}
}
