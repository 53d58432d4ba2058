package rest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
	"github.com/gorilla/mux"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
)

// Config is what the frame is given.
type Config struct {
	Routes  []Route
	Version string
	// Authenticate tells who sent the request, from its Authorization header.
	Authenticate func(context.Context, *http.Request) (policy.Actor, error)
	// ClaimKey keys the hash that a claim keeps of its request: a body may hold a password.
	ClaimKey []byte
	// Zone is where a tenant's clocks hang; nil: instants are answered as handlers give them.
	Zone func(context.Context, tenant.ID) (*time.Location, error)
	// Allow is asked once per request of a known actor; an error refuses it (too many).
	Allow func(policy.Actor) error
	// Open is asked once per request of an operation that asks nobody who they are; an error refuses it.
	Open func(*http.Request) error
}

// API is the mounted operations.
type API struct {
	config   Config
	router   *mux.Router
	huma     huma.API
	routes   map[string]Route
	bound    map[string]bool
	examples map[string]any // of success, by operation
}

// New prepares the frame on a router; a faulty table is a faulty program.
func New(router *mux.Router, c Config) *API {
	a := &API{config: c, router: router, routes: map[string]Route{}, bound: map[string]bool{}, examples: map[string]any{}}
	for _, r := range c.Routes {
		if err := r.Check(); err != nil {
			panic(err)
		}
		if _, twice := a.routes[r.ID]; twice {
			panic("rest: route " + r.ID + " stands twice")
		}
		a.routes[r.ID] = r
	}
	h := huma.DefaultConfig("Waymeet", c.Version)
	h.CreateHooks = nil // no $schema links in bodies
	h.OpenAPIPath, h.DocsPath, h.SchemasPath = "", "", ""
	h.Formats = map[string]huma.Format{"application/json": {Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}}
	h.Formats["json"] = h.Formats["application/json"]
	h.Formats["application/problem+json"] = h.Formats["application/json"]
	describe(h.OpenAPI)
	a.huma = humamux.New(router, h)
	return a
}

// Doc is what the documentation says about an operation beyond its types.
type Doc struct {
	Summary string
	About   string
	Status  int // of success; 200, or 204 without a body
	Example any // of success, where the answer's type does not tell
}

// Handle binds a handler to the route of that id.
func Handle[I, O any](a *API, id string, d Doc, h func(context.Context, *I) (*O, error)) {
	route, ok := a.routes[id]
	if !ok || a.bound[id] {
		panic(fmt.Sprintf("rest: %s is not in the table, or bound twice", id))
	}
	a.bound[id] = true
	checkInput[I](id)
	if d.Example != nil {
		a.examples[id] = d.Example
	}
	huma.Register(a.huma, a.operation(route, d), func(ctx context.Context, in *I) (*O, error) {
		ctx, err := a.zoned(ctx)
		var out *O
		if err == nil {
			out, err = h(ctx, in)
		}
		if err == nil {
			err = route.withhold(ctx)
		}
		if err != nil {
			return nil, NewProblem(ctx, told(ctx, err))
		}
		return local(out, ZoneOf(ctx)), nil
	})
}

// withhold fails an answer whose handler never asked whether it may be given.
func (r Route) withhold(ctx context.Context) error {
	switch r.On {
	case Thing:
		if !policy.Granted(ctx, r.Action) {
			return fmt.Errorf("rest: %s answered without asking for %s", r.ID, r.Action)
		}
	case Channel:
		if !policy.GrantedSome(ctx) {
			return fmt.Errorf("rest: %s answered without asking", r.ID)
		}
	}
	return nil
}

// Missing lists the routes that no handler is bound to.
func (a *API) Missing() []string {
	var ids []string
	for id := range a.routes {
		if !a.bound[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Route is the table's entry for an operation id.
func (a *API) Route(id string) (Route, bool) {
	r, ok := a.routes[id]
	return r, ok && a.bound[id]
}

// Document is the OpenAPI document of what is bound.
func (a *API) Document() *huma.OpenAPI { return a.huma.OpenAPI() }
