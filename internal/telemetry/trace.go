package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

const scope = "github.com/waymeet/waymeet"

// Tracing makes spans and sends them to a collector, when there is one. Without,
// requests still keep the trace id that they came with.
type Tracing struct {
	provider trace.TracerProvider
	close    func(context.Context) error
}

// NewTracing sends to endpoint, an OTLP/HTTP base URL ("http://collector:4318");
// empty: nowhere. The collector need not be there.
func NewTracing(ctx context.Context, endpoint, version, node string) (*Tracing, error) {
	t := &Tracing{provider: noop.NewTracerProvider(), close: func(context.Context) error { return nil }}
	if endpoint != "" {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimSuffix(endpoint, "/")+"/v1/traces"))
		if err != nil {
			return nil, fmt.Errorf("telemetry: exporter of traces: %w", err)
		}
		provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter, sdk.WithBatchTimeout(2*time.Second)),
			sdk.WithResource(resource.NewSchemaless(
				attribute.String("service.name", "waymeet"), attribute.String("service.version", version), attribute.String("service.instance.id", node))))
		t.provider, t.close = provider, provider.Shutdown
	}
	otel.SetTracerProvider(t.provider)
	return t, nil
}

// Close sends what is left, for as long as ctx allows.
func (t *Tracing) Close(ctx context.Context) error {
	if err := t.close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("telemetry: send the last traces: %w", err)
	}
	return nil
}

// Handler gives each request a span. The writer passes through untouched.
func (t *Tracing) Handler(next http.Handler) http.Handler {
	tracer, incoming := t.provider.Tracer(scope), propagation.TraceContext{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := incoming.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func finishRequest(span trace.Span, route string, status int) {
	if !span.IsRecording() {
		return
	}
	span.SetName(route)
	span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}

// Span begins a part of ctx's work; call end with the error it ended in.
func Span(ctx context.Context, name string) (_ context.Context, end func(error)) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, func(error) {}
	}
	ctx, span := parent.TracerProvider().Tracer(scope).Start(ctx, name)
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, Redact(err.Error()))
		}
		span.End()
	}
}
