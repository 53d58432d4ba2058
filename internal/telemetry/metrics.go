package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"
)

// Metrics is a node's numbers. Labels come from closed lists (an operation's id, a
// status): never from a client, and never a tenant, whose number would grow
// without end.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

// NewMetrics makes the registry with the process's own numbers and the requests'.
func NewMetrics(version, node string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "waymeet_http_request_seconds", Help: "Time to answer, by operation and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15},
	}, []string{"route", "status"})
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "waymeet_build_info", Help: "1, labelled with what runs.", ConstLabels: prometheus.Labels{"version": version, "node": node},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, build)
	return m
}

// Handler is GET /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 5 * time.Second})
}

// ObserveRequest counts one answer, and names its span.
func (m *Metrics) ObserveRequest(ctx context.Context, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
	finishRequest(trace.SpanFromContext(ctx), route, status)
}

// Gauge shows a number that goes up and down; read is called at each scrape.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Counter shows a number that only grows, kept by the room that counts.
func (m *Metrics) Counter(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}

// Counters shows numbers that only grow, told apart by a label's values, kept by the room that counts.
func (m *Metrics) Counters(name, help, label string, read map[string]func() float64) {
	for value, f := range read {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{label: value}}, f))
	}
}

// Histogram shows durations that a room has counted itself: how many there were, their sum, and how many took at most so long.
func (m *Metrics) Histogram(name, help string, read func() (count uint64, sum time.Duration, classes map[time.Duration]uint64)) {
	m.registry.MustRegister(&counted{prometheus.NewDesc(name, help, nil, nil), read})
}

type counted struct {
	desc *prometheus.Desc
	read func() (uint64, time.Duration, map[time.Duration]uint64)
}

func (c *counted) Describe(to chan<- *prometheus.Desc) { to <- c.desc }

func (c *counted) Collect(to chan<- prometheus.Metric) {
	count, sum, classes := c.read()
	buckets := make(map[float64]uint64, len(classes))
	for bound, n := range classes {
		buckets[bound.Seconds()] = n
	}
	to <- prometheus.MustNewConstHistogram(c.desc, count, sum.Seconds(), buckets)
}

// Counts makes a counter with one label; the returned function counts one more.
func (m *Metrics) Counts(name, help, label string) func(value string) {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	m.registry.MustRegister(c)
	return func(value string) { c.WithLabelValues(value).Inc() }
}

// Times makes a histogram of durations with one label.
func (m *Metrics) Times(name, help, label string) func(value string, took time.Duration) {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 12),
	}, []string{label})
	m.registry.MustRegister(h)
	return func(value string, took time.Duration) { h.WithLabelValues(value).Observe(took.Seconds()) }
}
