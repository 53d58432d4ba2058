package arch

import "strings"

// Module is the import path of the house.
const Module = "github.com/waymeet/waymeet"

// kind is what a room is, and with it what it may import.
type kind int

const (
	unknown  kind = iota
	kernel        // decides, purely
	plumbing      // speaks to a foreign system
	service       // does one noun's work
	edge          // faces clients
	command       // puts it all together
	testRoom      // only for tests
)

var kindNames = map[kind]string{
	unknown: "no room of the plan", kernel: "a kernel", plumbing: "plumbing", service: "a service", edge: "an edge",
	command: "a command", testRoom: "a test room",
}

// rooms is the plan. A package belongs to the longest path that leads to it.
var rooms = map[string]kind{
	"cmd": command,

	"identity":              service,
	"identity/tenant":       kernel,
	"identity/policy":       kernel,
	"identity/organisation": kernel,

	"booking":         service,
	"booking/seat":    kernel,
	"booking/funding": kernel,

	"dispatch":             service,
	"dispatch/gtfs":        kernel,
	"dispatch/servicedate": kernel,

	"matching":        service,
	"matching/solver": kernel,
	"matching/queue":  kernel,
	"matching/bench":  plumbing, // simulated floors: it reaches no service

	"session":                 service,
	"session/meter":           kernel,
	"session/media":           plumbing, // the port to what carries pictures and voices; its adapters are below it
	"session/media/mediatest": testRoom,
	"session/file":            plumbing, // bytes that people hand each other
	"session/provider":        service,  // which of them a tenant has

	"employer": service,

	"billing":               service,
	"billing/ledger":        kernel,
	"billing/payment":       kernel,
	"billing/advice":        kernel,
	"billing/payout":        kernel,
	"billing/pass":          kernel,
	"billing/programme":     kernel,
	"billing/reconcile":     kernel,
	"billing/invoice":       kernel,
	"billing/invoice/paper": plumbing,
	"billing/invoicing":     service,
	"billing/gateway":       plumbing,

	"billing/gateway/gatewaytest": testRoom,

	"notify":         service,
	"notify/webpush": plumbing, // speaks to browsers' push services

	"realtime":             edge,
	"realtime/wire":        kernel,
	"realtime/bus":         plumbing,
	"realtime/bus/bustest": testRoom,
	"realtime/faults":      testRoom,
	"realtime/client":      plumbing, // the other end of the wire: it reaches no service
	"realtime/bench":       plumbing, // a client of the public API: it reaches no service

	"store":           plumbing,
	"store/outbox":    service,
	"store/bench":     plumbing,
	"store/storetest": testRoom,

	"web":        edge,
	"migrations": plumbing,

	"internal/fault":                kernel,
	"internal/ident":                kernel,
	"internal/event":                kernel,
	"internal/idem":                 kernel,
	"internal/errand":               kernel, // what a transaction asks to be done after it
	"internal/pace":                 kernel,
	"internal/xact":                 kernel,   // which transactions a snapshot sees
	"internal/turns":                plumbing, // what is scarce, tenant by tenant
	"internal/readable":             kernel,   // which names are shown as what they are
	"internal/seal":                 kernel,
	"internal/secret":               plumbing, // text that no log shows
	"internal/job":                  plumbing,
	"internal/telemetry":            plumbing,
	"internal/stripeemu":            plumbing, // a stand-in for Stripe: it reaches no service
	"internal/cmiemu":               plumbing, // a stand-in for a redirect acquirer
	"internal/stripespec":           testRoom, // closes Stripe's specification for stripe-mock
	"internal/demo":                 edge,     // seeds through the services
	"internal/demo/feed":            kernel,
	"internal/demo/crowd":           plumbing, // a client of the public API: it reaches no service
	"internal/devstack":             plumbing,
	"internal/devstack/devtest":     testRoom,
	"internal/devstack/cmd/testenv": testRoom,
	"internal/arch":                 testRoom,

	"tools": command,
}

// speakers names, for each foreign module, the rooms that alone import it.
// "*" is for modules that do nothing but compute, and for those every room may use.
var speakers = map[string][]string{
	"github.com/jackc/pgx":                {"store"},
	"github.com/pressly/goose":            {"store"},
	"github.com/redis/go-redis":           {"realtime/bus"},
	"github.com/stripe/stripe-go":         {"billing/gateway/stripe"},
	"github.com/coder/websocket":          {"realtime/client", "internal/demo/crowd"}, // a node reads frames itself
	"codeberg.org/go-pdf/fpdf":            {"billing/invoice/paper"},
	"golang.org/x/image":                  {"billing/invoice/paper"},
	"github.com/gorilla/mux":              {"web"},
	"github.com/pion":                     {"session/media/turn"},
	"github.com/danielgtaylor/huma":       {"web"},
	"github.com/cedar-policy/cedar-go":    {"identity/policy"},
	"github.com/golang-jwt/jwt":           {"identity", "session/media/livekit"}, // tokens of our own, and of a provider
	"github.com/riverqueue/river":         {"internal/job", "store"},
	"github.com/SherClockHolmes":          {"notify/webpush"},
	"github.com/alicebob/miniredis":       {"internal/devstack"},
	"github.com/prometheus/client_golang": {"internal/telemetry"},
	"go.opentelemetry.io":                 {"internal/telemetry"},

	"github.com/google/uuid":            {"*"},
	"golang.org/x/crypto":               {"identity"},
	"golang.org/x/sync":                 {"*"},
	"golang.org/x/sys":                  {"internal/devstack", "realtime"},
	"golang.org/x/text":                 {"*"},
	"github.com/go-json-experiment":     {"web", "realtime/wire"},
	"pgregory.net/rapid":                {"store/storetest"},
	"github.com/anishathalye/porcupine": {},
	"go.yaml.in/yaml":                   {}, // tests read docs/realtime
}

// impure are packages of the standard library that read or write the world.
// Kernels may not import them; io, io/fs and the archive readers work on what
// they are handed.
var impure = map[string]bool{
	"os": true, "os/exec": true, "os/signal": true, "os/user": true, "net": true, "net/http": true, "database/sql": true,
	"syscall": true, "log": true, "log/slog": true, "io/ioutil": true, "testing": true, "unsafe": true, "plugin": true,
}

// clocks are the names of package time that read the clock or wait for it.
var clocks = map[string]bool{
	"Now": true, "Since": true, "Until": true, "After": true, "AfterFunc": true, "Sleep": true, "Tick": true, "NewTimer": true, "NewTicker": true,
}

// environment are the names of package os that read the environment.
var environment = map[string]bool{"Getenv": true, "LookupEnv": true, "Environ": true, "ExpandEnv": true}

// nouns that say nothing.
var banned = map[string]bool{
	"util": true, "utils": true, "common": true, "helper": true, "helpers": true, "model": true, "models": true, "type": true, "types": true,
	"misc": true, "shared": true, "lib": true,
}

// roomOf is the room a package belongs to. The path is relative to the module.
func roomOf(pkg string) (room string, k kind) {
	for room = pkg; ; {
		if k, ok := rooms[room]; ok {
			return room, k
		}
		cut := strings.LastIndexByte(room, '/')
		if cut < 0 {
			return pkg, unknown
		}
		room = room[:cut]
	}
}

// house is the top-level noun that a package belongs to.
func house(pkg string) string {
	top, _, _ := strings.Cut(pkg, "/")
	return top
}

// within says whether path is dir or below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}
