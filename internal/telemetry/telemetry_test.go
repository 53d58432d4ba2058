package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func TestLinesCarryIDs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := NewLogger(&out, LogConfig{Node: "n1", IDs: func(context.Context) []slog.Attr {
		return []slog.Attr{slog.String("request", "r1"), slog.String("tenant", "t1")}
	}})
	tracing, err := NewTracing(t.Context(), "", "test", "n1")
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	req.Header.Set("traceparent", traceparent)
	tracing.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		log.With("room", "seat").InfoContext(r.Context(), "held", "tenant", "t2")
	})).ServeHTTP(httptest.NewRecorder(), req)

	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"request": "r1", "tenant": "t2", "node": "n1", "room": "seat", "trace": "4bf92f3577b34da6a3ce929d0e0e4736"} {
		if line[key] != want {
			t.Errorf("%s = %v, want %s", key, line[key], want)
		}
	}
	if strings.Count(out.String(), `"tenant"`) != 1 {
		t.Errorf("named twice: %s", &out)
	}
}

type shy struct{ Password string }

func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	const canary = "hunter2canary"
	jwt := "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIx" + canary + "." + canary
	for name, attr := range map[string]slog.Attr{
		"by key":           slog.String("password", canary),
		"by part of a key": slog.String("refresh_token", canary),
		"in a group":       slog.Group("sign_in", slog.String("Email", canary)),
		"URL":              slog.String("url", "postgres://waymeet_app:"+canary+"@127.0.0.1/x"),
		"URL, no user":     slog.String("url", "redis://:"+canary+"@127.0.0.1/0"),
		"error with a URL": slog.Any("error", errors.New("dial postgres://a:"+canary+"@h: refused")),
		"key and value":    slog.String("dsn", "host=h password="+canary+" user=x"),
		"query":            slog.String("path", "/v1/x?ticket="+canary),
		"JWT":              slog.String("header", "it was "+jwt),
		"bearer":           slog.String("header", "Bearer "+canary),
		"subprotocol":      slog.String("header", "waymeet.v1, ticket."+canary),
		"mail":             slog.String("who", canary+"@example.com"),
		"SQL":              slog.String("sql", "alter role x password '"+canary+"'"),
		"struct":           slog.Any("thing", shy{"Bearer " + canary}),
		"list":             slog.Any("args", []string{"--url", "redis://:" + canary + "@h"}),
		"bytes":            slog.Any("raw", []byte("token="+canary)),
	} {
		var out bytes.Buffer
		NewLogger(&out, LogConfig{}).Info("x", attr)
		NewLogger(&out, LogConfig{Text: true}).With(attr).Info("x")
		if strings.Contains(out.String(), canary) {
			t.Errorf("%s: %s", name, &out)
		}
		if strings.Count(out.String(), "\n") != 2 {
			t.Errorf("%s: not two lines: %s", name, &out)
		}
	}
	var out bytes.Buffer
	NewLogger(&out, LogConfig{}).Info("store: took 3.5 ms at 127.0.0.1:5432", "trip", "0190d0b4", "free", 3, "route", "bookings.hold",
		"stack", "pkg/mod/example.org/mux@v1.8.1/mux.go:212")
	for _, keep := range []string{"mux@v1.8.1/mux.go:212", "3.5 ms at 127.0.0.1:5432", "0190d0b4", "bookings.hold"} {
		if !strings.Contains(out.String(), keep) {
			t.Errorf("%s is hidden: %s", keep, &out)
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := NewMetrics("1.2.3", "n1")
	m.ObserveRequest(t.Context(), "bookings.hold", 201, 3*time.Millisecond)
	m.Gauge("waymeet_sockets", "Open sockets.", func() float64 { return 7 })
	m.Counter("waymeet_frames_total", "Frames.", func() float64 { return 9 })
	m.Counts("waymeet_refusals_total", "Refusals.", "code")("trip_full")
	m.Times("waymeet_job_seconds", "Jobs.", "kind")("expire", time.Second)
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`waymeet_http_request_seconds_count{route="bookings.hold",status="201"} 1`, "waymeet_sockets 7", "waymeet_frames_total 9",
		`waymeet_refusals_total{code="trip_full"} 1`, `waymeet_job_seconds_count{kind="expire"} 1`, `version="1.2.3"`, "go_goroutines",
	} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("no %s in /metrics", want)
		}
	}
}

// The collector gets the request's span under its operation, with the work inside
// it, in the caller's trace.
func TestTracesReachTheCollector(t *testing.T) {
	t.Parallel()
	got := make(chan []byte, 4)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && r.URL.Path == "/v1/traces" {
			got <- body
		}
	}))
	defer collector.Close()
	tracing, err := NewTracing(t.Context(), collector.URL, "test", "n1")
	if err != nil {
		t.Fatal(err)
	}
	m := NewMetrics("test", "n1")
	req := httptest.NewRequest(http.MethodPost, "/v1/bookings", nil)
	req.Header.Set("traceparent", traceparent)
	tracing.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, end := Span(r.Context(), "store.tx")
		end(errors.New("at postgres://a:hunter2canary@h"))
		m.ObserveRequest(r.Context(), "bookings.hold", 500, time.Millisecond)
	})).ServeHTTP(httptest.NewRecorder(), req)
	if err := tracing.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	body := <-got
	for _, want := range []string{"bookings.hold", "store.tx", "waymeet", "\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36"} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("%q is not in what the collector got", want)
		}
	}
	if bytes.Contains(body, []byte("hunter2canary")) {
		t.Error("a secret is in the trace")
	}
}

func TestCollectorAwayCostsNothing(t *testing.T) {
	t.Parallel()
	tracing, err := NewTracing(t.Context(), "http://127.0.0.1:1", "test", "n1")
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	tracing.Handler(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("a request took %v", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := tracing.Close(ctx); err != nil {
		t.Error(err)
	}
}
