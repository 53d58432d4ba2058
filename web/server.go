package web

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/waymeet/waymeet/identity/policy"
	operator "github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/pace"
	"github.com/waymeet/waymeet/web/hook"
	"github.com/waymeet/waymeet/web/rest"
)

// Config is what cmd hands to the edge. Everything may be nil but Authenticate; what is nil is not served.
type Config struct {
	Version string
	Logger  *slog.Logger
	// Mount binds the resources of web/api, each a function of its own services.
	Mount []func(*rest.API)
	// Authenticate tells who sent a request: identity's, with the denylist behind it.
	Authenticate func(ctx context.Context, bearer string) (policy.Actor, error)
	// Made says whether an access token was made by this installation, and names it and its person, without asking anybody; nil: none was.
	Made func(token string) (mark, person string, ok bool)
	// Holds says the same of a refresh token, and names its session; nil: none was.
	Holds func(refresh string) (session string, ok bool)
	// ClaimKey keys the hashes of claimed requests, the same on every node.
	ClaimKey []byte
	// Zone is where a tenant's clocks hang, in which instants are answered.
	Zone func(context.Context, operator.ID) (*time.Location, error)
	// Socket serves GET /v1/realtime; it sees the connection as the server gave it, unwrapped.
	Socket http.Handler
	// Hooks answers what gateways tell, at hook.Path.
	Hooks http.Handler
	// Back takes payers who come back from an acquirer's page, at hook.BackPath.
	Back http.Handler
	// UI is the built screens.
	UI fs.FS
	// Ready names what is missing before this node may be sent traffic; it is asked once for all who want to know, and bounds itself.
	Ready func(context.Context) []string
	// Degraded names what is missing while this node serves well without it.
	Degraded func(context.Context) []string
	// Metrics is /metrics.
	Metrics http.Handler
	// Observe is told of every request once it is answered.
	Observe func(ctx context.Context, route string, status int, took time.Duration)
	// Trace wraps everything in a span. It hands the writer on as it is.
	Trace func(http.Handler) http.Handler

	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	AllowedOrigins []string       // other origins whose pages may write; none by default
	StripeURL      string         // where pages load Stripe's form from, if not from Stripe: the emulator
	PayPages       []string       // origins of acquirers' pages, which ours may send a payer's form to
	MediaServers   []string       // origins of media servers (wss://…), which our pages may connect to
	TileURL        string         // where map tiles come from: the content policy must know
	PerIP          pace.Rate      // of an address, for whoever is not signed in; zero: 50/s with a burst of 200
	PerUser        pace.Rate      // zero: 20/s with a burst of 100
	Timeout        time.Duration  // of one API request; zero: 15 s
}

// Server is the edge as an http.Handler.
type Server struct {
	config  Config
	api     *rest.API
	router  *mux.Router
	handler http.Handler
	calls   http.Handler // what a socket's call passes: the same, without what counts addresses

	readiness readiness

	// who comes how often: see pace.go
	users    *pace.Limiter // people, by tenant
	shown    *pace.Limiter // people's tokens, shown from an address
	sessions *pace.Limiter // refresh cookies
	spent    *pace.Limiter // access tokens that count no more
	ips      *pace.Limiter // addresses
	light    *pace.Limiter // addresses, of what costs little
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.PerIP == (pace.Rate{}) {
		c.PerIP = AddressRate(50)
	}
	if c.PerUser == (pace.Rate{}) {
		c.PerUser = pace.Rate{Burst: 100, Every: 50 * time.Millisecond}
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	return c
}

// New builds the edge. It starts nothing.
func New(c Config) *Server {
	c = c.withDefaults()
	s := &Server{config: c, router: mux.NewRouter().SkipClean(true)}
	s.users, s.shown = pace.New(c.PerUser, 50_000), pace.New(c.PerUser, 50_000)
	s.sessions, s.spent = pace.New(sessionRate, 50_000), pace.New(spentRate, 50_000)
	s.ips, s.light = pace.New(c.PerIP, 50_000), pace.New(pace.Rate{Burst: lightly * c.PerIP.Burst, Every: c.PerIP.Every / lightly}, 50_000)
	s.api = rest.New(s.router, rest.Config{Routes: Routes, Version: c.Version, Authenticate: s.authenticate, Allow: s.allow, Open: s.open, ClaimKey: c.ClaimKey, Zone: c.Zone})
	for _, mount := range c.Mount {
		mount(s.api)
	}
	s.api.Finish()
	if c.Hooks != nil {
		s.router.Path(hook.Path).Methods(http.MethodPost).Handler(c.Hooks)
	}
	if c.Back != nil {
		s.router.Path(hook.BackPath).Methods(http.MethodPost).Handler(c.Back)
	}
	s.router.Path(openAPIPath).Methods(http.MethodGet).Handler(once(s.openAPI))
	s.router.Path("/docs").Methods(http.MethodGet).Handler(once(s.docs))
	s.router.Path("/healthz").Methods(http.MethodGet).HandlerFunc(healthz)
	s.router.Path("/readyz").Methods(http.MethodGet).HandlerFunc(s.readyz)
	if c.Metrics != nil {
		s.router.Path("/metrics").Methods(http.MethodGet).Handler(c.Metrics)
	}
	if c.UI != nil {
		screen := func(r *http.Request, _ *mux.RouteMatch) bool {
			return !strings.HasPrefix(r.URL.Path, "/v1/") && r.URL.Path != "/metrics" // which may stand elsewhere
		}
		// The function stands alone and first: a path that matches would make mux forget that a method did not.
		s.router.MatcherFunc(screen).Methods(http.MethodGet).Handler(newScreens(c.UI))
	}
	s.router.NotFoundHandler = http.HandlerFunc(nothing)
	s.router.MethodNotAllowedHandler = http.HandlerFunc(s.otherMethod)
	s.handler = s.chain()
	return s
}

// API is the mounted operations, for the document and for tests that walk them.
func (s *Server) API() *rest.API { return s.api }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func nothing(w http.ResponseWriter, r *http.Request) { rest.WriteProblem(w, r, fault.New("not_found")) }

// otherMethod answers 405 and, as HTTP asks, names the methods that the address has.
func (s *Server) otherMethod(w http.ResponseWriter, r *http.Request) {
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := *r
		probe.Method = m
		var match mux.RouteMatch
		if s.router.Match(&probe, &match) && match.MatchErr == nil {
			w.Header().Add("Allow", m)
		}
	}
	rest.WriteProblem(w, r, fault.New("method_not_allowed"))
}
