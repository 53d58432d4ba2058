package event

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"
)

// OnAccess is not shown to anybody: nodes read it to end what is no longer allowed.
const OnAccess Projection = "access"

// AccessChannel carries changes of who may do what, to nodes only.
const AccessChannel = "access"

// Access says whose rights have changed: all of a tenant's users, one user, or one
// sign-in of one user. Nodes then ask PostgreSQL what those may do now.
type Access struct {
	User    uuid.UUID `json:"user,omitzero"`    // zero: everybody in the tenant
	Session uuid.UUID `json:"session,omitzero"` // zero: all sign-ins of the user
}

// Change is what whoever disables a user, takes a role, ends a sign-in or suspends a tenant emits
// in the same transaction.
func (a Access) Change() Change {
	return Change{Entity: "access/" + a.User.String(), Version: 1,
		Docs: map[Projection]json.RawMessage{OnAccess: must(a)}, Channels: []string{AccessChannel}}
}

// OnChannel is the projection of an entity that a channel shows.
func OnChannel(entity, channel string) Projection {
	kind, _, _ := strings.Cut(channel, ":")
	switch {
	case kind != "me":
		return Projection(kind)
	case strings.HasPrefix(entity, "user/"):
		return OnUser
	case strings.HasPrefix(entity, "session/"):
		return OnTalk
	}
	kind, _, _ = strings.Cut(entity, "/") // me shows a booking as booking:ID does
	return Projection(kind)
}
