package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// ErrTaken says that another row has the name, or the address, already.
var ErrTaken = errors.New("taken")

// User is a person of the tenant.
type User struct {
	ID        uuid.UUID
	Email     string // in small letters
	Name      string
	Locale    string // empty: the tenant's
	Disabled  bool
	Version   int64
	CreatedAt time.Time
}

// Role is a named bundle of permissions.
type Role struct {
	ID          uuid.UUID
	Name        string
	Permissions []string
	BuiltIn     bool
}

// Assignment gives a user a role, everywhere or within a scope ("line" and its id).
type Assignment struct {
	Role    string
	Scope   string
	ScopeID uuid.UUID
}

func userOf(id uuid.UUID, email, name string, locale *string, status string, version int64, at time.Time) User {
	u := User{ID: id, Email: email, Name: name, Disabled: status != "active", Version: version, CreatedAt: at}
	if locale != nil {
		u.Locale = *locale
	}
	return u
}

// UserByID is one user.
func (r *Reader) UserByID(ctx context.Context, id uuid.UUID) (User, error) {
	u, err := r.q.UserRow(ctx, r.tenant.UUID(), id)
	if err != nil {
		return User{}, fmt.Errorf("store: read user %s: %w", id, err)
	}
	return userOf(u.ID, u.Email, u.Name, u.Locale, u.Status, u.Version, u.CreatedAt), nil
}

// UserByEmail is one user with the hash of their password.
func (r *Reader) UserByEmail(ctx context.Context, email string) (User, string, error) {
	u, err := r.q.UserByEmail(ctx, r.tenant.UUID(), email)
	if err != nil {
		return User{}, "", fmt.Errorf("store: find a user by address: %w", err)
	}
	return userOf(u.ID, u.Email, u.Name, u.Locale, u.Status, u.Version, u.CreatedAt), u.PasswordHash, nil
}

// UserWithRoles is a row of a page of users.
type UserWithRoles struct {
	User
	Roles       []string
	Connections int // that are open now
}

// Users is a page of users, newest first, of those before an id, whose address begins with q or whose name has it.
func (r *Reader) Users(ctx context.Context, q string, before uuid.UUID, limit int) ([]UserWithRoles, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	q = strings.ToLower(q)
	rows, err := r.q.UserPage(ctx, r.tenant.UUID(), before, q, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list users: %w", err)
	}
	out := make([]UserWithRoles, len(rows))
	for i, u := range rows {
		out[i] = UserWithRoles{userOf(u.ID, u.Email, u.Name, u.Locale, u.Status, u.Version, u.CreatedAt), u.Roles, int(u.Connections)}
	}
	return out, nil
}

// NewUser is what a user is made of.
type NewUser struct {
	ID                  uuid.UUID
	Email, Name, Locale string
	PasswordHash        string
	Source, ExternalID  string
}

// CreateUser adds a user; ErrTaken when the address is somebody's.
func (tx *Tx) CreateUser(ctx context.Context, u NewUser) error {
	if u.Source == "" {
		u.Source = "manual"
	}
	err := tx.q.UserInsert(ctx, sqlc.UserInsertParams{TenantID: tx.tenant.UUID(), ID: u.ID, Email: u.Email, Name: u.Name, Locale: optional(u.Locale),
		PasswordHash: optional(u.PasswordHash), Source: u.Source, ExternalID: optional(u.ExternalID)})
	switch constraint(err) {
	case "app_user_tenant_id_email_key", "app_user_tenant_id_source_external_id_key":
		return fmt.Errorf("store: create user: %w", ErrTaken)
	}
	if err != nil {
		return fmt.Errorf("store: create user %s: %w", u.ID, err)
	}
	// An organisation's roster may have named them before they had an account.
	if err := tx.q.MemberMatch(ctx, tx.tenant.UUID(), &u.ID, u.Email); err != nil {
		return fmt.Errorf("store: memberships of user %s: %w", u.ID, err)
	}
	return nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// LockUser reads a user and holds the row until the transaction ends.
func (tx *Tx) LockUser(ctx context.Context, id uuid.UUID) (User, error) {
	u, err := tx.q.UserForUpdate(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return User{}, fmt.Errorf("store: lock user %s: %w", id, err)
	}
	return userOf(u.ID, u.Email, u.Name, u.Locale, u.Status, u.Version, u.CreatedAt), nil
}

// UpdateUser writes name, locale and status, and returns the new version.
func (tx *Tx) UpdateUser(ctx context.Context, u User) (int64, error) {
	status := "active"
	if u.Disabled {
		status = "disabled"
	}
	v, err := tx.q.UserUpdate(ctx, sqlc.UserUpdateParams{TenantID: tx.tenant.UUID(), ID: u.ID, Name: u.Name, Locale: optional(u.Locale), Status: status})
	if err != nil {
		return 0, fmt.Errorf("store: update user %s: %w", u.ID, err)
	}
	return v, tx.TellExperts(ctx, u.ID) // boards name them
}

// SetPassword replaces the hash of a user's password.
func (tx *Tx) SetPassword(ctx context.Context, user uuid.UUID, hash string) error {
	if _, err := tx.q.UserSetPassword(ctx, tx.tenant.UUID(), user, &hash); err != nil {
		return fmt.Errorf("store: set the password of user %s: %w", user, err)
	}
	return nil
}

// Roles is every role of the tenant.
func (r *Reader) Roles(ctx context.Context) ([]Role, error) {
	rows, err := r.q.RoleList(ctx, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: list roles: %w", err)
	}
	out := make([]Role, len(rows))
	for i, x := range rows {
		out[i] = Role{x.ID, x.Name, x.Permissions, x.BuiltIn}
	}
	return out, nil
}

// CreateRole adds a role.
func (tx *Tx) CreateRole(ctx context.Context, role Role) error {
	err := tx.q.RoleInsert(ctx, sqlc.RoleInsertParams{TenantID: tx.tenant.UUID(), ID: ident.New(), Name: role.Name, Permissions: role.Permissions, BuiltIn: role.BuiltIn})
	if err != nil {
		return fmt.Errorf("store: create role %s: %w", role.Name, err)
	}
	return nil
}

// Assignments is what roles a user has, and where.
func (r *Reader) Assignments(ctx context.Context, user uuid.UUID) ([]Assignment, error) {
	rows, err := r.q.UserRoles(ctx, r.tenant.UUID(), user)
	if err != nil {
		return nil, fmt.Errorf("store: roles of user %s: %w", user, err)
	}
	out := make([]Assignment, len(rows))
	for i, a := range rows {
		out[i] = Assignment{a.Name, a.Scope, a.ScopeID}
	}
	return out, nil
}

// Assign replaces all roles of a user. Each must be known: look them up in Roles.
func (tx *Tx) Assign(ctx context.Context, user uuid.UUID, roles []Role) error {
	if err := tx.q.UserRoleClear(ctx, tx.tenant.UUID(), user); err != nil {
		return fmt.Errorf("store: clear the roles of user %s: %w", user, err)
	}
	for _, x := range roles {
		err := tx.q.UserRoleInsert(ctx, sqlc.UserRoleInsertParams{TenantID: tx.tenant.UUID(), UserID: user, RoleID: x.ID, Scope: "tenant"})
		if err != nil {
			return fmt.Errorf("store: give user %s the role %s: %w", user, x.Name, err)
		}
	}
	return nil
}
