package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/realtime/bus"
)

// config is what the environment says. Values that open something are sealed.
type config struct {
	listen         string
	metricsListen  string // empty: /metrics stands beside the rest
	database       sealed // role waymeet_app
	systemDatabase sealed // role waymeet_system
	redis          sealed
	secret         sealed // in base64, as seal.Parse reads it
	credentialKeys sealed // as keyring reads them; empty: the secret alone
	publicURL      string
	allowedOrigins []string
	trustedProxies []netip.Prefix
	addressRate    int // requests a second of an address, of those who are not signed in; 0: the default
	tileURL        string
	stripeURL      string
	payPages       []string
	mediaServers   []string
	turn           turnConfig
	filesDir       string
	logLevel       slog.Level
	otlpEndpoint   string
	node           string
	goodbye        time.Duration // no variable: see sayGoodbye

	unpaced bool // of a node whose only clients are this machine's own: a demo's crowd, a bench, a test; no variable sets it
	limited bool // and yet its sockets have their limits: for tests of clients that keep to them
}

// variable is one variable of the environment; `waymeet serve --help` lists them.
type variable struct{ name, meaning string }

var variables = []variable{
	{"WAYMEET_LISTEN", "address to serve on (127.0.0.1:8080)"},
	{"WAYMEET_METRICS_LISTEN", "an address for /metrics alone, which the other then does not serve (none)"},
	{"WAYMEET_DATABASE_URL", "PostgreSQL as waymeet_app (required)"},
	{"WAYMEET_SYSTEM_DATABASE_URL", "PostgreSQL as waymeet_system (required)"},
	{"WAYMEET_MIGRATE_DATABASE_URL", "PostgreSQL as waymeet_migrator (migrate only)"},
	{"WAYMEET_REDIS_URL", "Redis 7 or newer: redis://…, redis+cluster://… or redis+sentinel://…, with TLS rediss… (required)"},
	{"WAYMEET_SECRET", "32 random bytes in base64 that seal the tenants' keys (required): openssl rand -base64 32"},
	{"WAYMEET_CREDENTIAL_KEYS", "NAME=KEY, comma separated, the current one first: wrap the keys of gateways' credentials (none: WAYMEET_SECRET does)"},
	{"WAYMEET_PUBLIC_URL", "where browsers find this (http://WAYMEET_LISTEN)"},
	{"WAYMEET_ALLOWED_ORIGINS", "other origins whose pages may use the API, comma separated (none)"},
	{"WAYMEET_TRUSTED_PROXIES", "networks whose X-Forwarded-For is believed, comma separated (none)"},
	{"WAYMEET_ADDRESS_RATE", "API requests a second that one address may make without being signed in, four times as many at once (50)"},
	{"WAYMEET_TILE_URL", "map tiles, with {z}/{x}/{y} (none: the built-in base map)"},
	{"WAYMEET_STRIPE_URL", "where Stripe's test keys go: an emulator on this machine (none: Stripe)"},
	{"WAYMEET_PAY_PAGES", "origins of acquirers' hosted pages, which our pages may send payers to, comma separated (none)"},
	{"WAYMEET_MEDIA_SERVERS", "origins of operators' LiveKit servers, wss://…, which our pages may connect to, comma separated (none)"},
	{"WAYMEET_TURN_LISTEN", "IP:PORT, UDP and TCP, of a TURN server in this node (none: no TURN here)"},
	{"WAYMEET_TURN_ADDRESS", "the IP address at which browsers reach that (WAYMEET_TURN_LISTEN's)"},
	{"WAYMEET_TURN_PORTS", "the ports of its relays, UDP (49152-53247)"},
	{"WAYMEET_TURN_PEERS", "networks that it may relay to beyond public addresses, comma separated (none)"},
	{"WAYMEET_TURN_URLS", "TURN servers that browsers are told of instead, turn:… or turns:…, comma separated (this node's)"},
	{"WAYMEET_TURN_SECRET", "what TURN credentials are made from: shared with servers of WAYMEET_TURN_URLS (made from WAYMEET_SECRET)"},
	{"WAYMEET_STUN_URLS", "STUN servers, stun:…, comma separated (none: TURN servers answer that too)"},
	{"WAYMEET_FILES_DIR", "a directory of all nodes for what people hand each other in sessions (none: no files are taken)"},
	{"WAYMEET_LOG_LEVEL", "debug, info, warn or error (info)"},
	{"WAYMEET_NODE", "this node's name in logs and frames (the host's name)"},
	{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector of traces, OTLP over HTTP (none)"},
}

// readConfig reads what serve needs and says everything that is wrong at once, by
// name; what a variable holds is shown only where it can be no secret.
func readConfig(environment func(string) string) (config, error) {
	r := reader{environment: environment}
	c := config{
		listen:         r.or("WAYMEET_LISTEN", "127.0.0.1:8080"),
		metricsListen:  r.or("WAYMEET_METRICS_LISTEN", ""),
		database:       r.location("WAYMEET_DATABASE_URL", "postgres", "postgresql"),
		systemDatabase: r.location("WAYMEET_SYSTEM_DATABASE_URL", "postgres", "postgresql"),
		redis:          r.busLocation("WAYMEET_REDIS_URL"),
		secret:         r.secret("WAYMEET_SECRET"),
		filesDir:       r.or("WAYMEET_FILES_DIR", ""),
		credentialKeys: hide(r.or(credentialKeys, "")),
		allowedOrigins: r.list("WAYMEET_ALLOWED_ORIGINS"),
		tileURL:        r.or("WAYMEET_TILE_URL", ""),
		stripeURL:      r.or("WAYMEET_STRIPE_URL", ""),
		payPages:       r.list("WAYMEET_PAY_PAGES"),
		mediaServers:   r.list("WAYMEET_MEDIA_SERVERS"),
		otlpEndpoint:   r.or("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
		node:           r.or("WAYMEET_NODE", hostname()),
		goodbye:        sayGoodbye,
	}
	if _, _, err := net.SplitHostPort(c.listen); err != nil {
		r.wrong("WAYMEET_LISTEN", "must be host:port, like 127.0.0.1:8080")
	}
	if _, _, err := net.SplitHostPort(c.metricsListen); c.metricsListen != "" && err != nil {
		r.wrong("WAYMEET_METRICS_LISTEN", "must be host:port, like 127.0.0.1:9090")
	}
	c.publicURL = strings.TrimSuffix(r.or("WAYMEET_PUBLIC_URL", "http://"+c.listen), "/")
	r.mustBeHTTP("WAYMEET_PUBLIC_URL", c.publicURL)
	for _, origin := range c.allowedOrigins {
		r.mustBeHTTP("WAYMEET_ALLOWED_ORIGINS", origin)
	}
	for _, origin := range c.payPages {
		r.mustBeHTTP("WAYMEET_PAY_PAGES", origin)
	}
	for _, origin := range c.mediaServers {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || !contains([]string{"ws", "wss"}, u.Scheme) {
			r.wrong("WAYMEET_MEDIA_SERVERS", "must be URLs that begin with wss:// (or ws://)")
		}
	}
	if c.stripeURL != "" {
		r.mustBeHTTP("WAYMEET_STRIPE_URL", c.stripeURL)
	}
	if c.tileURL != "" {
		r.mustBeHTTP("WAYMEET_TILE_URL", c.tileURL)
	}
	if c.otlpEndpoint != "" {
		r.mustBeHTTP("OTEL_EXPORTER_OTLP_ENDPOINT", c.otlpEndpoint)
	}
	for _, p := range r.list("WAYMEET_TRUSTED_PROXIES") {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			r.wrong("WAYMEET_TRUSTED_PROXIES", "must be networks like 10.0.0.0/8")
		}
		c.trustedProxies = append(c.trustedProxies, prefix)
	}
	c.addressRate = r.perSecond("WAYMEET_ADDRESS_RATE")
	c.turn = r.turn()
	if err := c.logLevel.UnmarshalText([]byte(r.or("WAYMEET_LOG_LEVEL", "info"))); err != nil {
		r.wrong("WAYMEET_LOG_LEVEL", "must be debug, info, warn or error")
	}
	if box, err := seal.Parse(c.secret.reveal()); err == nil {
		if _, err := keyring(box, c.credentialKeys.reveal()); err != nil {
			r.problems = append(r.problems, err)
		}
	}
	return c, errors.Join(r.problems...)
}

// reader collects what is wrong.
type reader struct {
	environment func(string) string
	problems    []error
}

func (r *reader) wrong(name, what string) {
	r.problems = append(r.problems, fmt.Errorf("%s %s", name, what))
}

func (r *reader) or(name, otherwise string) string {
	if v := strings.TrimSpace(r.environment(name)); v != "" {
		return v
	}
	return otherwise
}

// perSecond is 0 where nothing is said.
func (r *reader) perSecond(name string) int {
	v := r.or(name, "")
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1_000_000 {
		r.wrong(name, "must be a number from 1 to 1000000")
	}
	return n
}

func (r *reader) list(name string) []string {
	var out []string
	for v := range strings.SplitSeq(r.environment(name), ",") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// location is a required URL that may hold a password.
func (r *reader) location(name string, schemes ...string) sealed {
	v := r.or(name, "")
	u, err := url.Parse(v)
	switch {
	case v == "":
		r.wrong(name, "is not set")
	case err != nil || (u.Host == "" && u.Query().Get("host") == "") || !contains(schemes, u.Scheme): // ?host= is a socket's directory
		r.wrong(name, "must be a URL that begins with "+schemes[0]+"://")
	}
	return hide(v)
}

// busLocation is location for URLs that the bus alone can read: they may name several servers.
func (r *reader) busLocation(name string) sealed {
	v := r.or(name, "")
	if v == "" {
		r.wrong(name, "is not set")
	} else if err := bus.CheckURL(v); err != nil {
		r.wrong(name, err.Error())
	}
	return hide(v)
}

func (r *reader) secret(name string) sealed {
	v := r.or(name, "")
	if v == "" {
		r.wrong(name, "is not set; make one with: openssl rand -base64 32")
	} else if _, err := seal.Parse(v); err != nil {
		r.wrong(name, "must be 32 bytes in base64; make one with: openssl rand -base64 32")
	}
	return hide(v)
}

func (r *reader) mustBeHTTP(name, v string) {
	if u, err := url.Parse(v); err != nil || u.Host == "" || !contains([]string{"http", "https"}, u.Scheme) {
		r.wrong(name, "must be a URL that begins with http:// or https://")
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func hostname() string {
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "node"
}
