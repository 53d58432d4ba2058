// Package telemetry is how a node tells its operators what it does: logs, numbers
// and traces. It alone speaks Prometheus and OpenTelemetry; rooms keep plain
// counters of their own, and cmd joins the two.
//
//	slog ── ids of request, tenant, trace ── redaction ── JSON lines on stderr
//	Metrics ── a registry ── GET /metrics
//	Tracing ── spans ── OTLP over HTTP, when an endpoint is configured
//
// Who owns which truth: none is owned here. Losing all of it changes no answer.
//
// What happens on failure: a collector that is away costs spans, never requests
// (the exporter works beside them, from a bounded queue). A log line that cannot
// be written is lost.
//
// Nothing personal and nothing secret leaves through here. Rooms do not log such
// things in the first place; redaction is the second lock, for what libraries put
// into their errors. It knows keys by name and values by shape.
package telemetry
