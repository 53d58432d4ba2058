package rest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/waymeet/waymeet/identity/policy"
)

// On says what a route's action is about, and so who asks policy.Can.
type On uint8

const (
	// Public routes have no actor; each says why in Route.Why.
	Public On = iota + 1
	// Tenant: all things of a kind; the door asks for the actor's whole tenant.
	Tenant
	// Own: what belongs to the caller; the door asks with the caller as owner.
	Own
	// Thing: one thing, named by its id; the handler loads it and asks with its owner and line.
	Thing
	// Channel: a live set; its kind decides the action, the handler asks.
	Channel
)

// Route is one operation of the API. Everything that a reviewer must know about its doors stands in the table.
type Route struct {
	ID     string // operation id, also the name of a socket call
	Method string
	Path   string
	Action policy.Action
	On     On
	Key    bool   // Idempotency-Key is required
	Cap    int64  // bytes of body; 0: 64 KiB
	Raw    bool   // the body is bytes, which the handler reads (RawOf): over HTTP alone
	Stream string // media type of a file that is the answer, written as it is made (Stream): over HTTP alone
	Free   bool   // takes query parameters that it does not list
	Why    string // of a public route
}

const defaultCap = 64 << 10

func (r Route) limit() int64 {
	if r.Cap > 0 {
		return r.Cap
	}
	return defaultCap
}

// Check tells what is wrong with a route.
func (r Route) Check() error {
	switch {
	case r.ID == "" || !strings.HasPrefix(r.Path, "/v1/"):
		return fmt.Errorf("rest: route %q at %q needs an id and a path under /v1", r.ID, r.Path)
	case r.On == Public && (r.Action != "" || r.Why == ""):
		return fmt.Errorf("rest: public route %s needs a reason and no action", r.ID)
	case r.On == Channel && r.Action != "":
		return fmt.Errorf("rest: channel route %s takes its action from the channel", r.ID)
	case (r.On == Tenant || r.On == Own || r.On == Thing) && !policy.Known(r.Action):
		return fmt.Errorf("rest: route %s: %q is no action", r.ID, r.Action)
	case r.On == 0 || r.On > Channel:
		return fmt.Errorf("rest: route %s does not say what it is on", r.ID)
	case r.Key && r.Method == http.MethodGet:
		return fmt.Errorf("rest: route %s reads and needs no key", r.ID)
	}
	return nil
}
