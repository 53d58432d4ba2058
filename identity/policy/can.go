package policy

import (
	"context"
	"fmt"

	"github.com/cedar-policy/cedar-go"
	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

// Resource is the thing that an action is about: one thing (with an id), or all things of a kind (without). A zero
// Owner or Line, or no Units, mean that it has none.
type Resource struct {
	Tenant tenant.ID
	Kind   string
	ID     uuid.UUID
	Owner  uuid.UUID
	Line   uuid.UUID
	Units  []uuid.UUID // of an organisation: the one that it belongs to and all above it
	Party  []uuid.UUID // who takes part
	Watch  []uuid.UUID // who supervises it
	Queue  uuid.UUID   // in which it was asked for
}

// None says whether it is about nothing.
func (r Resource) None() bool { return r.Tenant == tenant.None && r.Kind == "" && r.ID == uuid.Nil }

// Can is nil when the actor of ctx may do the action to the resource, else a fault that a user may read: see the package
// documentation for which.
func Can(ctx context.Context, action Action, res Resource) error {
	asking, ok := ctx.Value(actorKey{}).(*asking)
	if !ok {
		return fault.New("unauthenticated")
	}
	a := asking.actor
	slice, ok := rules[action]
	if !ok {
		return fault.New("internal").Because(fmt.Errorf("policy: unknown action %q", action))
	}
	principal, resource := user(a.User), cedar.NewEntityUID("Thing", cedar.String(res.Kind+"/"+res.ID.String()))
	// A two-entry getter instead of a map: this runs on every request.
	world := pair{
		{UID: principal, Attributes: described(a, action)},
		{UID: resource, Attributes: res.describe()},
	}
	decision, diag := cedar.Authorize(slice, world, cedar.Request{
		Principal: principal, Action: cedar.NewEntityUID("Action", cedar.String(action)), Resource: resource,
	})
	if len(diag.Errors) > 0 { // Cedar skips a policy that fails; a wall skipped would be a hole
		return fault.New("internal").Because(fmt.Errorf("policy: evaluate %s: %s", action, diag.Errors[0].Message))
	}
	if decision == cedar.Allow {
		asking.note(action)
		return nil
	}
	return refuse(a, action, res)
}

func refuse(a Actor, action Action, res Resource) error {
	if a.Tenant != res.Tenant {
		return fault.New("not_found")
	}
	if res.ID != uuid.Nil && holdsSome(a, action) {
		return fault.New("not_found")
	}
	return fault.New("forbidden")
}

// holdsSome tells whether the actor could do the action to something.
func holdsSome(a Actor, action Action) bool {
	need := actions[action]
	for _, p := range need {
		if a.Holds(p) {
			return true
		}
	}
	return len(need) == 0
}

// Door is the check before a handler has loaded anything: nil when the actor could do the action to something at all.
func Door(ctx context.Context, action Action) error {
	a, ok := ActorFrom(ctx)
	if !ok {
		return fault.New("unauthenticated")
	}
	if !Known(action) || !holdsSome(a, action) {
		return fault.New("forbidden")
	}
	return nil
}
