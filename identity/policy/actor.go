package policy

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
)

// Actor is who asks: a user of one tenant in one signed-in session, with what the user's roles grant right now.
type Actor struct {
	Tenant  tenant.ID
	User    uuid.UUID
	Session uuid.UUID
	Grants  []Grant
	Locale  string
	Live    tenant.Live // what the tenant's connections may do
}

// Grant is one permission within one scope.
type Grant struct {
	Permission Permission
	Scope      Scope
}

// Scope bounds a grant. The zero scope is the whole tenant.
type Scope struct {
	Line uuid.UUID // only what belongs to this line
	Unit uuid.UUID // only what belongs to this unit of an organisation, or to one under it

	Queue uuid.UUID // only what was asked for in this queue
}

// Whole tells whether the scope is all of the tenant.
func (s Scope) Whole() bool { return s == Scope{} }

// Holds tells whether the actor has the permission in any scope. It decides what a screen offers, never what a call may
// do: that is Can's.
func (a Actor) Holds(p Permission) bool {
	for _, g := range a.Grants {
		if g.Permission == p {
			return true
		}
	}
	return false
}

type actorKey struct{}

// With says who acts in everything below ctx.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, &asking{actor: a})
}

// ActorFrom is who acts, or false where nobody signed in: at the command line, in a job.
func ActorFrom(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(*asking)
	if !ok {
		return Actor{}, false
	}
	return a.actor, true
}
