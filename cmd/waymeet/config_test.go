package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
)

const canary = "hunter2canary"

var complete = map[string]string{
	"WAYMEET_DATABASE_URL":        "postgres://waymeet_app:" + canary + "@db/waymeet",
	"WAYMEET_SYSTEM_DATABASE_URL": "postgres://waymeet_system:" + canary + "@db/waymeet",
	"WAYMEET_REDIS_URL":           "redis://:" + canary + "@redis:6379/0",
	"WAYMEET_SECRET":              base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 32))),
	"WAYMEET_ALLOWED_ORIGINS":     "https://a.example, https://b.example",
	"WAYMEET_TRUSTED_PROXIES":     "10.0.0.0/8",
	"WAYMEET_ADDRESS_RATE":        "100",
	"WAYMEET_TURN_LISTEN":         "127.0.0.1:3478",
}

func read(changes map[string]string) (config, error) {
	env := maps.Clone(complete)
	maps.Copy(env, changes)
	return readConfig(func(name string) string { return env[name] })
}

func TestConfigReads(t *testing.T) {
	t.Parallel()
	c, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.listen != "127.0.0.1:8080" || c.publicURL != "http://127.0.0.1:8080" || len(c.allowedOrigins) != 2 || len(c.trustedProxies) != 1 || c.addressRate != 100 {
		t.Errorf("%+v", c)
	}
	if c.secret.reveal() != complete["WAYMEET_SECRET"] || !strings.Contains(c.redis.reveal(), canary) {
		t.Error("sealed values are not what was set")
	}
	var out strings.Builder
	raw, err := json.Marshal(map[string]any{"url": c.database})
	if err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "url", c.database, "all", c)
	fmt.Fprintf(&out, "%v %+v %#v %s %s", c, c, c, c.secret, raw)
	if strings.Contains(out.String(), canary) || strings.Contains(out.String(), c.secret.reveal()) {
		t.Errorf("a sealed value is shown: %s", &out)
	}
}

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := readConfig(func(string) string { return "" })
	for _, name := range []string{"WAYMEET_DATABASE_URL", "WAYMEET_SYSTEM_DATABASE_URL", "WAYMEET_REDIS_URL", "WAYMEET_SECRET"} {
		if err == nil || !strings.Contains(err.Error(), name+" is not set") {
			t.Errorf("%s is missing and not named: %v", name, err)
		}
	}
	for name, bad := range map[string][]string{
		"WAYMEET_LISTEN":              {"8080"},
		"WAYMEET_DATABASE_URL":        {"mysql://u:" + canary + "@db/x", canary, "postgres://u:" + canary + "@db:port%zz"},
		"WAYMEET_REDIS_URL":           {"http://:" + canary + "@redis", "redis://:" + canary + "/x@redis:6379/0", "redis+cluster://:" + canary + "@h:1,h:x"},
		"WAYMEET_SECRET":              {canary, base64.StdEncoding.EncodeToString([]byte(canary))},
		"WAYMEET_PUBLIC_URL":          {"waymeet.example"},
		"WAYMEET_ALLOWED_ORIGINS":     {"*"},
		"WAYMEET_PAY_PAGES":           {"pay.example"},
		"WAYMEET_MEDIA_SERVERS":       {"https://media.example", "media.example", "wss://"},
		"WAYMEET_TRUSTED_PROXIES":     {"10.0.0.1"},
		"WAYMEET_ADDRESS_RATE":        {"0", "-1", "many", "1e9"},
		"WAYMEET_TURN_LISTEN":         {"3478", "localhost:3478", ":3478"},
		"WAYMEET_TURN_ADDRESS":        {"media.example", "0.0.0.0", "::1", "fe80::1%eth0"},
		"WAYMEET_TURN_PORTS":          {"49152", "60000-50000", "80-90", "1024-70000", "3000-4000"},
		"WAYMEET_TURN_PEERS":          {"10.0.0.1"},
		"WAYMEET_TURN_URLS":           {"https://turn.example", "turn:", "turn:user@host"},
		"WAYMEET_TURN_SECRET":         {"hunter2canary"},
		"WAYMEET_STUN_URLS":           {"turn:stun.example"},
		"WAYMEET_TILE_URL":            {"ftp://x/{z}"},
		"WAYMEET_LOG_LEVEL":           {"loud"},
		"OTEL_EXPORTER_OTLP_ENDPOINT": {"collector:4318"},
	} {
		for _, value := range bad {
			_, err := read(map[string]string{name: value})
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%s: %v", name, value, err)
				continue
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("%s: the value is shown: %v", name, err)
			}
		}
	}
}

func TestOriginOfThePublicURL(t *testing.T) {
	t.Parallel()
	for of, want := range map[string]string{
		"https://atlas.example": "https://atlas.example", "https://atlas.example:8443/app": "https://atlas.example:8443", "http://127.0.0.1:8080": "http://127.0.0.1:8080",
	} {
		if got := origin(of); got != want {
			t.Errorf("%s: %s, want %s", of, got, want)
		}
	}
}
