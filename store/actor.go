package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
)

// Standing is everything that decides what a session may do, as it is now.
type Standing struct {
	Name, Email, Locale string
	Version             int64
	Active              bool // neither the user nor the tenant is disabled
	SignedIn            bool // the session is neither over nor somebody else's
	Roles               []HeldRole
	Live                tenant.Live
	Unread              []string // live settings that could not be read: the defaults count
}

// HeldRole is a role as a user holds it.
type HeldRole struct {
	Role        string    `json:"role"`
	Permissions []string  `json:"permissions"`
	Scope       string    `json:"scope"`
	ScopeID     uuid.UUID `json:"scope_id"`
}

// Standing reads a user's and a session's standing in one statement.
func (r *Reader) Standing(ctx context.Context, user, session uuid.UUID) (Standing, error) {
	a, err := r.q.ActorRow(ctx, session, r.tenant.UUID(), user)
	if err != nil {
		return Standing{}, fmt.Errorf("store: standing of user %s: %w", user, err)
	}
	s := Standing{Name: a.Name, Email: a.Email, Locale: a.Locale, Version: a.Version, Active: a.Active, SignedIn: a.SignedIn}
	if err := json.Unmarshal(a.Roles, &s.Roles); err != nil {
		return Standing{}, fmt.Errorf("store: roles of user %s: %w", user, err)
	}
	s.Live, s.Unread = tenant.ReadLive(a.Live)
	return s, nil
}
