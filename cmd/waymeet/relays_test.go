package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/telemetry"
)

// Two nodes with one secret make each other's credentials; what a node has to say of its relays is on /metrics; it ends when asked.
func TestNodesRelay(t *testing.T) {
	t.Parallel()
	box, err := seal.Parse(complete["WAYMEET_SECRET"])
	if err != nil {
		t.Fatal(err)
	}
	until := time.Unix(2_000_000_000, 0)
	var passwords []string
	for range 2 {
		m := telemetry.NewMetrics("v", "n")
		n := &node{cfg: config{turn: devTurn()}, log: slog.New(slog.DiscardHandler)}
		relays, err := n.openRelays(t.Context(), box, m)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- n.behind[0].run(ctx) }()
		servers := relays("amal", until)
		if len(servers) != 1 || len(servers[0].URLs) != 2 || servers[0].Username != "2000000000:amal" || !strings.HasPrefix(servers[0].URLs[0], "turn:127.0.0.1:") {
			t.Fatalf("%+v", servers)
		}
		passwords = append(passwords, servers[0].Credential.Reveal())
		page := httptest.NewRecorder()
		m.Handler().ServeHTTP(page, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
		for _, name := range []string{"waymeet_turn_relays 0", "waymeet_turn_relays_total 0", `waymeet_turn_refused_total{reason="peer"} 0`, `waymeet_turn_bytes_total{direction="to_peers"} 0`} {
			if !strings.Contains(page.Body.String(), name) {
				t.Errorf("/metrics has no %s", name)
			}
		}
		cancel()
		if err := <-ended; err != context.Canceled {
			t.Fatal(err)
		}
	}
	if passwords[0] != passwords[1] {
		t.Fatal("two nodes of one installation disagree")
	}
}

func TestNodesTellOfOtherRelays(t *testing.T) {
	t.Parallel()
	c, err := read(map[string]string{"WAYMEET_TURN_LISTEN": "", "WAYMEET_TURN_URLS": "turns:media.example:443?transport=tcp, turn:media.example", "WAYMEET_TURN_SECRET": strings.Repeat("s", 32)})
	if err != nil {
		t.Fatal(err)
	}
	box, err := seal.Parse(complete["WAYMEET_SECRET"])
	if err != nil {
		t.Fatal(err)
	}
	n := &node{cfg: c, log: slog.New(slog.DiscardHandler)}
	relays, err := n.openRelays(t.Context(), box, nil)
	if err != nil || len(n.behind) != 0 {
		t.Fatal(err, len(n.behind))
	}
	if s := relays("amal", time.Now())[0]; !slices.Equal(s.URLs, c.turn.urls) || len(s.URLs) != 2 {
		t.Fatalf("%+v", s)
	}
	if _, err := read(map[string]string{"WAYMEET_TURN_LISTEN": "", "WAYMEET_TURN_URLS": "turn:media.example"}); err == nil || !strings.Contains(err.Error(), "WAYMEET_TURN_SECRET") {
		t.Fatal("credentials for others, from a secret that they do not have:", err)
	}
	c, err = read(map[string]string{"WAYMEET_TURN_LISTEN": ""})
	if err != nil {
		t.Fatal(err)
	}
	if relays, err := (&node{cfg: c}).openRelays(t.Context(), box, nil); relays != nil || err != nil {
		t.Fatal("relays from nowhere", err)
	}
}
