package bus_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/realtime/bus"
)

// BenchmarkCarry is one message from Publish to Receive on the same node, 64 under way.
func BenchmarkCarry(b *testing.B) {
	for name, url := range map[string]string{"server": devtest.OwnRedis(b).URL(), "cluster": devtest.OwnCluster(b).URL()} {
		b.Run(name, func(b *testing.B) {
			var heard atomic.Int64
			up, all := make(chan bool, 1), make(chan struct{}, 1)
			under := make(chan struct{}, 64)
			n, err := bus.Open(bus.Config{URL: url, Logger: slog.New(slog.DiscardHandler), State: func(is bool) { up <- is }, Receive: func(batch []bus.Delivery) {
				for range batch {
					<-under
					if heard.Add(1) == int64(b.N) {
						all <- struct{}{}
					}
				}
			}})
			if err != nil {
				b.Fatal(err)
			}
			ctx, stop := context.WithCancel(b.Context())
			done := make(chan error, 1)
			go func() { done <- n.Run(ctx) }()
			<-up
			at := make([]string, 64)
			for i := range at {
				at[i] = bus.Subject(uuid.New(), "trip:x")
				if err := n.Listen(ctx, at[i]); err != nil {
					b.Fatal(err)
				}
			}
			payload := make([]byte, 300)
			b.ReportAllocs()
			b.ResetTimer()
			began := time.Now()
			for i := range b.N {
				under <- struct{}{}
				n.Publish(at[i%len(at)], payload)
			}
			<-all
			b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "msg/s")
			b.StopTimer()
			stop()
			<-done
		})
	}
}
