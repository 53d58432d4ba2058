// Package tenant names the operator on whose behalf something happens.
//
// A tenant's identity comes from a verified credential and from nowhere else: no
// route, frame or argument of a caller can choose it. It travels in the context so
// that logs and traces can say it; what decides access is the value handed to
// store.InTx, never the one found in a context.
package tenant

import (
	"context"

	"github.com/google/uuid"
)

// ID is a tenant's identity.
type ID uuid.UUID

// None is the ID of no tenant; nothing is ever stored under it.
var None ID

// Parse reads the canonical form of an ID.
func Parse(s string) (ID, error) {
	u, err := uuid.Parse(s)
	return ID(u), err
}

// UUID is the same value for those that speak plain UUIDs.
func (id ID) UUID() uuid.UUID { return uuid.UUID(id) }

func (id ID) String() string { return uuid.UUID(id).String() }

type key struct{}

// With carries the tenant for logs and traces.
func With(ctx context.Context, id ID) context.Context { return context.WithValue(ctx, key{}, id) }

// From is the tenant that With put there, or None.
func From(ctx context.Context) ID {
	id, _ := ctx.Value(key{}).(ID)
	return id
}
