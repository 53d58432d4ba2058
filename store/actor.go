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

// Sitting is a user in one of their sign-ins; without a Session, in none.
type Sitting struct{ User, Session uuid.UUID }

// Standing reads a user's and a session's standing in one statement.
func (r *Reader) Standing(ctx context.Context, user, session uuid.UUID) (Standing, error) {
	of := Sitting{user, session}
	all, err := r.standings(ctx, []Sitting{of})
	if err != nil {
		return Standing{}, err
	}
	s, there := all[of]
	if !there {
		return Standing{}, fmt.Errorf("store: standing of user %s: %w", user, errNoRow)
	}
	return s, nil
}

// Standings reads what many of a tenant may do now in one statement; users that are not there are left out. It stands in no
// tenant's line: whether somebody may stay must be told however much their tenant asks of PostgreSQL. So it is for that alone.
func (db *DB) Standings(ctx context.Context, t tenant.ID, of []Sitting) (map[Sitting]Standing, error) {
	return db.reader(t, db.aside).standings(ctx, of)
}

func (r *Reader) standings(ctx context.Context, of []Sitting) (map[Sitting]Standing, error) {
	users, sessions := make([]uuid.UUID, len(of)), make([]uuid.UUID, len(of))
	for i, x := range of {
		users[i], sessions[i] = x.User, x.Session
	}
	rows, err := r.q.ActorRows(ctx, users, sessions, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: standings of %d of tenant %s: %w", len(of), r.tenant, err)
	}
	out := make(map[Sitting]Standing, len(rows))
	for _, a := range rows {
		s := Standing{Name: a.Name, Email: a.Email, Locale: a.Locale, Version: a.Version, Active: a.Active, SignedIn: a.SignedIn}
		if err := json.Unmarshal(a.Roles, &s.Roles); err != nil {
			return nil, fmt.Errorf("store: roles of user %s: %w", a.Usr, err)
		}
		s.Live, s.Unread = tenant.ReadLive(a.Live)
		out[Sitting{a.Usr, a.Session}] = s
	}
	return out, nil
}
