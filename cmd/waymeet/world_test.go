package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/identity"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/internal/telemetry"
	"github.com/waymeet/waymeet/store/storetest"
	"github.com/waymeet/waymeet/web"
)

// world is two tenants on one node, each with a thing of every sort.
type world struct {
	*storetest.DB
	url  string
	web  *web.Server
	log  *logged
	emu  *stripeemu.Emulator
	a, b *side
	end  func() // ends the node
}

// side is one of the tenants.
type side struct {
	storetest.Tenant
	day    storetest.Day
	things map[string]string
	tokens map[string]string // access tokens, by role
}

type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *logged) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

const worldPassword = "correct horse battery"

var worldSecret = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{3}, 32))

// newWorld runs a real node, with every part that serve has.
func newWorld(t *testing.T) *world {
	t.Helper()
	d := storetest.New(t)
	d.Exec(t, `update app_user set password_hash = $1`, identity.HashPassword(worldPassword))
	emu, err := stripeemu.Start(stripeemu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = emu.Close() })
	// What the reconciler read here it would write while attacks are watched for what they change.
	emu.Inject(stripeemu.Fault{Method: http.MethodGet, Path: "/v1/balance_transactions", What: stripeemu.Refuse, Times: 1 << 30})
	w := &world{DB: d, log: &logged{}, emu: emu}
	w.url, w.web, w.end = serveParts(t, d, "one", w.log, nil, "WAYMEET_STRIPE_URL", emu.URL())
	for _, x := range []storetest.Tenant{d.A, d.B} {
		w.till(t, x, emu.URL())
	}
	d.Exec(t, `update tenant set settings = settings || jsonb_build_object('booking', coalesce(settings -> 'booking', '{}') || '{"flat_fare": 1200}')`)
	w.a, w.b = w.side(t, d.A), w.side(t, d.B)
	return w
}

// serveNode runs one node as serve does, until the test ends.
func serveNode(t *testing.T, d *storetest.DB, name string, log io.Writer, more ...string) (url string, edge *web.Server) {
	t.Helper()
	url, edge, _ = serveParts(t, d, name, log, nil, more...)
	return url, edge
}

// serveParts runs a node of which only some parts run behind the requests, or all, until the test ends or it is told to end.
func serveParts(t *testing.T, d *storetest.DB, name string, log io.Writer, only []string, more ...string) (url string, edge *web.Server, stop func()) {
	t.Helper()
	environment := map[string]string{
		"WAYMEET_DATABASE_URL": d.AppURL(), "WAYMEET_SYSTEM_DATABASE_URL": d.SystemURL(), "WAYMEET_REDIS_URL": devtest.RedisURL(t),
		"WAYMEET_SECRET": worldSecret, "WAYMEET_NODE": name, "WAYMEET_FILES_DIR": t.TempDir(),
	}
	for i := 0; i < len(more); i += 2 {
		environment[more[i]] = more[i+1]
	}
	cfg, err := readConfig(func(n string) string { return environment[n] })
	if err != nil {
		t.Fatal(err)
	}
	cfg.unpaced = true
	ctx, end := context.WithCancel(context.Background())
	n, err := openNode(ctx, cfg, telemetry.NewLogger(log, telemetry.LogConfig{Level: slog.LevelDebug, IDs: identify}))
	if err != nil {
		t.Fatal(err)
	}
	if only != nil {
		n.behind = slices.DeleteFunc(n.behind, func(p part) bool { return !slices.Contains(only, p.name) })
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- n.run(ctx, l) }()
	stop = sync.OnceFunc(func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	url = "http://" + l.Addr().String()
	for late := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if res, err := http.Get(url + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return url, n.web, stop
			}
		}
		if time.Now().After(late) {
			t.Fatal("the node never got ready")
		}
	}
}

// till gives a tenant an account at the Stripe emulator.
func (w *world) till(t *testing.T, x storetest.Tenant, url string) {
	t.Helper()
	box, err := seal.Parse(worldSecret)
	if err != nil {
		t.Fatal(err)
	}
	kms, err := envelope.NewEnvironment(kmsKey, map[string]*seal.Box{kmsKey: box})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := billing.NewAccounts(w.DB.DB, kms, openers(url)).Add(t.Context(), x.ID, gateway.Credentials{Kind: gateway.Stripe,
		Merchant: gateway.Merchant{Name: x.Slug}, SecretKey: gateway.Hide("sk_test_" + x.Slug), Publishable: "pk_test_" + x.Slug}); err != nil {
		t.Fatal(err)
	}
}
