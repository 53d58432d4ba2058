package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
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

// PostgreSQL is not there at all when a node is started: it resets who comes, then it takes them and says nothing. The node listens, lives, is not ready, and serves
// by itself once PostgreSQL answers. What no waiting mends ends it at once.
func TestServeWaitsForPostgreSQL(t *testing.T) {
	t.Parallel()
	d := storetest.New(t)
	proxy := devtest.NewProxy(t, d.AppURL())
	environment := map[string]string{
		"WAYMEET_DATABASE_URL": proxy.URL(d.AppURL()), "WAYMEET_SYSTEM_DATABASE_URL": proxy.URL(d.SystemURL()), "WAYMEET_REDIS_URL": devtest.RedisURL(t),
		"WAYMEET_SECRET": worldSecret, "WAYMEET_NODE": "one", "WAYMEET_FILES_DIR": t.TempDir(), "WAYMEET_LISTEN": "127.0.0.1:0", "WAYMEET_PUBLIC_URL": "http://127.0.0.1",
	}
	start := func(ctx context.Context, environment map[string]string) (await func(message string) map[string]any, ended chan int) {
		out, in, err := os.Pipe() // which holds what nobody has read yet
		if err != nil {
			t.Fatal(err)
		}
		ended = make(chan int, 1)
		go func() {
			ended <- run(ctx, &terminal{out: io.Discard, err: in, environment: func(n string) string { return environment[n] }}, []string{"serve"})
			_ = in.Close()
		}()
		p := &served{lines: bufio.NewScanner(out)}
		t.Cleanup(func() { _ = out.Close() })
		return func(message string) map[string]any { t.Helper(); return p.await(t, message) }, ended
	}
	silent := make(chan struct{})
	proxy.Chaos(func(int64, bool) bool { return false })
	ctx, end := context.WithCancel(t.Context())
	defer end()
	await, ended := start(ctx, environment)
	addr, _ := await("waiting for postgresql")["addr"].(string)
	says := func(path string, status int, text string) {
		t.Helper()
		res, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if body, _ := io.ReadAll(res.Body); res.StatusCode != status || !strings.Contains(string(body), text) {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	says("/healthz", http.StatusOK, "ok")
	tried := make(chan struct{}, 1000)
	proxy.Chaos(func(int64, bool) bool { tried <- struct{}{}; <-silent; return false })
	<-tried
	says("/healthz", http.StatusOK, "ok")
	says("/readyz", http.StatusServiceUnavailable, "postgresql: no answer")
	says("/v1/me", http.StatusServiceUnavailable, `"unavailable"`)
	proxy.Chaos(nil)
	close(silent)
	await("serving")
	go func() {
		awaitOK(t, "http://"+addr+"/readyz")
		end()
	}()
	await("ended")
	if code := <-ended; code != 0 {
		t.Errorf("it ended with %d", code)
	}

	environment["WAYMEET_DATABASE_URL"] = d.MigratorURL()
	if _, ended := start(t.Context(), environment); <-ended != 1 {
		t.Error("it serves as one who sees everything")
	}
	environment["WAYMEET_DATABASE_URL"] = strings.Replace(d.AppURL(), "waymeet_app", "waymeet_nobody", 1)
	if _, ended := start(t.Context(), environment); <-ended != 1 {
		t.Error("it waits for a role to appear")
	}
}
