package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/store/storetest"
)

// A node begins while PostgreSQL is away for a moment, which every part of it finds out at its first step. It lives, says that it is not
// ready, and once PostgreSQL answers it is; jobs run as well.
func TestANodeBeginsWhilePostgreSQLIsAway(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	proxy := devtest.NewProxy(t, d.AppURL())
	environment := map[string]string{
		"WAYMEET_DATABASE_URL": proxy.URL(d.AppURL()), "WAYMEET_SYSTEM_DATABASE_URL": proxy.URL(d.SystemURL()), "WAYMEET_REDIS_URL": devtest.RedisURL(t),
		"WAYMEET_SECRET": worldSecret, "WAYMEET_NODE": "one", "WAYMEET_FILES_DIR": t.TempDir(),
	}
	cfg, err := readConfig(func(n string) string { return environment[n] })
	if err != nil {
		t.Fatal(err)
	}
	cfg.unpaced = true
	ctx, end := context.WithCancel(t.Context())
	n, err := openNode(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	away := make(chan struct{}, 1000)
	proxy.Chaos(func(int64, bool) bool {
		select {
		case away <- struct{}{}:
		default:
		}
		return false
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- n.run(ctx, l) }()
	for range 50 { // each part has tried, some of them again
		select {
		case <-away:
		case err := <-ended:
			t.Fatalf("it ended: %v", err)
		}
	}
	ask := func(path string) (int, string) {
		res, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(body)
	}
	if status, _ := ask("/healthz"); status != http.StatusOK {
		t.Errorf("it lives, and says %d", status)
	}
	if status, body := ask("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("it says that it is ready: %d %s", status, body)
	}
	proxy.Chaos(nil)
	for late := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) { // nobody tells a load balancer either
		status, body := ask("/readyz")
		queues := d.Int(t, `select count(*) from river_queue`)
		if status == http.StatusOK && queues > 0 {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("%d %s, %d queues are worked on", status, body, queues)
		}
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
